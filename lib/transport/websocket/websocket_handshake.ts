import { createHash } from "node:crypto";
import { STATUS_CODES } from "node:http";
import { isOrigin } from "../admission/origin.ts";
import type { UpgradeRequest } from "../connection.ts";
import {
  hasToken,
  headerValues,
  type HeadLimits,
  type HeadReader,
  type RequestHead,
} from "./http_head.ts";
import { isToken } from "../list_reader.ts";
import {
  agreeOnDeflate,
  type DeflateAgreement,
  type DeflateWish,
  type ExtensionOffer,
  parseExtensions,
} from "./deflate/websocket_extension.ts";

/** RFC 6455, section 1.3: proves that the answer is to a WebSocket handshake. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The one version there is (RFC 6455, section 4.1). */
const VERSION = "13";

/** Base64 of sixteen bytes. */
const KEY = /^[A-Za-z0-9+/]{22}==$/;

const PLAIN_TEXT = ["Content-Type", "text/plain; charset=utf-8"] as const;

/** What a listener asks of a handshake. */
export interface HandshakeRules {
  /** How much of a request is read. */
  readonly head: HeadLimits;
  /** Sub-protocols that are spoken; empty to leave them alone. */
  readonly subprotocols: readonly string[];
  /**
   * Pages that browsers may connect from, such as `https://example.com` or
   * `https://*.example.com`; empty for all. Who sends no `Origin` is no browser.
   */
  readonly origins: readonly string[];
  /** What to agree to on compression; `undefined` for none. */
  readonly deflate: DeflateWish | undefined;
}

/** What to do with what a client has sent so far. */
export type Handshake =
  | { readonly kind: "incomplete" }
  /** Send `answer`, then end. */
  | { readonly kind: "answered"; readonly answer: Uint8Array }
  | {
    readonly kind: "upgrade";
    readonly request: UpgradeRequest;
    /** `Sec-WebSocket-Key`, for {@linkcode encodeSwitch}. */
    readonly key: string;
    /** Our headers that say what was chosen of what the client offers. */
    readonly headers: readonly (readonly [name: string, value: string])[];
    /** What was agreed on compression. */
    readonly deflate: DeflateAgreement | undefined;
    /** Bytes that the request took; frames follow. */
    readonly size: number;
    /** Bytes of frames that have come with it. */
    readonly behind: number;
  };

/**
 * Reads a client's request and judges it. Pure: no I/O.
 *
 * @param reader Remembers what was looked at before.
 * @param bytes All that the client has sent so far.
 * @param rules What the listener asks of it.
 * @returns Whether to wait, to answer and end, or to upgrade.
 */
export function readHandshake(
  reader: HeadReader,
  bytes: Uint8Array,
  rules: HandshakeRules,
): Handshake {
  const result = reader.read(bytes, 0, bytes.length);
  switch (result.kind) {
    case "incomplete":
      return result;
    case "malformed":
      return answered(result.status, result.detail);
    case "head":
      return judge(result.head, rules, {
        size: result.size,
        behind: bytes.length - result.size,
      });
  }
}

/**
 * Writes the answer that ends the handshake.
 *
 * @param key The request's `Sec-WebSocket-Key`.
 * @param headers Further headers: a chosen sub-protocol, agreed extensions.
 * @returns The bytes to send before the first frame.
 */
export function encodeSwitch(
  key: string,
  headers: readonly (readonly [name: string, value: string])[] = [],
): Uint8Array {
  return encodeHead("101 Switching Protocols", [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
    ...headers,
  ], "");
}

/** Returns what proves that the server has read the key. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
}

/**
 * Writes a whole HTTP answer with a text body, after which the connection ends.
 *
 * @param status What to say.
 * @param body Said in the body.
 * @param headers Further headers; without a type among them the body is plain text.
 * @returns The bytes of the answer.
 */
export function encodeAnswer(
  status: number,
  body: string,
  headers: readonly (readonly [name: string, value: string])[] = [],
): Uint8Array {
  const { length } = new TextEncoder().encode(body);
  const isTyped = headers.some(([name]) => /^content-type$/i.test(name));
  return encodeHead(`${status} ${STATUS_CODES[status] ?? "Refused"}`, [
    ...isTyped ? [] : [PLAIN_TEXT],
    ["Content-Length", String(length)],
    ["Connection", status === 426 ? "Upgrade, close" : "close"],
    ...headers,
  ], body);
}

function judge(
  head: RequestHead,
  rules: HandshakeRules,
  place: { size: number; behind: number },
): Handshake {
  const refusal = refuse(head) ?? refuseOrigin(head, rules.origins);
  if (refusal !== undefined) {
    return { kind: "answered", answer: refusal };
  }
  const offers = readOffers(head);
  if (offers instanceof Uint8Array) {
    return { kind: "answered", answer: offers };
  }
  const [key = ""] = headerValues(head, "sec-websocket-key");
  const subprotocol = offers.subprotocols
    .find((offered) => rules.subprotocols.includes(offered));
  const deflate = rules.deflate === undefined
    ? undefined
    : agreeOnDeflate(offers.extensions, rules.deflate);
  const headers: [string, string][] = [];
  if (subprotocol !== undefined) {
    headers.push(["Sec-WebSocket-Protocol", subprotocol]);
  }
  if (deflate !== undefined) {
    headers.push(["Sec-WebSocket-Extensions", deflate.answer]);
  }
  const request = { target: head.target, headers: head.headers };
  return { kind: "upgrade", request, key, headers, deflate, ...place };
}

/** What a client would like, its favorites first. */
interface Offers {
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

/** Reads its lists; returns the refusal of lists that cannot be read. */
function readOffers(head: RequestHead): Offers | Uint8Array {
  const subprotocols = headerValues(head, "sec-websocket-protocol")
    .flatMap((value) => value.split(",").map((name) => name.trim()));
  // A sub-protocol is a token, and named once (RFC 6455, section 4.1).
  const areDifferent = new Set(subprotocols).size === subprotocols.length;
  if (!areDifferent || !subprotocols.every(isToken)) {
    return bad("Sec-WebSocket-Protocol must be a list of different names");
  }
  const extensions = parseExtensions(
    headerValues(head, "sec-websocket-extensions").join(", "),
  );
  return extensions === undefined
    ? bad("Sec-WebSocket-Extensions cannot be read")
    : { subprotocols, extensions };
}

/** Browsers say which page they connect from (RFC 6455, section 10.2). */
function refuseOrigin(
  head: RequestHead,
  origins: readonly string[],
): Uint8Array | undefined {
  const [origin] = headerValues(head, "origin");
  if (origins.length === 0 || origin === undefined) return undefined;
  if (origins.some((allowed) => isOrigin(origin, allowed))) return undefined;
  return encodeAnswer(403, "403 pages of this origin may not connect\n");
}

/** The rules of RFC 6455, section 4.2.1, in the order that helps a person most. */
function refuse(head: RequestHead): Uint8Array | undefined {
  if (head.method !== "GET") return refuseMethod(head);
  if (head.minorVersion > 0 && headerValues(head, "host").length !== 1) {
    return bad("there must be one Host header");
  }
  if (!hasToken(head, "upgrade", "websocket")) return answerPlain(head);
  if (head.minorVersion < 1) return bad("an upgrade needs HTTP/1.1");
  if (!hasToken(head, "connection", "upgrade")) {
    return bad(
      'the Connection header must name "upgrade": does a proxy drop it?',
    );
  }
  if (hasBody(head)) return bad("an upgrade has no body");
  return refuseVersion(head) ?? refuseKey(head);
}

function refuseMethod(head: RequestHead): Uint8Array {
  const body = head.method === "HEAD" ? "" : "405 only GET is answered here\n";
  return encodeAnswer(405, body, [["Allow", "GET"]]);
}

/** A request by somebody who speaks HTTP and no WebSocket. */
function answerPlain(head: RequestHead): Uint8Array {
  if (/^\/healthz(\?|$)/.test(head.target)) return encodeAnswer(200, "ok");
  return encodeAnswer(
    426,
    "426 this port speaks WebSocket: connect to it with a ws:// or wss:// address\n",
    [["Upgrade", "websocket"], ["Sec-WebSocket-Version", VERSION]],
  );
}

function refuseVersion(head: RequestHead): Uint8Array | undefined {
  const versions = headerValues(head, "sec-websocket-version");
  if (versions.length === 1 && versions[0] === VERSION) return undefined;
  const status = versions.length === 1 ? 426 : 400;
  const headers: [string, string][] = [["Sec-WebSocket-Version", VERSION]];
  if (status === 426) headers.push(["Upgrade", "websocket"]);
  return encodeAnswer(
    status,
    `${status} there must be one Sec-WebSocket-Version header, and it must say ${VERSION}\n`,
    headers,
  );
}

function refuseKey(head: RequestHead): Uint8Array | undefined {
  const keys = headerValues(head, "sec-websocket-key");
  if (keys.length === 1 && KEY.test(keys[0] ?? "")) return undefined;
  return bad(
    "there must be one Sec-WebSocket-Key header, and it must be base64 of 16 bytes",
  );
}

function hasBody(head: RequestHead): boolean {
  return headerValues(head, "transfer-encoding").length > 0 ||
    headerValues(head, "content-length").some((length) => length !== "0");
}

function answered(status: number, detail: string): Handshake {
  return {
    kind: "answered",
    answer: encodeAnswer(status, `${status} ${detail}\n`),
  };
}

function bad(detail: string): Uint8Array {
  return encodeAnswer(400, `400 ${detail}\n`);
}

function encodeHead(
  status: string,
  headers: readonly (readonly [name: string, value: string])[],
  body: string,
): Uint8Array {
  // A line break in a value would begin another header, of whoever chose the value.
  const lines = headers.map(([name, value]) =>
    `${name}: ${value.replaceAll(/[\r\n]+/g, " ")}\r\n`
  );
  return new TextEncoder().encode(
    `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`,
  );
}
