import type { ConformanceCase } from "./case.ts";
import { frame, letters, Op, part } from "./frames.ts";

const SECTION = "RFC 6455, 5.2";
const UNKNOWN = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];

const SITUATIONS = [
  { title: "without payload", make: (op: number) => [frame(op)] },
  { title: "with payload", make: (op: number) => [frame(op, letters(50))] },
  {
    title: "after a good message, before a ping",
    make: (op: number) => [
      frame(Op.Text, "good"),
      frame(op),
      frame(Op.Ping),
    ],
    expects: ["text good"],
  },
  {
    title: "after a good message, one byte at a time",
    make: (op: number) => [frame(Op.Text, "good"), frame(op, "bad")],
    expects: ["text good"],
    chop: 1,
  },
  {
    title: "inside a fragmented message",
    make: (op: number) => [
      part(Op.Text, "good so far"),
      frame(op),
      frame(Op.Continuation),
    ],
  },
] as const;

/** Opcodes that nobody has defined. */
export function* opcodes(): Generator<ConformanceCase> {
  for (const [index, situation] of SITUATIONS.entries()) {
    for (const [number, opcode] of UNKNOWN.entries()) {
      yield {
        id: `4.${index + 1}.${number + 1}`,
        section: SECTION,
        title: `opcode ${opcode} ${situation.title}`,
        sends: situation.make(opcode),
        ...("chop" in situation ? { chop: situation.chop } : {}),
        expects: "expects" in situation ? situation.expects : [],
        ends: "close 1002",
      };
    }
  }
}
