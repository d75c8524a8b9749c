import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { type ClientDeflate, deflate } from "./deflated.ts";
import { frame, json, Op } from "./frames.ts";

const SIZES = [16, 256, 1_024, 8_192, 65_536];
const COUNT = 5;

/** What a client offers, and how it compresses then. */
const OFFERS: readonly [offer: string, deflate: ClientDeflate][] = [
  ["permessage-deflate", { keepsContext: true }],
  [
    "permessage-deflate; client_no_context_takeover; client_max_window_bits",
    { keepsContext: false },
  ],
  ["permessage-deflate; server_no_context_takeover", { keepsContext: true }],
  [
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    { keepsContext: false },
  ],
  [
    "permessage-deflate; client_max_window_bits=9",
    { keepsContext: true, windowBits: 9 },
  ],
  ["permessage-deflate; server_max_window_bits=9", { keepsContext: true }],
  [
    "permessage-deflate; server_max_window_bits=8; server_no_context_takeover",
    { keepsContext: true },
  ],
  [
    "permessage-deflate; server_max_window_bits=15; client_max_window_bits=15",
    { keepsContext: true },
  ],
  [
    "permessage-deflate; nonsense, permessage-deflate; client_no_context_takeover",
    { keepsContext: false },
  ],
];

/** Offers that must be declined, so that nothing is compressed. */
const DECLINED = [
  "permessage-deflate; nonsense",
  "permessage-deflate; server_no_context_takeover=1",
  "permessage-deflate; client_no_context_takeover=true",
  "permessage-deflate; server_max_window_bits",
  "permessage-deflate; server_max_window_bits=7",
  "permessage-deflate; server_max_window_bits=16",
  "permessage-deflate; client_max_window_bits=99",
  "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
  "x-webkit-deflate-frame",
  "permessage-bzip2",
];

function requestWith(offer: string): string {
  const header = `Sec-WebSocket-Extensions: ${offer}\r\n\r\n`;
  return UPGRADE_REQUEST.slice(0, -2) + header;
}

/** Offers, and what follows from each. */
export function* negotiation(): Generator<ConformanceCase> {
  for (const [group, [offer, how]] of OFFERS.entries()) {
    for (const [index, size] of SIZES.entries()) {
      const message = json(size);
      const messages = Array.from({ length: COUNT }, () => message);
      yield {
        id: `13.${group + 1}.${index + 1}`,
        section: "RFC 7692, 7.1",
        title: `"${offer}", ${COUNT} messages of ${size} bytes`,
        endpoint: "takeover",
        request: requestWith(offer),
        sends: deflate(Op.Text, messages, how),
        expects: messages.map(() => `deflated ${describe("text", message)}`),
      };
    }
  }
  for (const [index, offer] of DECLINED.entries()) {
    yield {
      id: `13.10.${index + 1}`,
      section: "RFC 7692, 5.1 and 7.1",
      title: `"${offer}", which is declined`,
      endpoint: "takeover",
      request: requestWith(offer),
      sends: [frame(Op.Text, "hello")],
      expects: ["text hello"],
    };
  }
}
