import { type ConformanceCase, describe } from "./case.ts";
import { frame, letters, octets, Op } from "./frames.ts";

const PING = "RFC 6455, 5.5.2";
const PONG = "RFC 6455, 5.5.3";
const CONTROL = "RFC 6455, 5.5";

function pings(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => frame(Op.Ping, `ping ${i}`));
}

function pongs(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `pong ping ${i}`);
}

/** Pings are answered with their own payload; pongs are not answered. */
export function* pingsAndPongs(): Generator<ConformanceCase> {
  yield* [
    {
      id: "2.1",
      section: PING,
      title: "a ping without payload",
      sends: [frame(Op.Ping)],
      expects: ["pong"],
    },
    {
      id: "2.2",
      section: PING,
      title: "a ping with text",
      sends: [frame(Op.Ping, "Hello, world!")],
      expects: ["pong Hello, world!"],
    },
    {
      id: "2.3",
      section: PING,
      title: "a ping with bytes that are not UTF-8",
      sends: [
        frame(Op.Ping, Uint8Array.of(0, 255, 254, 253, 252, 251, 0, 255)),
      ],
      expects: ["pong \\x00\\xff\\xfe\\xfd\\xfc\\xfb\\x00\\xff"],
    },
    {
      id: "2.4",
      section: CONTROL,
      title: "a ping of 125 bytes, the longest there is",
      sends: [frame(Op.Ping, octets(125))],
      expects: [describe("pong", octets(125))],
    },
    {
      id: "2.5",
      section: CONTROL,
      title: "a ping of 126 bytes",
      sends: [frame(Op.Ping, octets(126))],
      expects: [],
      ends: "close 1002",
    },
    {
      id: "2.6",
      section: PING,
      title: "a ping of 125 bytes, one byte at a time",
      sends: [frame(Op.Ping, letters(125))],
      chop: 1,
      expects: [describe("pong", letters(125))],
    },
    {
      id: "2.7",
      section: PONG,
      title: "a pong that nobody asked for, without payload",
      sends: [frame(Op.Pong)],
      expects: [],
    },
    {
      id: "2.8",
      section: PONG,
      title: "a pong that nobody asked for, with payload",
      sends: [frame(Op.Pong, "unsolicited")],
      expects: [],
    },
    {
      id: "2.9",
      section: PONG,
      title: "a pong that nobody asked for, then a ping",
      sends: [frame(Op.Pong, "unsolicited"), frame(Op.Ping, "ping")],
      expects: ["pong ping"],
    },
    {
      id: "2.10",
      section: PING,
      title: "ten pings at once",
      sends: pings(10),
      expects: pongs(10),
    },
    {
      id: "2.11",
      section: PING,
      title: "ten pings, one byte at a time",
      sends: pings(10),
      chop: 1,
      expects: pongs(10),
    },
    {
      id: "2.12",
      section: CONTROL,
      title: "a pong of 126 bytes",
      sends: [frame(Op.Pong, octets(126))],
      expects: [],
      ends: "close 1002",
    },
    {
      id: "2.13",
      section: PING,
      title: "a thousand pings at once",
      sends: pings(1_000),
      expects: pongs(1_000),
    },
  ];
}
