import { bytes } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { frame, Op, part } from "./frames.ts";

const SECTION = "RFC 6455, 8.1; RFC 3629, 3 and 4";
const FAST = "RFC 6455, 8.1";

function hex(text: string): Uint8Array {
  return Uint8Array.from(
    text.split(" ").filter((byte) => byte !== ""),
    (byte) => parseInt(byte, 16),
  );
}

/** Sequences that are UTF-8: the first and last of each length, and the awkward ones. */
const VALID = [
  "00",
  "7f",
  "c2 80",
  "df bf",
  "e0 a0 80",
  "e1 80 80",
  "ec bf bf",
  "ed 80 80",
  "ed 9f bf",
  "ee 80 80",
  "ef bf bd",
  "ef bf be",
  "ef bf bf",
  "ef b7 90",
  "ef bb bf",
  "f0 90 80 80",
  "f0 9f bf bf",
  "f1 80 80 80",
  "f3 bf bf bf",
  "f4 80 80 80",
  "f4 8f bf bf",
  "ce ba e1 bd b9 cf 83 ce bc ce b5",
  "f0 9f 98 80 f0 9f 91 8d",
  "61 c3 a4 e2 82 ac f0 90 8d 88 7a",
];

/** Sequences that are not, whatever follows. */
const INVALID = [
  "80",
  "bf",
  "80 bf",
  "80 bf 80 bf 80 bf 80",
  "c0 80",
  "c0 af",
  "c1 bf",
  "c2 00",
  "c2 20",
  "df c0",
  "e0 80 af",
  "e0 9f bf",
  "e1 80 c0",
  "e1 28 80",
  "ed a0 80",
  "ed ad bf",
  "ed ae 80",
  "ed af bf",
  "ed b0 80",
  "ed be 80",
  "ed bf bf",
  "ed a0 80 ed b0 80",
  "ed ad bf ed bf bf",
  "f0 80 80 af",
  "f0 8f bf bf",
  "f0 90 28 80",
  "f1 80 80 28",
  "f4 90 80 80",
  "f5 80 80 80",
  "f7 bf bf bf",
  "f8 88 80 80 80",
  "fb bf bf bf bf",
  "fc 84 80 80 80 80",
  "fd bf bf bf bf bf",
  "fe",
  "ff",
  "fe fe ff ff",
  "c3 a4 ff",
  "61 62 63 80 64 65 66",
  "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64 69 74 65 64",
];

/** Beginnings of a character, with nothing behind them. */
const CUT_OFF = [
  "c2",
  "df",
  "e0",
  "e0 a0",
  "ef bf",
  "f0",
  "f0 90",
  "f0 90 80",
  "f4 8f bf",
  "61 e2 82",
];

function* ofOneSequence(
  group: string,
  sequences: readonly string[],
  isValid: boolean,
): Generator<ConformanceCase> {
  for (const [index, sequence] of sequences.entries()) {
    const payload = hex(sequence);
    const outcome = isValid
      ? { expects: [describe("text", payload)] }
      : { expects: [], ends: "close 1007" };
    const ways = [
      { how: "", sends: [frame(Op.Text, payload)] },
      {
        how: ", one fragment a byte",
        sends: [
          part(Op.Text),
          ...Array.from(
            payload,
            (byte) => part(Op.Continuation, Uint8Array.of(byte)),
          ),
          frame(Op.Continuation),
        ],
      },
      {
        how: ", one byte at a time",
        sends: [frame(Op.Text, payload)],
        chop: 1,
      },
    ];
    for (const [way, { how, ...rest }] of ways.entries()) {
      yield {
        id: `${group}.${index + 1}.${way + 1}`,
        section: SECTION,
        title: `${sequence}${how}`,
        ...rest,
        ...outcome,
      };
    }
  }
}

/** A mistake is told as soon as it is there, not when the message is over. */
function* failFast(): Generator<ConformanceCase> {
  const good = bytes("κόσμε");
  const bad = hex("f4 90");
  yield* [
    {
      id: "6.4.1",
      section: FAST,
      title: "a fragment that is not UTF-8, and the next never comes",
      sends: [part(Op.Text, good), part(Op.Continuation, bad)],
      expects: [],
      ends: "close 1007",
    },
    {
      id: "6.4.2",
      section: FAST,
      title: "half a frame that is not UTF-8, and the rest never comes",
      sends: [
        frame(Op.Text, Uint8Array.of(...good, ...bad, ...good)).slice(
          0,
          6 + good.length + 2,
        ),
      ],
      expects: [],
      ends: "close 1007",
    },
    {
      id: "6.4.3",
      section: FAST,
      title: "half a frame that is not UTF-8, one byte at a time",
      sends: [
        frame(Op.Text, Uint8Array.of(...good, ...bad, ...good)).slice(
          0,
          6 + good.length + 2,
        ),
      ],
      chop: 1,
      expects: [],
      ends: "close 1007",
    },
    {
      id: "6.4.4",
      section: SECTION,
      title: "binary that is not UTF-8",
      sends: [frame(Op.Binary, bad)],
      expects: [describe("binary", bad)],
    },
  ];
}

/** Text is UTF-8, in whatever pieces it comes. */
export function* utf8(): Generator<ConformanceCase> {
  yield* ofOneSequence("6.1", VALID, true);
  yield* ofOneSequence("6.2", INVALID, false);
  yield* ofOneSequence("6.3", CUT_OFF, false);
  yield* failFast();
}
