import { assertEquals } from "@std/assert";
import {
  agreeOnDeflate,
  type DeflateWish,
  parseExtensions,
} from "../../../../../lib/transport/websocket/deflate/websocket_extension.ts";

const ALL: DeflateWish = { contextTakeover: true, windowBits: 15 };

function answerTo(offers: string, wish: Partial<DeflateWish> = {}) {
  return agreeOnDeflate(parseExtensions(offers) ?? [], { ...ALL, ...wish })
    ?.answer;
}

Deno.test("parseExtensions() reads names, parameters and quoted values (RFC 6455, 9.1)", () => {
  assertEquals(parseExtensions('a; b=1; c="x \\"y\\"" ,  d ;e'), [
    { name: "a", parameters: [["b", "1"], ["c", 'x "y"']] },
    { name: "d", parameters: [["e", ""]] },
  ]);
  assertEquals(parseExtensions(""), []);
});

Deno.test("parseExtensions() leaves out empty elements (RFC 9110, 5.6.1)", () => {
  assertEquals(parseExtensions(" , ,"), []);
  assertEquals(parseExtensions(",a, ,b;c=1,"), [
    { name: "a", parameters: [] },
    { name: "b", parameters: [["c", "1"]] },
  ]);
});

for (
  const wrong of ["a b", "a;", "a,;", ";,a", "a; =1", 'a; b="1', "a=1", ";"]
) {
  Deno.test(`parseExtensions() does not read "${wrong}"`, () => {
    assertEquals(parseExtensions(wrong), undefined);
  });
}

for (
  const [offer, answer] of [
    ["permessage-deflate", "permessage-deflate"],
    [
      "permessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover",
    ],
    [
      "permessage-deflate; client_no_context_takeover",
      "permessage-deflate; client_no_context_takeover",
    ],
    [
      "permessage-deflate; server_max_window_bits=10",
      "permessage-deflate; server_max_window_bits=10",
    ],
    [
      'permessage-deflate; server_max_window_bits="8"',
      "permessage-deflate; server_max_window_bits=8",
    ],
    ["permessage-deflate; client_max_window_bits", "permessage-deflate"],
    [
      "permessage-deflate; client_max_window_bits=9",
      "permessage-deflate; client_max_window_bits=9",
    ],
    ["x-other, permessage-deflate", "permessage-deflate"],
    // An offer that must be declined, and one to fall back on (RFC 7692, 5.1).
    [
      "permessage-deflate; unknown, permessage-deflate; server_no_context_takeover",
      "permessage-deflate; server_no_context_takeover",
    ],
    ["permessage-deflate; unknown", undefined],
    ["permessage-deflate; server_no_context_takeover=1", undefined],
    ["permessage-deflate; client_no_context_takeover=x", undefined],
    ["permessage-deflate; server_max_window_bits", undefined],
    ["permessage-deflate; server_max_window_bits=7", undefined],
    ["permessage-deflate; server_max_window_bits=16", undefined],
    ["permessage-deflate; server_max_window_bits=08", undefined],
    ["permessage-deflate; client_max_window_bits=16", undefined],
    [
      "permessage-deflate; client_max_window_bits; client_max_window_bits",
      undefined,
    ],
    ["x-webkit-deflate-frame", undefined],
  ] as const
) {
  Deno.test(`agreeOnDeflate() answers "${offer}" with ${answer ?? "nothing"} (RFC 7692, 7.1)`, () => {
    assertEquals(answerTo(offer), answer);
  });
}

Deno.test("agreeOnDeflate() says that no context is kept if none is to be", () => {
  assertEquals(
    answerTo("permessage-deflate", { contextTakeover: false }),
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  );
});

Deno.test("agreeOnDeflate() asks for a smaller window only of who can be asked (RFC 7692, 7.1.2.2)", () => {
  const wish = { windowBits: 11 };

  assertEquals(
    answerTo("permessage-deflate", wish),
    "permessage-deflate; server_max_window_bits=11",
  );
  assertEquals(
    answerTo("permessage-deflate; client_max_window_bits", wish),
    "permessage-deflate; server_max_window_bits=11; client_max_window_bits=11",
  );
  assertEquals(
    answerTo("permessage-deflate; server_max_window_bits=9", wish),
    "permessage-deflate; server_max_window_bits=9",
  );
});

/** What an offer may say, each of it once or not at all. */
const PARAMETERS = [
  ["", "; server_no_context_takeover"],
  ["", "; client_no_context_takeover"],
  ["", "; server_max_window_bits=9", "; server_max_window_bits=15"],
  ["", "; client_max_window_bits", "; client_max_window_bits=10"],
] as const;

Deno.test("agreeOnDeflate() answers nothing that a client did not offer, but for what a server may ask for (RFC 7692, 7.1)", () => {
  const offers = PARAMETERS.reduce<string[]>(
    (begun, ways) => begun.flatMap((head) => ways.map((way) => head + way)),
    ["permessage-deflate"],
  );
  for (const offer of offers) {
    for (const contextTakeover of [true, false]) {
      for (const windowBits of [8, 11, 15]) {
        const answer = answerTo(offer, { contextTakeover, windowBits }) ?? "";
        const names = answer.split("; ").map((it) => it.replace(/=.*/, ""));
        const added = names.filter((name) => !offer.includes(name));
        const allowed = [
          ...contextTakeover
            ? []
            : ["server_no_context_takeover", "client_no_context_takeover"],
          ...windowBits < 15 ? ["server_max_window_bits"] : [],
        ];
        for (const name of added) {
          assertEquals(allowed.includes(name), true, `${offer}: ${answer}`);
        }
      }
    }
  }
});
