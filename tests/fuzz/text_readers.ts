import { Access } from "../../lib/admin/access.ts";
import { readJson } from "../../lib/admin/request_body.ts";
import {
  isLoopback,
  parseAddress,
  whyNotDialable,
} from "../../lib/base/address.ts";
import { canonicalIp } from "../../lib/base/ip_address.ts";
import { parseClientId } from "../../lib/wire/bodies/client_id.ts";
import { toClientRequest } from "../../lib/wire/bodies/client_request.ts";
import { decodeRegisterMessage } from "../../lib/roster/register_decoder.ts";

import { AddressSet } from "../../lib/base/address_set.ts";
import { clientAddress } from "../../lib/transport/admission/forwarded.ts";
import { readProxyHeader } from "../../lib/transport/admission/proxy_header.ts";
import { parseExtensions } from "../../lib/transport/websocket/deflate/websocket_extension.ts";
import type { HandshakeRules } from "../../lib/transport/websocket/websocket_handshake.ts";
import { bytes } from "../unit/transport/_feed.ts";
import { hearFirst } from "../unit/transport/_handshake.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

/** Whatever reads text of strangers, by what it reads. It may throw, but not take long. */
export type TextReaders = Readonly<Record<string, (text: string) => unknown>>;

const PEER = { hostname: "10.0.0.7", port: 1 };
const PROXIES = new AddressSet(["10.0.0.0/8", "fd00::/8"]);

const RULES: HandshakeRules = {
  head: { maxSize: 1_000_000, maxHeaders: 100 },
  subprotocols: ["chat"],
  origins: ["https://*.example.com", "https://example.org"],
  deflate: { contextTakeover: true, windowBits: 15 },
};

/** Headers of an upgrade request that are looked at. */
const LOOKED_AT = [
  ...["Host", "Upgrade", "Connection", "Origin", "Content-Length"],
  ...["Sec-WebSocket-Key", "Sec-WebSocket-Version", "Sec-WebSocket-Protocol"],
  ...["Sec-WebSocket-Extensions", "X-Any"],
];

function shakeHands(request: string): unknown {
  return hearFirst(bytes(request), RULES);
}

function withHeader(name: string, text: string): string {
  return UPGRADE_REQUEST.replace(
    /\r\n\r\n$/,
    () => `\r\n${name}: ${text}\r\n\r\n`,
  );
}

function forwarded(forwardedHeader: string, text: string): unknown {
  const headers = [[forwardedHeader, text]] as const;
  const rules = { trusted: PROXIES, forwardedHeader };
  return clientAddress({ target: "/", headers }, PEER, rules);
}

function readProxyText(text: string): unknown {
  const source = bytes(text);
  return readProxyHeader(source, 0, source.length);
}

function askAdmin(headers: HeadersInit): Request {
  return new Request("http://127.0.0.1/", { method: "POST", headers });
}

/** Every reader of a header, an address or a name that comes from somebody else. */
export const TEXT_READERS: TextReaders = {
  "a request line": (text) =>
    shakeHands(UPGRADE_REQUEST.replace("/room?id=7", () => `/${text}`)),
  "a method": (text) => shakeHands(text + UPGRADE_REQUEST),
  "a header's name": (text) => shakeHands(withHeader(text, "x")),
  ...Object.fromEntries(
    LOOKED_AT.map((name) => [
      `the header ${name}`,
      (text: string) => shakeHands(withHeader(name, text)),
    ]),
  ),
  "offers of extensions": parseExtensions,
  "an offer of compression": (text) =>
    parseExtensions(`permessage-deflate; ${text}`),
  "X-Forwarded-For": (text) => forwarded("x-forwarded-for", text),
  "Forwarded": (text) => forwarded("forwarded", text),
  "an element of Forwarded": (text) => forwarded("forwarded", `for=${text}`),
  "an IP address": canonicalIp,
  "cookies": (text) => toClientRequest("/", [["cookie", text]]),
  "a path": (text) => toClientRequest(`/${text}`, []),
  "a query": (text) => toClientRequest(`/?${text}`, []).query.get("x"),
  "a proxy's header": readProxyText,
  "a proxy's addresses": (text) => readProxyText(`PROXY TCP6 ${text}`),
  "an address": parseAddress,
  "an IPv6 address": (text) => parseAddress(`[${text}]:80`),
  "a range's address": (text) => PROXIES.has(text),
  "a host to dial": whyNotDialable,
  "a host that may be this one": isLoopback,
  "a client's id": parseClientId,
  "a line to a Register": decodeRegisterMessage,
  "a gateway's address": (address) =>
    decodeRegisterMessage(
      JSON.stringify({ event: "gateway_connect", address }),
    ),
  "an administrator's token": (text) =>
    new Access("secret", "127.0.0.1").refuse(
      askAdmin({ authorization: `Bearer ${text}` }),
      new URL("http://127.0.0.1/"),
    ),
  "the type of a body": (text) =>
    void readJson(askAdmin({ "content-type": `application/json${text}` })),
};
