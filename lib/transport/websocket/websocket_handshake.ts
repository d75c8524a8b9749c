import { createHash } from "node:crypto";
import type { ClientCertificate } from "../../base/client_certificate.ts";
import { isOrigin } from "../admission/origin.ts";
import type { UpgradeRequest } from "../connection.ts";
import {
  encodeHead,
  type HeaderList,
  type HttpAnswer,
} from "../http/http_answer.ts";
import {
  hasToken,
  headerItems,
  headerValues,
  type HeadLimits,
  type RequestHead,
} from "../http/http_head.ts";
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
  /** The sub-protocol of sessions that outlive their sockets, if it is spoken. */
  readonly lasting?: string | undefined;
}

/** A request that may be upgraded. */
export interface Upgrade {
  readonly kind: "upgrade";
  /** The request, for those who decide on the client. */
  readonly request: UpgradeRequest;
  /** `Sec-WebSocket-Key`, for {@linkcode encodeSwitch}. */
  readonly key: string;
  /** Our headers that say what was chosen of what the client offers. */
  readonly headers: HeaderList;
  /** What was agreed on compression. */
  readonly deflate: DeflateAgreement | undefined;
  /** The sub-protocols that it offers, if none of them is spoken. */
  readonly unmet: readonly string[];
  /** Whether its session may outlive its socket. */
  readonly isLasting: boolean;
}

/** What to do with a client that wants to speak WebSocket. */
export type Handshake =
  | Upgrade
  /** Say why not, then end. */
  | { readonly kind: "refused"; readonly answer: HttpAnswer };

/**
 * Judges a request to speak WebSocket. Pure: no I/O.
 *
 * @param head A GET request that names the upgrade.
 * @param rules What the listener asks of it.
 */
export function judgeUpgrade(
  head: RequestHead,
  rules: HandshakeRules,
  certificate?: ClientCertificate,
): Handshake {
  const answer = refuse(head) ?? refuseOrigin(head, rules.origins);
  if (answer !== undefined) return { kind: "refused", answer };
  const offers = readOffers(head);
  return "status" in offers
    ? { kind: "refused", answer: offers }
    : choose({ ...head, certificate }, offers, rules);
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
  headers: HeaderList = [],
): Uint8Array {
  return encodeHead("101 Switching Protocols", [
    ["Upgrade", "websocket"],
    ["Connection", "Upgrade"],
    ["Sec-WebSocket-Accept", acceptKey(key)],
    ...headers,
  ]);
}

/** Returns what proves that the server has read the key. */
export function acceptKey(key: string): string {
  return createHash("sha1").update(key + ACCEPT_GUID).digest("base64");
}

function choose(
  head: RequestHead & Pick<UpgradeRequest, "certificate">,
  offers: Offers,
  rules: HandshakeRules,
): Upgrade {
  const [key = ""] = headerValues(head, "sec-websocket-key");
  const { lasting } = rules;
  const isLasting = lasting !== undefined &&
    offers.subprotocols.includes(lasting);
  const subprotocol = isLasting ? lasting : offers.subprotocols
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
  const { target, headers: told, certificate } = head;
  const request = { target, headers: told, certificate };
  const unmet = subprotocol === undefined ? offers.subprotocols : [];
  return {
    kind: "upgrade",
    request,
    key,
    headers,
    deflate,
    unmet,
    isLasting,
  };
}

/** What a client would like, its favorites first. */
interface Offers {
  readonly subprotocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

/** Reads its lists; returns the refusal of lists that cannot be read. */
function readOffers(head: RequestHead): Offers | HttpAnswer {
  const subprotocols = headerItems(head, "sec-websocket-protocol")
    // Empty elements of a list are none (RFC 9110, section 5.6.1), as is an empty line.
    .filter((name) => name !== "");
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
): HttpAnswer | undefined {
  const [origin] = headerValues(head, "origin");
  if (origins.length === 0 || origin === undefined) return undefined;
  if (origins.some((allowed) => isOrigin(origin, allowed))) return undefined;
  return { status: 403, body: "403 pages of this origin may not connect\n" };
}

/** The rules of RFC 6455, section 4.2.1, in the order that helps a person most. */
function refuse(head: RequestHead): HttpAnswer | undefined {
  if (head.minorVersion < 1) return bad("an upgrade needs HTTP/1.1");
  if (!hasToken(head, "connection", "upgrade")) {
    return bad(
      'the Connection header must name "upgrade": does a proxy drop it?',
    );
  }
  if (hasBody(head)) return bad("an upgrade has no body");
  return refuseVersion(head) ?? refuseKey(head);
}

function refuseVersion(head: RequestHead): HttpAnswer | undefined {
  const versions = headerValues(head, "sec-websocket-version");
  if (versions.length === 1 && versions[0] === VERSION) return undefined;
  const status = versions.length === 1 ? 426 : 400;
  const headers: [string, string][] = [["Sec-WebSocket-Version", VERSION]];
  if (status === 426) headers.push(["Upgrade", "websocket"]);
  return {
    status,
    body:
      `${status} there must be one Sec-WebSocket-Version header, and it must say ${VERSION}\n`,
    headers,
  };
}

function refuseKey(head: RequestHead): HttpAnswer | undefined {
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

function bad(detail: string): HttpAnswer {
  return { status: 400, body: `400 ${detail}\n` };
}
