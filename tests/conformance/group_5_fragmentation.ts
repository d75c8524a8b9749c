import { clientFrame } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { fragments, frame, letters, octets, Op, part } from "./frames.ts";

const SECTION = "RFC 6455, 5.4";
const CONTROL = "RFC 6455, 5.5";
const { Binary, Close, Continuation, Ping, Pong, Text } = Op;

/** Frames, what must come of them, and in which ways they are sent. */
interface Row {
  readonly title: string;
  readonly sends: readonly Uint8Array[];
  readonly expects?: readonly string[];
  readonly fails?: true;
  readonly section?: string;
}

const ROWS: readonly Row[] = [
  {
    title: "a ping in two fragments",
    sends: [part(Ping, "frag"), frame(Continuation, "ment")],
    fails: true,
    section: CONTROL,
  },
  {
    title: "a pong in two fragments",
    sends: [part(Pong, "frag"), frame(Continuation, "ment")],
    fails: true,
    section: CONTROL,
  },
  {
    title: "a close frame in two fragments",
    sends: [clientFrame(Close, Uint8Array.of(3, 232), { fin: false })],
    fails: true,
    section: CONTROL,
  },
  {
    title: "text in two fragments",
    sends: [part(Text, "frag"), frame(Continuation, "ment")],
    expects: ["text fragment"],
  },
  {
    title: "binary in two fragments",
    sends: [part(Binary, "frag"), frame(Continuation, "ment")],
    expects: ["binary fragment"],
  },
  {
    title: "text in two fragments with a ping between",
    sends: [part(Text, "frag"), frame(Ping, "p"), frame(Continuation, "ment")],
    expects: ["pong p", "text fragment"],
  },
  {
    title: "text in two fragments with a pong between",
    sends: [part(Text, "frag"), frame(Pong, "p"), frame(Continuation, "ment")],
    expects: ["text fragment"],
  },
  {
    title: "text in five fragments with two pings between",
    sends: [
      part(Text, "f1"),
      part(Continuation, "f2"),
      frame(Ping, "p1"),
      part(Continuation, "f3"),
      part(Continuation, "f4"),
      frame(Ping, "p2"),
      frame(Continuation, "f5"),
    ],
    expects: ["pong p1", "pong p2", "text f1f2f3f4f5"],
  },
  {
    title: "a continuation of nothing that is the last",
    sends: [frame(Continuation, "nothing"), frame(Text, "late")],
    fails: true,
  },
  {
    title: "a continuation of nothing that is not the last",
    sends: [part(Continuation, "nothing"), frame(Text, "late")],
    fails: true,
  },
  {
    title: "a continuation of a message that is over",
    sends: [frame(Text, "over"), frame(Continuation, "and over")],
    expects: ["text over"],
    fails: true,
  },
  {
    title: "a continuation of a fragmented message that is over",
    sends: [part(Text, "a"), frame(Continuation, "b"), part(Continuation, "c")],
    expects: ["text ab"],
    fails: true,
  },
  {
    title: "text inside fragmented text",
    sends: [part(Text, "a"), frame(Text, "b"), frame(Continuation, "c")],
    fails: true,
  },
  {
    title: "binary inside fragmented text",
    sends: [part(Text, "a"), frame(Binary, "b"), frame(Continuation, "c")],
    fails: true,
  },
  {
    title: "a fragment of text inside fragmented binary",
    sends: [part(Binary, "a"), part(Text, "b")],
    fails: true,
  },
  {
    title: "fragments without payload before, between and behind",
    sends: [
      part(Text),
      part(Continuation, "mid"),
      part(Continuation),
      part(Continuation, "dle"),
      frame(Continuation),
    ],
    expects: ["text middle"],
  },
  {
    title: "a message of three fragments, all without payload",
    sends: [part(Text), part(Continuation), frame(Continuation)],
    expects: ["text"],
  },
  {
    title: "two fragmented messages, one after the other",
    sends: [
      part(Text, "a"),
      frame(Continuation, "b"),
      part(Binary, "c"),
      frame(Continuation, "d"),
    ],
    expects: ["text ab", "binary cd"],
  },
  {
    title: "a close frame between two fragments",
    sends: [
      part(Text, "never"),
      frame(Close, Uint8Array.of(3, 232)),
      frame(Continuation, "more"),
    ],
    section: "RFC 6455, 5.5.1",
  },
  {
    title: "pings between all of a hundred fragments",
    sends: fragments(Text, letters(100), 1)
      .flatMap((piece) => [frame(Ping, "p"), piece]),
    expects: [
      ...Array.from({ length: 100 }, () => "pong p"),
      describe("text", letters(100)),
    ],
  },
  {
    title: "binary in fragments of every size up to 150 bytes",
    sends: sizes(150),
    expects: [describe("binary", octets(150 * 151 / 2))],
  },
];

/** One message whose fragments grow by a byte each. */
function sizes(most: number): Uint8Array[] {
  const all = octets(most * (most + 1) / 2);
  let at = 0;
  return Array.from({ length: most }, (_, i) => {
    const payload = all.slice(at, at += i + 1);
    const fin = i === most - 1;
    return clientFrame(i === 0 ? Binary : Continuation, payload, { fin });
  });
}

/** Messages in several frames, and control frames between them. */
export function* fragmentation(): Generator<ConformanceCase> {
  for (const [way, chop] of [undefined, 1, 7].entries()) {
    for (const [index, row] of ROWS.entries()) {
      const { title, sends, expects = [], fails, section = SECTION } = row;
      const size = sends.reduce((sum, { length }) => sum + length, 0);
      if (chop === 1 && size > 3_000) continue;
      const isClose = title.startsWith("a close frame between");
      yield {
        id: `5.${index + 1}.${way + 1}`,
        section,
        title: chop === undefined ? title : `${title}, ${chop} bytes at a time`,
        sends,
        ...(chop === undefined ? {} : { chop }),
        expects,
        ...(fails === undefined ? {} : { ends: "close 1002" }),
        ...(isClose ? { ends: "close 1000" } : {}),
      };
    }
  }
}
