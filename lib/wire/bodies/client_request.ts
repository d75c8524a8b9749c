import { parseCookie } from "cookie";
import type { ClientCertificate } from "../../base/client_certificate.ts";

/** The upgrade request with which a WebSocket client came. */
export interface ClientRequest {
  /** Path without the query, such as `/room`. */
  readonly path: string;
  /** The query. */
  readonly query: URLSearchParams;
  /** The headers. */
  readonly headers: Headers;
  /**
   * The cookies, by name, percent-decoded where they can be; of equal names the first.
   * Raw bytes are read as UTF-8, as browsers send it.
   */
  readonly cookies: Readonly<Record<string, string | undefined>>;
  /**
   * The certificate that the client has shown; `undefined` where the gateway asks for
   * none (`clientCa`).
   */
  readonly certificate: ClientCertificate | undefined;
}

/**
 * Takes a request apart.
 *
 * @param target Path and query, as they came.
 * @param pairs Names and values of the headers; whatever is no pair is left out.
 * @param certificate What the client has shown.
 */
export function toClientRequest(
  target: string,
  pairs: readonly unknown[],
  certificate?: ClientCertificate,
): ClientRequest {
  const query = target.indexOf("?");
  const headers = new Headers();
  const cookies: string[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair)) continue;
    appendHeader(headers, pair);
    if (pair[0] === "cookie") cookies.push(fromUtf8(String(pair[1])));
  }
  return {
    path: query < 0 ? target : target.slice(0, query),
    query: new URLSearchParams(query < 0 ? "" : target.slice(query + 1)),
    headers,
    cookies: parseCookie(cookies.join("; ")),
    certificate,
  };
}

/** Reads a header as UTF-8 whose characters are its bytes; as it is if it is none. */
function fromUtf8(value: string): string {
  // deno-lint-ignore no-control-regex -- it says what is ASCII
  if (/^[\x00-\x7f]*$/.test(value) || /[^\x00-\xff]/.test(value)) return value;
  const bytes = Uint8Array.from(value, (byte) => byte.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(bytes);
  } catch {
    // Some other encoding, which only the program can know.
    return value;
  }
}

function appendHeader(headers: Headers, [name, value]: unknown[]): void {
  try {
    headers.append(String(name), String(value));
  } catch {
    // A value that `Headers` does not take, such as one with raw bytes, is left out.
  }
}
