import { bytes, clientFrame } from "../unit/transport/_feed.ts";
import { type ConformanceCase, describe } from "./case.ts";
import { closing, frame, letters, octets, Op, part } from "./frames.ts";

const HANDSHAKE = "RFC 6455, 5.5.1 and 7.1.2";
const CODES = "RFC 6455, 7.4";

const VALID_CODES = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011]
  .concat([1012, 1013, 1014, 3000, 3999, 4000, 4999]);
const INVALID_CODES = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999]
  .concat([2000, 2999, 5000, 9999, 65_535]);

const BEHAVIOR: readonly ConformanceCase[] = [
  {
    id: "7.1.1",
    section: HANDSHAKE,
    title: "a message, then a close frame",
    sends: [frame(Op.Text, "hello")],
    expects: ["text hello"],
  },
  {
    id: "7.1.2",
    section: HANDSHAKE,
    title: "two close frames",
    sends: [closing(1000), closing(1001)],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.1.3",
    section: HANDSHAKE,
    title: "a ping behind a close frame",
    sends: [closing(1000), frame(Op.Ping, "late")],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.1.4",
    section: HANDSHAKE,
    title: "a message behind a close frame",
    sends: [closing(1000), frame(Op.Text, "late")],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.1.5",
    section: HANDSHAKE,
    title: "a close frame inside a fragmented message",
    sends: [part(Op.Text, "never"), closing(1000), frame(Op.Continuation)],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.1.6",
    section: HANDSHAKE,
    title: "a large message, then a close frame",
    sends: [frame(Op.Binary, octets(262_144)), frame(Op.Ping, "done")],
    expects: [describe("binary", octets(262_144)), "pong done"],
  },
  {
    id: "7.1.7",
    section: HANDSHAKE,
    title: "a mistake behind a close frame",
    sends: [closing(1000), frame(Op.Text, Uint8Array.of(255))],
    expects: [],
    ends: "close 1000",
  },
];

const REASONS: readonly ConformanceCase[] = [
  {
    id: "7.3.1",
    section: "RFC 6455, 7.1.5",
    title: "a close frame without code",
    sends: [frame(Op.Close)],
    expects: [],
    ends: "close",
  },
  {
    id: "7.3.2",
    section: HANDSHAKE,
    title: "a close frame of one byte",
    sends: [frame(Op.Close, Uint8Array.of(3))],
    expects: [],
    ends: "close 1002",
  },
  {
    id: "7.3.3",
    section: HANDSHAKE,
    title: "a code without reason",
    sends: [closing(1000)],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.3.4",
    section: HANDSHAKE,
    title: "a code and a reason",
    sends: [closing(1000, "thank you and good bye")],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.3.5",
    section: HANDSHAKE,
    title: "the longest reason",
    sends: [closing(1000, letters(123))],
    expects: [],
    ends: "close 1000",
  },
  {
    id: "7.3.6",
    section: "RFC 6455, 5.5",
    title: "a reason that is one byte too long",
    sends: [closing(1000, letters(124))],
    expects: [],
    ends: "close 1002",
  },
  {
    id: "7.5.1",
    section: "RFC 6455, 5.5.1 and 8.1",
    title: "a reason that is not UTF-8",
    sends: [closing(1000, Uint8Array.of(0xce, 0xba, 0xed, 0xa0, 0x80))],
    expects: [],
    ends: "close 1007",
  },
  {
    id: "7.5.2",
    section: "RFC 6455, 5.5.1 and 8.1",
    title: "a reason that ends inside a character",
    sends: [closing(1000, bytes("€").slice(0, 2))],
    expects: [],
    ends: "close 1007",
  },
  {
    id: "7.5.3",
    section: "RFC 6455, 5.5",
    title: "a close frame whose length takes two bytes",
    sends: [clientFrame(Op.Close, Uint8Array.of(3, 232), { form: 2 })],
    expects: [],
    ends: "close 1002",
  },
];

/** Both sides close, with a code that may be sent. */
export function* closes(): Generator<ConformanceCase> {
  yield* BEHAVIOR;
  yield* REASONS;
  for (const [index, code] of VALID_CODES.entries()) {
    yield {
      id: `7.7.${index + 1}`,
      section: CODES,
      title: `close code ${code}`,
      sends: [closing(code, "reason")],
      expects: [],
      ends: `close ${code}`,
    };
  }
  for (const [index, code] of INVALID_CODES.entries()) {
    yield {
      id: `7.9.${index + 1}`,
      section: CODES,
      title: `close code ${code}, which may not be sent`,
      sends: [closing(code)],
      expects: [],
      ends: "close 1002",
    };
  }
}
