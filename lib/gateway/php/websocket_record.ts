import { serialize } from "../../php/serialize.ts";
import { arrayOf, type PhpArray, type PhpValue } from "../../php/php_value.ts";
import type { UpgradeRequest } from "../../transport/connection.ts";
import { parseQuery } from "./query_string.ts";

/** Where a client came from, and to. */
export interface ClientEnds {
  /** Its address, IPv6 in brackets. */
  readonly remoteAddress: string;
  /** Its port. */
  readonly remotePort: number;
  /** The port that it came to. */
  readonly serverPort: number;
}

/** Writes what the original tells of a WebSocket client's upgrade request. */
export function webSocketRecord(
  { target, headers }: UpgradeRequest,
  ends: ClientEnds,
): Uint8Array<ArrayBuffer> {
  const [, query = ""] = /\?([^#]*)/.exec(target) ?? [];
  const joined = joinedHeaders(headers);
  return serialize(arrayOf({
    get: parseQuery(query),
    server: arrayOf({
      QUERY_STRING: query,
      REQUEST_METHOD: "GET",
      REQUEST_URI: target,
      SERVER_PROTOCOL: "HTTP/1.1",
      SERVER_NAME: joined.get("host") ?? "",
      CONTENT_TYPE: joined.get("content-type") ?? null,
      REMOTE_ADDR: ends.remoteAddress,
      REMOTE_PORT: ends.remotePort,
      SERVER_PORT: ends.serverPort,
      ...Object.fromEntries(Array.from(joined, toVariable)),
    }),
    cookie: parseCookies(joined.get("cookie") ?? ""),
  }));
}

/** Headers of one name count as one. */
function joinedHeaders(
  headers: UpgradeRequest["headers"],
): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return joined;
}

function toVariable([name, value]: [string, string]): [string, PhpValue] {
  return [`HTTP_${name.toUpperCase().replaceAll("-", "_")}`, value];
}

/** Values stay as they came; what has no `=` is left out. */
function parseCookies(header: string): PhpArray {
  const cookies: PhpArray = new Map();
  for (const pair of header.split(";")) {
    const at = pair.indexOf("=");
    if (at === -1) continue;
    cookies.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return cookies;
}
