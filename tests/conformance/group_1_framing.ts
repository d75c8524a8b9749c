import { clientFrame } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { frame, letters, octets, Op } from "./frames.ts";

const LENGTHS = [0, 1, 125, 126, 127, 128, 65_535, 65_536];
const SECTION = "RFC 6455, 5.2";

function* echoes(
  group: string,
  name: "text" | "binary",
): Generator<ConformanceCase> {
  let number = 0;
  for (const chop of [undefined, 997, 1]) {
    for (const length of LENGTHS) {
      if (chop === 1 && length > 1_000) continue;
      const payload = name === "text" ? letters(length) : octets(length);
      const how = chop === undefined ? "" : `, ${chop} bytes at a time`;
      yield {
        id: `${group}.${++number}`,
        section: SECTION,
        title: `${name} of ${length} bytes${how}`,
        sends: [frame(name === "text" ? Op.Text : Op.Binary, payload)],
        ...(chop === undefined ? {} : { chop }),
        expects: [describe(name, payload)],
      };
    }
  }
}

function* lengthForms(): Generator<ConformanceCase> {
  const forms = [
    [2, 0],
    [2, 125],
    [8, 0],
    [8, 125],
    [8, 126],
    [8, 65_535],
  ] as const;
  for (const [index, [form, length]] of forms.entries()) {
    yield {
      id: `1.3.${index + 1}`,
      section: SECTION,
      title:
        `a length of ${length} in ${form} bytes, which is not the shortest`,
      sends: [clientFrame(Op.Text, letters(length), { form })],
      expects: [],
      ends: "close 1002",
    };
  }
  yield {
    id: "1.3.7",
    section: SECTION,
    title: "a length whose most significant bit is set",
    sends: [Uint8Array.of(0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4)],
    expects: [],
    ends: "close 1002",
  };
}

function* masks(): Generator<ConformanceCase> {
  const section = "RFC 6455, 5.1 and 5.3";
  for (const [index, opcode] of [1, 2, 8, 9, 10].entries()) {
    yield {
      id: `1.4.${index + 1}`,
      section,
      title: `a frame of opcode ${opcode} that is not masked`,
      sends: [clientFrame(opcode, "", { key: null })],
      expects: [],
      ends: "close 1002",
    };
  }
  const keys = [[0, 0, 0, 0], [255, 255, 255, 255], [1, 2, 3, 4], [0, 0, 0, 9]];
  for (const [index, key] of keys.entries()) {
    yield {
      id: `1.4.${index + 6}`,
      section,
      title: `a masking key of ${key}`,
      sends: [clientFrame(Op.Binary, octets(131), { key })],
      expects: [describe("binary", octets(131))],
    };
  }
}

/** Frames as they should be, and their headers as they should not. */
export function* framing(): Generator<ConformanceCase> {
  yield* echoes("1.1", "text");
  yield* echoes("1.2", "binary");
  yield* lengthForms();
  yield* masks();
}
