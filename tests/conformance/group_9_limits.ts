import { clientFrame } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { fragments, frame, letters, octets, Op, part } from "./frames.ts";

const SIZE = "RFC 6455, 5.2 and 10.4";
const FRAGMENTS = "RFC 6455, 5.4";
const TOO_BIG = "RFC 6455, 7.4.1 and 10.4";

/** What the servers of these cases are told. */
export const MAX_MESSAGE = 1_048_576;

const KINDS = [["text", Op.Text, letters], [
  "binary",
  Op.Binary,
  octets,
]] as const;

function* large(): Generator<ConformanceCase> {
  for (const [group, [name, opcode, make]] of KINDS.entries()) {
    for (const [index, size] of [65_536, 262_144, MAX_MESSAGE].entries()) {
      yield {
        id: `9.${group + 1}.${index + 1}`,
        section: SIZE,
        title: `${name} of ${size} bytes in one frame`,
        sends: [frame(opcode, make(size))],
        expects: [describe(name, make(size))],
      };
    }
  }
}

function* inFragments(): Generator<ConformanceCase> {
  const whole = 262_144;
  for (const [group, [name, opcode, make]] of KINDS.entries()) {
    const payload = make(whole);
    for (
      const [index, size] of [64, 256, 1_024, 4_096, 16_384, 65_536].entries()
    ) {
      yield {
        id: `9.${group + 3}.${index + 1}`,
        section: FRAGMENTS,
        title: `${name} of ${whole} bytes in fragments of ${size}`,
        sends: fragments(opcode, payload, size),
        expects: [describe(name, payload)],
      };
    }
  }
}

function* chopped(): Generator<ConformanceCase> {
  for (const [group, [name, opcode, make]] of KINDS.entries()) {
    const payload = make(131_072);
    for (const [index, chop] of [128, 512, 1_460, 8_191].entries()) {
      yield {
        id: `9.${group + 5}.${index + 1}`,
        section: SIZE,
        title: `${name} of 131072 bytes, ${chop} bytes at a time`,
        sends: [frame(opcode, payload)],
        chop,
        expects: [describe(name, payload)],
      };
    }
  }
}

function* many(): Generator<ConformanceCase> {
  for (const [group, [name, opcode, make]] of KINDS.entries()) {
    for (const [index, size] of [0, 16, 64, 256, 1_024].entries()) {
      const payload = make(size);
      yield {
        id: `9.${group + 7}.${index + 1}`,
        section: SIZE,
        title: `500 messages of ${size} bytes, ${name}`,
        sends: Array.from({ length: 500 }, () => frame(opcode, payload)),
        expects: Array.from({ length: 500 }, () => describe(name, payload)),
      };
    }
  }
}

/** One byte past the limit, in each way to get there. */
function* tooBig(): Generator<ConformanceCase> {
  const past = MAX_MESSAGE + 1;
  const half = octets(MAX_MESSAGE / 2);
  const header = clientFrame(Op.Binary, "", { announced: past, form: 8 });
  const ways: readonly [title: string, sends: Uint8Array[]][] = [
    ["announced, with nothing of it sent", [header]],
    ["announced, one byte at a time", [header]],
    ["in fragments", [
      part(Op.Binary, half),
      part(Op.Continuation, half),
      frame(Op.Continuation, "1"),
    ]],
    ["in a last fragment that is only announced", [
      part(Op.Binary, half),
      clientFrame(Op.Continuation, "", { announced: past / 2 + 1, form: 8 }),
    ]],
    ["of 2^40 bytes, announced", [
      Uint8Array.of(0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 1, 2, 3, 4),
    ]],
    ["of 2^63 - 1 bytes, announced", [
      Uint8Array.of(0x82, 0xff, 0x7f, ...Array(7).fill(255), 1, 2, 3, 4),
    ]],
  ];
  for (const [index, [title, sends]] of ways.entries()) {
    yield {
      id: `9.9.${index + 1}`,
      section: TOO_BIG,
      title: `a message past the limit ${title}`,
      sends,
      ...(title.includes("at a time") ? { chop: 1 } : {}),
      expects: [],
      ends: "close 1009",
    };
  }
}

/** Messages that are large, in many pieces, many, or too large. */
export function* limits(): Generator<ConformanceCase> {
  yield* large();
  yield* inFragments();
  yield* chopped();
  yield* many();
  yield* tooBig();
}
