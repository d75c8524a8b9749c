import fc from "fast-check";
import { deflateRawSync } from "node:zlib";
import { bytes, clientFrame, concat } from "../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

/** Cuts bytes at random places. */
export interface Chunked {
  /** All bytes. */
  readonly whole: Uint8Array;
  /** The same, in pieces. */
  readonly pieces: readonly Uint8Array[];
}

/** Any cuts of given bytes. */
export function chunkings(
  whole: fc.Arbitrary<Uint8Array>,
): fc.Arbitrary<Chunked> {
  const cuts = fc.array(fc.nat(2_000), { maxLength: 12 });
  return fc.tuple(whole, cuts).map(([whole, places]) => {
    const sorted = [...places.filter((at) => at < whole.length), whole.length]
      .sort((a, b) => a - b);
    let start = 0;
    const pieces = sorted.map((end) => whole.slice(start, start = end));
    return { whole, pieces };
  });
}

/** Where the rules of UTF-8 change, in any order. */
const nearlyUtf8 = fc.array(
  fc.constantFrom(
    ...[0x61, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf],
    ...[0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5],
  ),
  { maxLength: 6 },
).map((list) => Uint8Array.from(list));

const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 140 }),
  nearlyUtf8,
  fc.string({ unit: "binary", maxLength: 60 }).map(bytes),
  fc.constantFrom(new Uint8Array(0), new Uint8Array(200), bytes("aé€😀")),
);

/** Payloads as a client that agreed on compression would make them, or nearly so. */
const deflated = fc.oneof(
  payloads,
  // Around the limit, when decompressed.
  fc.constantFrom(new Uint8Array(250), new Uint8Array(251)),
).map((payload) =>
  new Uint8Array(deflateRawSync(payload, { finishFlush: 2 }).subarray(0, -4))
);

const options = fc.record({
  fin: fc.boolean(),
  reserved: fc.constantFrom(0, 0, 0, 0, 0, 4, 1),
  key: fc.oneof(
    {
      weight: 30,
      arbitrary: fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255)),
    },
    { weight: 1, arbitrary: fc.constant(null) },
  ),
});

const frames = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(
      fc.constantFrom(0, 0, 1, 1, 2, 8, 9, 9, 10),
      payloads,
      options,
    ).map(([opcode, payload, options]) =>
      // Mostly as a client may send it, so that the fuzzer gets far.
      clientFrame(opcode, opcode > 7 ? payload.slice(0, 125) : payload, {
        ...options,
        fin: opcode > 7 || options.fin,
        reserved: opcode === 0 || opcode > 7 ? 0 : options.reserved,
      })
    ),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(1, 2), deflated).map((
      [opcode, payload],
    ) => clientFrame(opcode, payload, { reserved: 4 })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.constantFrom(1, 2), payloads, payloads).map((
      [opcode, first, second],
    ) =>
      concat(
        clientFrame(opcode, first, { fin: false }),
        clientFrame(9, "ping"),
        clientFrame(0, second),
      )
    ),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }) },
);

/** What a client may send, some of it wrong. */
export const webSocketBytes: fc.Arbitrary<Uint8Array> = fc
  .array(frames, { maxLength: 10 })
  .map((frames) => concat(...frames));

/** Lines, some of them too long, ended in every way. */
export const textBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.tuple(
      fc.uint8Array({ maxLength: 70 }),
      fc.constantFrom("\n", "\r\n", "\r", ""),
    ),
    { maxLength: 10 },
  )
  .map((lines) =>
    concat(...lines.flatMap(([line, end]) => [line, bytes(end)]))
  );

/** Frames with a length before them, some of them too long. */
export const frameBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.tuple(
      fc.uint8Array({ maxLength: 70 }),
      fc.constantFrom(4, 4, 4, 4, 4, 0, 9),
    ),
    { maxLength: 10 },
  )
  .map((frames) =>
    concat(...frames.flatMap(([payload, extra]) => {
      const length = new Uint8Array(4);
      new DataView(length.buffer).setUint32(0, payload.length + extra);
      return [length, payload];
    }))
  );

/** What readers of headers stop at, skip or repeat. */
const UNITS = [
  ...[" ", "\t", ",", ";", '"', "\\", "=", ":", "%", ".", "/", "[", "0", "a"],
  ...[", ", "; ", '\\"', '","', "a=", "a;", ";a=", "::", "1.", ":1", "%20"],
];

const EDGES = ["", "a", '"', "a=", 'a="', "a; b=", "[", "1", "@", "x", "\x01"];

/** The same again and again, between a beginning and an end that may not fit it. */
export function longRuns(length: number): fc.Arbitrary<string> {
  const edges = fc.constantFrom(...EDGES);
  const units = fc.constantFrom(...UNITS);
  return fc.tuple(edges, units, units, edges).map(
    ([before, first, second, after]) =>
      before + repeat(first, length >> 1) + repeat(second, length >> 1) + after,
  );
}

/** The plainest of these: those that have a square in them show it here. */
export function plainRuns(length: number): string[] {
  return UNITS.flatMap((unit) =>
    ["a", 'a="', "["].flatMap((before) =>
      ["", "@"].map((after) => before + repeat(unit, length) + after)
    )
  );
}

function repeat(unit: string, length: number): string {
  return unit.repeat(length / unit.length);
}

const headerLines = fc.oneof(
  plainLines(),
  fc.tuple(
    fc.constantFrom("Upgrade", "Connection", "Sec-WebSocket-Extensions", "X-A"),
    longRuns(120),
  ).map(([name, value]) => `${name}: ${value}`),
);

function plainLines(): fc.Arbitrary<string> {
  return fc.constantFrom(
    "Host: a",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "X-Long: " + "x".repeat(200),
    "no colon",
    "Bad Name: x",
    " folded",
    "",
  );
}

/** HTTP requests, some of them good. */
export const requestBytes: fc.Arbitrary<Uint8Array> = fc.tuple(
  fc.constantFrom("GET / HTTP/1.1", "POST /x HTTP/1.0", "GET  / HTTP/1.1", "x"),
  fc.array(headerLines, { maxLength: 12 }),
  fc.constantFrom("\r\n", "\r\n", "\r\n", "\n"),
  fc.uint8Array({ maxLength: 20 }),
).map(([line, headers, end, rest]) =>
  concat(bytes([line, ...headers, "", ""].join(end)), rest)
);

/** Bodies of requests, and what is said of their length; some of it wrong. */
const bodies = fc.constantFrom(
  ["", ""],
  ["Content-Length: 5", "hello"],
  ["Content-Length: 5", "he"],
  ["Content-Length: 5, 5", "hello"],
  ["Content-Length: 99999", "hello"],
  ["Content-Length: x", ""],
  ["Transfer-Encoding: chunked", "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\n\r\n"],
  ["Transfer-Encoding: chunked", "0\r\nX-A: b\r\n\r\n"],
  ["Transfer-Encoding: chunked", "2\r\nhello"],
  ["Transfer-Encoding: chunked", "ffffffff\r\n"],
  ["Transfer-Encoding: gzip", "x"],
  ["Connection: close", ""],
  ["Expect: 100-continue\r\nContent-Length: 5", "hello"],
);

const requests = fc.tuple(
  fc.constantFrom("GET", "HEAD", "POST", "OPTIONS", "BREW"),
  fc.constantFrom("/", "/healthz", "/readyz?x", "*", "/ä", "http://a/healthz"),
  fc.constantFrom("1.1", "1.1", "1.1", "1.0", "2.0"),
  bodies,
).map(([method, target, version, [header = "", body = ""]]) => {
  const lines = ["Host: a", ...header === "" ? [] : [header], "", body];
  return bytes([`${method} ${target} HTTP/${version}`, ...lines].join("\r\n"));
});

/** One HTTP request after another, some of them wrong, or to speak WebSocket. */
export const conversationBytes: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      { weight: 8, arbitrary: requests },
      { weight: 1, arbitrary: requestBytes },
      { weight: 1, arbitrary: fc.constant(bytes(UPGRADE_REQUEST)) },
    ),
    { maxLength: 6 },
  )
  .map((all) => concat(...all));
