import { parseCookie } from "cookie";

/** The upgrade request with which a WebSocket client came. */
export interface ClientRequest {
  /** Path without the query, such as `/room`. */
  readonly path: string;
  /** The query. */
  readonly query: URLSearchParams;
  /** The headers. */
  readonly headers: Headers;
  /** The cookies, by name, percent-decoded where they can be; of equal names the first. */
  readonly cookies: Readonly<Record<string, string | undefined>>;
}

/**
 * Takes a request apart.
 *
 * @param target Path and query, as they came.
 * @param pairs Names and values of the headers; whatever is no pair is left out.
 */
export function toClientRequest(
  target: string,
  pairs: readonly unknown[],
): ClientRequest {
  const query = target.indexOf("?");
  const headers = new Headers();
  const cookies: string[] = [];
  for (const pair of pairs) {
    if (!Array.isArray(pair)) continue;
    appendHeader(headers, pair);
    if (pair[0] === "cookie") cookies.push(String(pair[1]));
  }
  return {
    path: query < 0 ? target : target.slice(0, query),
    query: new URLSearchParams(query < 0 ? "" : target.slice(query + 1)),
    headers,
    cookies: parseCookie(cookies.join("; ")),
  };
}

function appendHeader(headers: Headers, [name, value]: unknown[]): void {
  try {
    headers.append(String(name), String(value));
  } catch {
    // A value that `Headers` does not take, such as one with raw bytes, is left out.
  }
}
