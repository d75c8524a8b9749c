import { bytes, clientFrame, concat } from "../unit/transport/_feed.ts";
import type { ConformanceCase } from "./case.ts";
import { frame, Op, part } from "./frames.ts";

const SECTION = "RFC 6455, 5.2";
const GOOD = frame(Op.Text, "good");

/** What stands before a frame with reserved bits, and how it comes. */
const SITUATIONS = [
  {
    title: "on text",
    make: (reserved: number) => [clientFrame(Op.Text, "bad", { reserved })],
  },
  {
    title: "on text after a good message, before a ping",
    make: (reserved: number) => [
      GOOD,
      clientFrame(Op.Text, "bad", { reserved }),
      frame(Op.Ping),
    ],
    expects: ["text good"],
  },
  {
    title: "on text after a good message, one byte at a time",
    make: (reserved: number) => [
      GOOD,
      clientFrame(Op.Text, "bad", { reserved }),
    ],
    expects: ["text good"],
    chop: 1,
  },
  {
    title: "on binary",
    make: (reserved: number) => [clientFrame(Op.Binary, "bad", { reserved })],
  },
  {
    title: "on a ping",
    make: (reserved: number) => [clientFrame(Op.Ping, "bad", { reserved })],
  },
  {
    title: "on a close frame",
    make: (reserved: number) => [
      clientFrame(Op.Close, concat(Uint8Array.of(3, 232), bytes("")), {
        reserved,
      }),
    ],
  },
  {
    title: "on a continuation",
    make: (reserved: number) => [
      part(Op.Text, "good so far"),
      clientFrame(Op.Continuation, "bad", { reserved }),
    ],
  },
] as const;

/** Reserved bits are zero unless an extension was agreed on. */
export function* reservedBits(): Generator<ConformanceCase> {
  for (const [index, situation] of SITUATIONS.entries()) {
    for (let reserved = 1; reserved <= 7; reserved++) {
      const { title, make } = situation;
      yield {
        id: `3.${index + 1}.${reserved}`,
        section: SECTION,
        title: `reserved bits ${
          reserved.toString(2).padStart(3, "0")
        } ${title}`,
        sends: make(reserved),
        ...("chop" in situation ? { chop: situation.chop } : {}),
        expects: "expects" in situation ? situation.expects : [],
        ends: "close 1002",
      };
    }
  }
}
