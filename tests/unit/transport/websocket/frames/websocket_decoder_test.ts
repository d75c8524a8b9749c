import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { WebSocketDecoder } from "../../../../../lib/transport/websocket/frames/websocket_decoder.ts";
import {
  bytes,
  chunked,
  clientFrame,
  concat,
  feed,
  FrameLog,
  framesSay,
  text,
} from "../../_feed.ts";

const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;

Deno.test("1 framing: a text message in one frame arrives (RFC 6455, 5.6)", () => {
  assertEquals(framesSay(clientFrame(TEXT, "hello")), ["text hello"]);
});

Deno.test("1 framing: an empty text message arrives (RFC 6455, 5.6)", () => {
  assertEquals(framesSay(clientFrame(TEXT, "")), ["text "]);
});

Deno.test("1 framing: a binary message says that it is binary (RFC 6455, 5.6)", () => {
  const frame = clientFrame(BINARY, Uint8Array.of(0, 255, 128));

  assertEquals(framesSay(frame), ["binary 0,255,128"]);
});

for (const length of [125, 126, 127, 128, 300]) {
  Deno.test(`1 framing: a message of ${length} bytes arrives (RFC 6455, 5.2)`, () => {
    const message = "x".repeat(length);

    assertEquals(framesSay(clientFrame(TEXT, message)), [`text ${message}`]);
  });
}

for (const length of [65_535, 65_536, 100_000]) {
  Deno.test(`1 framing: a message of ${length} bytes arrives in chunks of 997 (RFC 6455, 5.2)`, () => {
    const log = new FrameLog();
    const message = "x".repeat(length);
    const decoder = new WebSocketDecoder(log, 100_000);

    feed(decoder, chunked(clientFrame(TEXT, message), 997));

    assertEquals(log.lines, [`text ${message}`]);
  });
}

Deno.test("1 framing: several messages of one read arrive in order (RFC 6455, 5.2)", () => {
  const frames = concat(
    clientFrame(TEXT, "a"),
    clientFrame(BINARY, bytes("b")),
    clientFrame(TEXT, "c"),
  );

  assertEquals(framesSay(frames), ["text a", "binary 98", "text c"]);
});

Deno.test("1 framing: an unmasked frame is a fault (RFC 6455, 5.1)", () => {
  const frame = clientFrame(TEXT, "hello", { key: null });

  assertEquals(framesSay(frame), ["fault 1002"]);
});

Deno.test("1 framing: nothing is decoded after a fault (RFC 6455, 7.1.7)", () => {
  const frames = concat(
    clientFrame(TEXT, "a"),
    clientFrame(TEXT, "b", { key: null }),
    clientFrame(TEXT, "c"),
  );

  assertEquals(framesSay(frames), ["text a", "fault 1002"]);
});

Deno.test("2 pings: a ping is told with its payload (RFC 6455, 5.5.2)", () => {
  assertEquals(framesSay(clientFrame(PING, "are you there")), [
    "ping are you there",
  ]);
});

Deno.test("2 pings: a ping may carry 125 bytes, not 126 (RFC 6455, 5.5)", () => {
  const payload = "p".repeat(125);

  assertEquals(framesSay(clientFrame(PING, payload)), [`ping ${payload}`]);
  assertEquals(framesSay(clientFrame(PING, payload + "p")), ["fault 1002"]);
});

Deno.test("2 pongs: an unasked pong is no fault (RFC 6455, 5.5.3)", () => {
  assertEquals(framesSay(clientFrame(PONG, "x")), ["pong"]);
});

for (const reserved of [1, 2, 3, 4, 5, 6, 7]) {
  for (const opcode of [TEXT, CLOSE, PING]) {
    Deno.test(`3 reserved bits ${reserved} on opcode ${opcode} are a fault (RFC 6455, 5.2)`, () => {
      const frame = clientFrame(opcode, "", { reserved });

      assertEquals(framesSay(frame), ["fault 1002"]);
    });
  }
}

for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  Deno.test(`4 opcodes: ${opcode} is a fault (RFC 6455, 5.2)`, () => {
    assertEquals(framesSay(clientFrame(opcode, "x")), ["fault 1002"]);
  });
}

Deno.test("5 fragmentation: fragments are joined (RFC 6455, 5.4)", () => {
  const frames = concat(
    clientFrame(TEXT, "hel", { fin: false }),
    clientFrame(0, "", { fin: false }),
    clientFrame(0, "lo"),
    clientFrame(TEXT, "next"),
  );

  assertEquals(framesSay(frames), ["text hello", "text next"]);
});

Deno.test("5 fragmentation: a message of empty fragments is empty (RFC 6455, 5.4)", () => {
  const frames = concat(
    clientFrame(BINARY, "", { fin: false }),
    clientFrame(0, ""),
  );

  assertEquals(framesSay(frames), ["binary "]);
});

Deno.test("5 fragmentation: control frames may come between fragments (RFC 6455, 5.4)", () => {
  const frames = concat(
    clientFrame(TEXT, "hel", { fin: false }),
    clientFrame(PING, "?"),
    clientFrame(PONG, ""),
    clientFrame(0, "lo"),
  );

  assertEquals(framesSay(frames), ["ping ?", "pong", "text hello"]);
});

for (const opcode of [CLOSE, PING, PONG]) {
  Deno.test(`5 fragmentation: opcode ${opcode} must not be fragmented (RFC 6455, 5.5)`, () => {
    const frame = clientFrame(opcode, "", { fin: false });

    assertEquals(framesSay(frame), ["fault 1002"]);
  });
}

for (const fin of [true, false]) {
  Deno.test(`5 fragmentation: there must be something to continue, fin ${fin} (RFC 6455, 5.4)`, () => {
    assertEquals(framesSay(clientFrame(0, "x", { fin })), ["fault 1002"]);
  });

  Deno.test(`5 fragmentation: no message inside another, fin ${fin} (RFC 6455, 5.4)`, () => {
    const frames = concat(
      clientFrame(TEXT, "a", { fin: false }),
      clientFrame(TEXT, "b", { fin }),
    );

    assertEquals(framesSay(frames), ["fault 1002"]);
  });
}

Deno.test("6 UTF-8: text of all lengths of characters arrives (RFC 6455, 5.6)", () => {
  const message = "κόσμε – \u{10FFFF}\u0000\u{FEFF}é𝄞";

  assertEquals(framesSay(clientFrame(TEXT, message)), [`text ${message}`]);
});

Deno.test("6 UTF-8: a character may be cut by a fragment (RFC 6455, 5.6)", () => {
  const payload = bytes("a𝄞z");

  for (let cut = 0; cut <= payload.length; cut++) {
    const frames = concat(
      clientFrame(TEXT, payload.slice(0, cut), { fin: false }),
      clientFrame(PING, ""),
      clientFrame(0, payload.slice(cut)),
    );
    assertEquals(framesSay(frames), ["ping ", "text a𝄞z"]);
  }
});

const NOT_UTF8: Record<string, number[]> = {
  "a lone continuation byte": [0x61, 0x80],
  "an overlong slash": [0xc0, 0xaf],
  "an overlong form of three bytes": [0xe0, 0x80, 0xaf],
  "a surrogate": [0xed, 0xa0, 0x80],
  "a character past U+10FFFF": [0xf4, 0x90, 0x80, 0x80],
  "a byte that never occurs": [0xff],
  "a character cut at the end": [0x61, 0xe2, 0x82],
};

for (const [what, payload] of Object.entries(NOT_UTF8)) {
  Deno.test(`6 UTF-8: ${what} is a fault with 1007 (RFC 6455, 8.1)`, () => {
    const frame = clientFrame(TEXT, Uint8Array.from(payload));

    assertEquals(framesSay(frame), ["fault 1007"]);
  });

  Deno.test(`6 UTF-8: ${what} may be in a binary message (RFC 6455, 5.6)`, () => {
    const frame = clientFrame(BINARY, Uint8Array.from(payload));

    assertEquals(framesSay(frame), [`binary ${payload}`]);
  });
}

Deno.test("6 UTF-8: an invalid fragment fails before the message is whole (RFC 6455, 8.1)", () => {
  const log = new FrameLog();
  const frame = clientFrame(TEXT, Uint8Array.of(0x61, 0xff), { fin: false });

  feed(new WebSocketDecoder(log, 100), [frame]);

  assertEquals(log.lines, ["fault 1007"]);
});

Deno.test("6 UTF-8: an invalid byte fails before its frame is whole (RFC 6455, 8.1)", () => {
  const log = new FrameLog();
  const frame = clientFrame(TEXT, Uint8Array.of(0x61, 0xff), {
    announced: 900,
  });

  feed(new WebSocketDecoder(log, 1_000), [frame]);

  assertEquals(log.lines, ["fault 1007"]);
});

Deno.test("7 close: a code and a reason are told (RFC 6455, 5.5.1)", () => {
  const frame = clientFrame(
    CLOSE,
    concat(Uint8Array.of(3, 232), bytes("bye é")),
  );

  assertEquals(framesSay(frame), ["close 1000 bye é"]);
});

Deno.test("7 close: a close without a code is 1005 (RFC 6455, 7.1.5)", () => {
  assertEquals(framesSay(clientFrame(CLOSE, "")), ["close 1005 "]);
});

Deno.test("7 close: nothing is decoded after it (RFC 6455, 5.5.1)", () => {
  const frames = concat(clientFrame(CLOSE, ""), clientFrame(TEXT, "late"));

  assertEquals(framesSay(frames), ["close 1005 "]);
});

Deno.test("7 close: half a code is a fault (RFC 6455, 5.5.1)", () => {
  assertEquals(framesSay(clientFrame(CLOSE, Uint8Array.of(3))), ["fault 1002"]);
});

Deno.test("7 close: a reason that is not UTF-8 is a fault (RFC 6455, 5.5.1)", () => {
  const frame = clientFrame(CLOSE, Uint8Array.of(3, 232, 0xff));

  assertEquals(framesSay(frame), ["fault 1007"]);
});

const VALID_CODES = [1000, 1003, 1007, 1011, 1014, 3000, 3999, 4000, 4999];
const INVALID_CODES = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535];

for (const code of VALID_CODES) {
  Deno.test(`7 close: ${code} may be sent (RFC 6455, 7.4)`, () => {
    const frame = clientFrame(CLOSE, Uint8Array.of(code >> 8, code));

    assertEquals(framesSay(frame), [`close ${code} `]);
  });
}

for (const code of INVALID_CODES) {
  Deno.test(`7 close: ${code} must not be sent (RFC 6455, 7.4)`, () => {
    const frame = clientFrame(CLOSE, Uint8Array.of(code >> 8, code));

    assertEquals(framesSay(frame), ["fault 1002"]);
  });
}

Deno.test("9 limits: a message at the limit arrives, one past it is 1009 (RFC 6455, 7.4.1)", () => {
  const message = "x".repeat(200);

  assertEquals(framesSay(clientFrame(TEXT, message), 200), [`text ${message}`]);
  assertEquals(framesSay(clientFrame(TEXT, message), 199), ["fault 1009"]);
});

Deno.test("9 limits: fragments at the limit arrive, one past it is 1009 (RFC 6455, 10.4)", () => {
  const frames = concat(
    clientFrame(TEXT, "x".repeat(8), { fin: false }),
    clientFrame(0, "yy"),
  );

  assertEquals(framesSay(frames, 10), ["text xxxxxxxxyy"]);
  assertEquals(framesSay(frames, 9), ["fault 1009"]);
});

Deno.test("9 limits: a size past the limit fails at the header (RFC 6455, 10.4)", () => {
  const log = new FrameLog();
  const header = clientFrame(TEXT, "", { announced: 1_001 }).slice(0, 4);

  feed(new WebSocketDecoder(log, 1_000), [header]);

  assertEquals(log.lines, ["fault 1009"]);
});

const BAD_LENGTHS = [
  { announced: 125, form: 2 },
  { announced: 0, form: 2 },
  { announced: 65_535, form: 8 },
  { announced: 2 ** 63, form: 8 },
] as const;

for (const length of BAD_LENGTHS) {
  Deno.test(`9 limits: ${length.announced} in ${length.form} bytes is a fault (RFC 6455, 5.2)`, () => {
    const frame = clientFrame(BINARY, "", length);

    assertEquals(framesSay(frame, Infinity), ["fault 1002"]);
  });
}

Deno.test("9 limits: the largest length there is fails with 1009 (RFC 6455, 5.2)", () => {
  const frame = clientFrame(BINARY, "", { announced: 2 ** 62 });

  assertEquals(framesSay(frame), ["fault 1009"]);
});

Deno.test("WebSocketDecoder.wanted tells how large the first frame will be", () => {
  const decoder = new WebSocketDecoder(new FrameLog(), 100_000);
  const frame = clientFrame(TEXT, "x".repeat(70_000));

  decoder.decode(frame.slice(0, 10), 0, 10);

  assertEquals(decoder.wanted, frame.length);
});

Deno.test("WebSocketDecoder.decode() stops when its listener says so", () => {
  const log = new FrameLog();
  const decoder: WebSocketDecoder = new WebSocketDecoder({
    onMessage: () => decoder.stop(),
    onPing: () => log.lines.push("ping"),
    onPong: () => {},
    onFragment: () => {},
    onPeerClose: () => {},
    onFault: () => {},
  }, 100);
  const frames = concat(clientFrame(TEXT, "a"), clientFrame(PING, ""));

  assertEquals(decoder.decode(frames, 0, frames.length), frames.length);
  assertEquals(log.lines, []);
});

Deno.test("WebSocketDecoder keeps memory to the limit under endless empty fragments", () => {
  const log = new FrameLog();
  const decoder = new WebSocketDecoder(log, 100);
  const before = Deno.memoryUsage().external;
  const frame = clientFrame(0, "", { fin: false });

  feed(decoder, [clientFrame(TEXT, "", { fin: false })]);
  for (let i = 0; i < 10_000; i++) {
    decoder.decode(frame.slice(), 0, frame.length);
  }

  assertEquals(log.lines, []);
  assertLess(Deno.memoryUsage().external - before, 10_000_000);
});

/** One message of a random client: its kind, its text, and where it is cut. */
const message = fc.record({
  isBinary: fc.boolean(),
  body: fc.string({ unit: "binary", maxLength: 300 }),
  cuts: fc.array(fc.nat(300), { maxLength: 3 }),
  key: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
});

Deno.test("WebSocketDecoder gives back what any client sent, however it was cut", () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 5 }),
      fc.integer({ min: 1, max: 700 }),
      (messages, chunkSize) => {
        const log = new FrameLog();
        const frames: Uint8Array[] = [];
        for (const { isBinary, body, cuts, key } of messages) {
          const payload = bytes(body);
          const places = [...cuts, payload.length]
            .map((cut) => Math.min(cut, payload.length)).sort((a, b) => a - b);
          let from = 0;
          places.forEach((to, i) => {
            const opcode = i > 0 ? 0 : isBinary ? BINARY : TEXT;
            const fin = i === places.length - 1;
            frames.push(
              clientFrame(opcode, payload.slice(from, to), { fin, key }),
            );
            from = to;
          });
        }

        feed(
          new WebSocketDecoder(log, 10_000),
          chunked(concat(...frames), chunkSize),
        );

        assertEquals(
          log.lines,
          messages.map(({ isBinary, body }) =>
            isBinary ? `binary ${bytes(body)}` : `text ${text(bytes(body))}`
          ),
        );
      },
    ),
    { numRuns: 200 },
  );
});

Deno.test("WebSocketDecoder takes any bytes at all without throwing", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (source) => {
      framesSay(source, 100);
    }),
    { numRuns: 200 },
  );
});
