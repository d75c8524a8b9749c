import { Deflater } from "../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, clientFrame } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe, type Endpoint } from "./case.ts";
import { compressedFrames, deflate } from "./deflated.ts";
import { frame, json, letters, octets, Op, part } from "./frames.ts";
import { MAX_MESSAGE } from "./group_9_limits.ts";

const SECTION = "RFC 7692, 7.2";
const SIZES = [0, 16, 64, 256, 1_024, 4_096, 8_192, 32_768, 65_536, 131_072];
const COUNT = 10;
const KINDS = [
  ["text", Op.Text, json],
  ["text", Op.Text, letters],
  ["binary", Op.Binary, octets],
] as const;

/** Messages of each size, on connections that keep a context and that do not. */
function* echoes(): Generator<ConformanceCase> {
  const endpoints: readonly Endpoint[] = ["deflate", "takeover"];
  for (const [way, endpoint] of endpoints.entries()) {
    for (const [kind, [name, opcode, make]] of KINDS.entries()) {
      for (const [index, size] of SIZES.entries()) {
        const message = make(size);
        const messages = Array.from({ length: COUNT }, () => message);
        const keepsContext = endpoint === "takeover";
        yield {
          id: `12.${way * KINDS.length + kind + 1}.${index + 1}`,
          section: SECTION,
          title: `${COUNT} messages of ${size} bytes, ${make.name}, ${
            keepsContext ? "with" : "without"
          } context`,
          endpoint,
          sends: deflate(opcode, messages, { keepsContext }),
          expects: messages.map(() => `deflated ${describe(name, message)}`),
        };
      }
    }
  }
}

function* inFragments(): Generator<ConformanceCase> {
  const message = json(20_000);
  for (const [index, fragment] of [1, 64, 256, 1_024].entries()) {
    yield {
      id: `12.7.${index + 1}`,
      section: "RFC 7692, 6.1 and 7.2.3",
      title: `a compressed message in fragments of ${fragment} bytes`,
      endpoint: "takeover",
      sends: deflate(Op.Text, [message], { keepsContext: true, fragment }),
      expects: [`deflated ${describe("text", message)}`],
    };
  }
}

/** A message of noise, then one that refers to its first byte. */
function compressed(message: Uint8Array): Uint8Array {
  const deflater = new Deflater({ windowBits: 15, level: 6 });
  const payload = deflater.deflate(message, 0, message.length);
  deflater.close();
  return payload;
}

const HELLO = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
const FINAL_HELLO = [0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00];
const STORED_HELLO = [0, 5, 0, 250, 255, 72, 101, 108, 108, 111, 0];
const TWO_BLOCKS = [0xf2, 0x48, 5, 0, 0, 0, 255, 255, 0xca, 0xc9, 0xc9, 7, 0];

/** The examples of the RFC. */
function* examples(): Generator<ConformanceCase> {
  const rows: readonly [string, string, Uint8Array[], string[]][] = [
    ["7.2.3.1", "one compressed block", raw(HELLO), ["Hello"]],
    [
      "7.2.3.1",
      "one compressed block in two frames",
      compressedFrames(Op.Text, Uint8Array.from(HELLO), 3),
      ["Hello"],
    ],
    [
      "7.2.3.2",
      "a message that refers to the one before",
      [...raw(HELLO), ...raw([0xf2, 0x00, 0x11, 0x00, 0x00])],
      ["Hello", "Hello"],
    ],
    ["7.2.3.3", "a block without compression", raw(STORED_HELLO), ["Hello"]],
    ["7.2.3.4", "a block that is the last", raw(FINAL_HELLO), ["Hello"]],
    ["7.2.3.5", "two blocks in one message", raw(TWO_BLOCKS), ["Hello"]],
    ["7.2.3.6", "an empty message", raw([0]), [""]],
  ];
  for (const [index, [section, title, sends, messages]] of rows.entries()) {
    yield {
      id: `12.8.${index + 1}`,
      section: `RFC 7692, ${section}`,
      title,
      endpoint: "takeover",
      sends,
      expects: messages.map((text) =>
        `deflated ${describe("text", bytes(text))}`
      ),
    };
  }
}

function raw(payload: readonly number[]): Uint8Array[] {
  return compressedFrames(Op.Text, Uint8Array.from(payload));
}

/** Compressed and other messages, pings between, and mistakes. */
function* behavior(): Generator<ConformanceCase> {
  const hello = "deflated text Hello";
  const reserved = (opcode: number, bits: number) =>
    clientFrame(opcode, Uint8Array.from(HELLO), { reserved: bits });
  const first = clientFrame(Op.Text, Uint8Array.from(HELLO.slice(0, 3)), {
    fin: false,
    reserved: 4,
  });
  const rest = Uint8Array.from(HELLO.slice(3));
  const rows: readonly [
    section: string,
    title: string,
    sends: Uint8Array[],
    expects: string[],
    ends?: string,
  ][] = [
    ["6", "a message that is not compressed", [frame(Op.Text, "Hello")], [
      hello,
    ]],
    [
      "6",
      "both kinds in turn",
      [...raw(HELLO), frame(Op.Text, "plain"), ...raw(HELLO)],
      [hello, "deflated text plain", hello],
    ],
    [
      "6.1",
      "a ping between two compressed fragments",
      [first, frame(Op.Ping, "p"), frame(Op.Continuation, rest)],
      ["pong p", hello],
    ],
    [
      "6.1",
      "a continuation that says again that it is compressed",
      [first, reserved(Op.Continuation, 4)],
      [],
      "close 1002",
    ],
    [
      "6",
      "a ping that is compressed",
      [reserved(Op.Ping, 4)],
      [],
      "close 1002",
    ],
    [
      "6",
      "a close frame that is compressed",
      [reserved(Op.Close, 4)],
      [],
      "close 1002",
    ],
    ["5", "the second reserved bit", [reserved(Op.Text, 2)], [], "close 1002"],
    ["5", "the third reserved bit", [reserved(Op.Text, 1)], [], "close 1002"],
    ["5", "all reserved bits", [reserved(Op.Text, 7)], [], "close 1002"],
    [
      "6.2",
      "what cannot be decompressed",
      raw([0xff, 0xff, 1, 2, 3]),
      [],
      "close 1007",
    ],
    [
      "6.2",
      "a reference to before the beginning",
      raw([0xf2, 0x00, 0x11, 0x00, 0x00]),
      [],
      "close 1007",
    ],
    [
      "6.2; RFC 6455, 8.1",
      "text that is not UTF-8",
      compressedFrames(Op.Text, compressed(Uint8Array.of(97, 255))),
      [],
      "close 1007",
    ],
    [
      "8; RFC 6455, 10.4",
      "a message one byte past the limit when decompressed",
      compressedFrames(Op.Binary, compressed(new Uint8Array(MAX_MESSAGE + 1))),
      [],
      "close 1009",
    ],
    [
      "8; RFC 6455, 10.4",
      "a message at the limit when decompressed",
      compressedFrames(Op.Binary, compressed(new Uint8Array(MAX_MESSAGE))),
      [`deflated ${describe("binary", new Uint8Array(MAX_MESSAGE))}`],
    ],
    [
      "8; RFC 6455, 10.4",
      "fifty million zeros",
      compressedFrames(Op.Binary, compressed(new Uint8Array(50_000_000))),
      [],
      "close 1009",
    ],
    [
      "6.1; RFC 6455, 5.4",
      "a compressed message inside a fragmented one",
      [part(Op.Text, "a"), ...raw(HELLO)],
      [],
      "close 1002",
    ],
  ];
  for (const [index, row] of rows.entries()) {
    const [section, title, sends, expects, ends] = row;
    yield {
      id: `12.9.${index + 1}`,
      section: `RFC 7692, ${section}`,
      title,
      endpoint: "deflate",
      sends,
      expects,
      ...(ends === undefined ? {} : { ends }),
    };
  }
}

/** Messages that are compressed one by one. */
export function* compression(): Generator<ConformanceCase> {
  yield* echoes();
  yield* inFragments();
  yield* examples();
  yield* behavior();
}
