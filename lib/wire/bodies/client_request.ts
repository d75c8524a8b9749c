/** The upgrade request with which a WebSocket client came. */
export interface ClientRequest {
  /** Path without the query, such as `/room`. */
  readonly path: string;
  /** The query. */
  readonly query: URLSearchParams;
  /** The headers. */
  readonly headers: Headers;
  /** The cookies, by name, percent-decoded where they can be. */
  readonly cookies: Readonly<Record<string, string>>;
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
  for (const pair of pairs) {
    if (Array.isArray(pair)) appendHeader(headers, pair);
  }
  return {
    path: query < 0 ? target : target.slice(0, query),
    query: new URLSearchParams(query < 0 ? "" : target.slice(query + 1)),
    headers,
    cookies: parseCookies(headers.get("cookie") ?? ""),
  };
}

function appendHeader(headers: Headers, [name, value]: unknown[]): void {
  try {
    headers.append(String(name), String(value));
  } catch {
    // A value that `Headers` does not take, such as one with raw bytes, is left out.
  }
}

function parseCookies(header: string): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of header.split(/[;,]\s*/)) {
    const equals = pair.indexOf("=");
    if (equals < 1) continue;
    const value = pair.slice(equals + 1).trim().replace(/^"(.*)"$/, "$1");
    cookies[pair.slice(0, equals).trim()] = decodeCookie(value);
  }
  return cookies;
}

function decodeCookie(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    // Not percent-encoded: it is what it says.
    return value;
  }
}
