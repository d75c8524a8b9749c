import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import type { ConformanceCase } from "./case.ts";

/** The usual request with one thing changed. */
function change(from: string | RegExp, to: string): string {
  return UPGRADE_REQUEST.replace(from, to);
}

const KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const VERSION = "Sec-WebSocket-Version: 13\r\n";

/** A title, a section of RFC 6455 if it is no other, a request, and its answer. */
const REQUESTS: readonly [string, string, string, number][] = [
  ["POST", "4.1 and 4.2.1", change("GET", "POST"), 405],
  ["HTTP/1.0", "4.2.1", change("HTTP/1.1", "HTTP/1.0"), 400],
  ["HTTP/2.0", "4.2.1", change("HTTP/1.1", "HTTP/2.0"), 505],
  ["no Host", "4.2.1", change("Host: a\r\n", ""), 400],
  ["two Hosts", "4.2.1", change("Host: a", "Host: a\r\nHost: b"), 400],
  ["no Upgrade", "4.2.1", change("Upgrade: websocket\r\n", ""), 426],
  [
    "another Upgrade",
    "4.2.1",
    change("Upgrade: websocket", "Upgrade: h2c"),
    426,
  ],
  ["no Connection", "4.2.1", change("Connection: Upgrade\r\n", ""), 400],
  [
    "Connection: keep-alive",
    "4.2.1",
    change("Connection: Upgrade", "Connection: keep-alive"),
    400,
  ],
  ["no key", "4.2.1", change(KEY, ""), 400],
  ["two keys", "4.2.1", change(KEY, KEY + KEY), 400],
  [
    "a key that is too short",
    "4.2.1",
    change("dGhlIHNhbXBsZSBub25jZQ==", "dGhl"),
    400,
  ],
  ["a key that is no base64", "4.2.1", change("dGhl", "dG!l"), 400],
  ["no version", "4.2.1", change(VERSION, ""), 400],
  ["version 8", "4.4", change("Version: 13", "Version: 8"), 426],
  ["version 14", "4.4", change("Version: 13", "Version: 14"), 426],
  ["version 1 3", "4.4", change("Version: 13", "Version: 1 3"), 426],
  [
    "a header without colon",
    "4.2.1; RFC 9112, 5",
    change("Host: a", "Host: a\r\nnonsense"),
    400,
  ],
  [
    "a folded header",
    "4.2.1; RFC 9112, 5.2",
    change("Host: a", "Host: a\r\n b"),
    400,
  ],
  [
    "a space before the colon",
    "4.2.1; RFC 9112, 5.1",
    change("Host:", "Host :"),
    400,
  ],
  [
    "a line that ends with LF alone",
    "4.2.1; RFC 9112, 2.2",
    change("Host: a\r\n", "Host: a\n"),
    400,
  ],
  ["a body", "4.2.1", change("Host: a", "Host: a\r\nContent-Length: 3"), 400],
  [
    "one hundred and one headers",
    "4.2.1; RFC 6585, 5",
    change("Host: a", `Host: a${"\r\nA: b".repeat(96)}`),
    431,
  ],
  [
    "more than 16 KiB",
    "4.2.1; RFC 6585, 5",
    change("Host: a", `Host: a\r\nA: ${"b".repeat(16_384)}`),
    431,
  ],
  [
    "sub-protocols that are none",
    "4.1",
    change("Host: a", "Host: a\r\nSec-WebSocket-Protocol: a b"),
    400,
  ],
  [
    "extensions that cannot be read",
    "9.1",
    change("Host: a", "Host: a\r\nSec-WebSocket-Extensions: a;;"),
    400,
  ],
];

const ACCEPTED: readonly [string, string, string][] = [
  ["the usual request", "4.2.1", UPGRADE_REQUEST],
  [
    "names in other cases",
    "4.2.1",
    change("Upgrade: websocket", "uPGRADE: WebSocket"),
  ],
  [
    "Connection: keep-alive, Upgrade",
    "4.2.1",
    change("Connection: Upgrade", "Connection: keep-alive, Upgrade"),
  ],
  ["headers nobody knows", "4.2.1", change("Host: a", "Host: a\r\nX-A: b")],
  [
    "one hundred headers",
    "4.2.1",
    change("Host: a", `Host: a${"\r\nA: b".repeat(95)}`),
  ],
  [
    "the absolute form",
    "4.1; RFC 9112, 3.2.2",
    change("/room", "http://a/room"),
  ],
  [
    "empty lines before it",
    "4.2.1; RFC 9112, 2.2",
    `\r\n\r\n${UPGRADE_REQUEST}`,
  ],
  [
    "a sub-protocol nobody speaks",
    "4.2.2",
    change("Host: a", "Host: a\r\nSec-WebSocket-Protocol: x"),
  ],
];

/** What a request must be to be upgraded. */
export function* handshakes(): Generator<ConformanceCase> {
  for (const [index, [title, section, request, status]] of REQUESTS.entries()) {
    yield {
      id: `0.1.${index + 1}`,
      section: `RFC 6455, ${section}`,
      title,
      request,
      sends: [],
      expects: [],
      ends: `status ${status}`,
    };
  }
  for (const [index, [title, section, request]] of ACCEPTED.entries()) {
    yield {
      id: `0.2.${index + 1}`,
      section: `RFC 6455, ${section}`,
      title,
      request,
      sends: [],
      expects: [],
    };
  }
}
