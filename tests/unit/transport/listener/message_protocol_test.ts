import { assertEquals, assertMatch } from "@std/assert";
import type { CloseReason } from "../../../../lib/transport/connection.ts";
import {
  type MessageProtocol,
  streamProtocolOf,
} from "../../../../lib/transport/listener/message_protocol.ts";
import { StreamConnection } from "../../../../lib/transport/socket/stream_connection.ts";
import { LogLines } from "../../../_support/log_lines.ts";
import { bytes, concat, fedEveryWay, feed, text } from "../_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../_fake_stream.ts";

/** One byte of length, then the message; 255 is no length. */
const SHORT: MessageProtocol = {
  decode(source) {
    const [length = 0] = source;
    if (length === 255) throw new RangeError("255 is no length");
    if (source.length < 1 + length) return undefined;
    return { message: source.subarray(1, 1 + length), size: 1 + length };
  },
  encode: (message, binary) =>
    concat(Uint8Array.of(message.length), bytes(binary ? "b" : "t"), message),
};

/** What a decoder makes of bytes, whole and in pieces. */
function say(protocol: MessageProtocol, source: Uint8Array, max = 100) {
  return fedEveryWay(source, (pieces) => {
    const lines: string[] = [];
    let isOpen = true;
    const sink = {
      onMessage(buffer: Uint8Array, start: number, end: number) {
        if (isOpen) lines.push(text(buffer.slice(start, end)));
        return isOpen;
      },
      onFault({ code }: CloseReason) {
        if (isOpen) lines.push(`fault ${code}`);
        isOpen = false;
      },
    };
    const decoder = streamProtocolOf(protocol).createDecoder(sink, max);
    feed({
      decode: (buffer, start, end) =>
        isOpen ? decoder.decode(buffer, start, end) : end - start,
    }, pieces);
    return lines;
  });
}

Deno.test("a protocol of the user's gets bytes until each message is whole", () => {
  assertEquals(say(SHORT, bytes("\x02ab\x00\x03cde\x04xy")), ["ab", "", "cde"]);
});

Deno.test("a protocol of the user's closes with 1002 by throwing", () => {
  assertEquals(say(SHORT, Uint8Array.of(1, 97, 255, 1)), ["a", "fault 1002"]);
});

Deno.test("a protocol of the user's that takes no byte, or too many, is not called for ever", () => {
  for (const size of [0, -1, 3, NaN]) {
    const stuck = { ...SHORT, decode: () => ({ message: bytes(""), size }) };
    assertEquals(say(stuck, bytes("a")), ["fault 1002"], `size ${size}`);
  }
});

Deno.test("a protocol of the user's is bound to the longest message", () => {
  assertEquals(say(SHORT, bytes("\x03abc\x04abcd\x01a"), 3), [
    "abc",
    "fault 1009",
  ]);
});

Deno.test("a protocol of the user's cannot gather bytes without end", () => {
  const never = { ...SHORT, decode: () => undefined };
  const sink = { onMessage: () => true, onFault: () => void faults++ };
  let faults = 0;
  const decoder = streamProtocolOf(never).createDecoder(sink, 1_000);

  decoder.decode(new Uint8Array(2_024), 0, 2_024);
  assertEquals(faults, 0);
  decoder.decode(new Uint8Array(2_025), 0, 2_025);

  assertEquals(faults, 1);
});

/** A connection that speaks a protocol of the user's. */
function open(context: FakeContext, protocol: MessageProtocol) {
  const stream = new FakeStream();
  const connection = new StreamConnection(
    streamProtocolOf(protocol),
    stream,
    context,
  );
  connection.open(new ConnectionLog());
  return { stream, connection };
}

Deno.test("a protocol of the user's encodes what is sent, text and binary", async () => {
  using context = new FakeContext();
  const { stream, connection } = open(context, SHORT);

  connection.send(bytes("-hi-"), 1, 3, false);
  connection.send(bytes("x"), 0, 1, true);
  await settle();

  assertEquals(text(stream.output), "\x02thi\x01bx");
});

Deno.test("a protocol of the user's may hand back the very bytes: they are copied", async () => {
  using context = new FakeContext();
  const same = { ...SHORT, encode: (message: Uint8Array) => message };
  const { stream, connection } = open(context, same);
  const source = bytes("kept");

  connection.send(source, 0, 4, false);
  source.fill(0);
  await settle();

  assertEquals(text(stream.output), "kept");
});

Deno.test("a protocol of the user's that cannot encode sends nothing, and is logged", async () => {
  await using log = await LogLines.collect();
  using context = new FakeContext();
  const broken = {
    ...SHORT,
    encode() {
      throw new RangeError("no such message");
    },
  };
  const { stream, connection } = open(context, broken);

  for (const message of ["a", "b"]) {
    connection.send(bytes(message), 0, 1, false);
  }
  await settle();

  assertEquals(stream.writes, []);
  assertEquals(log.lines.length, 1);
  assertMatch(
    log.lines[0] ?? "",
    /^Cannot encode a message, dropped it: RangeError: no such message at .*message_protocol_test\.ts:\d+:\d+\) \(0 like this before\)$/,
  );
});

const HOLE = bytes("hello");

/** What JavaScript lets `decode` return that is no message. */
const JUNK: Record<string, unknown> = {
  "null": null,
  "true": true,
  "a text": "hello",
  "a text as message": { message: "hello", size: 5 },
  "a buffer as message": { message: HOLE.buffer, size: 5 },
  "a list as message": { message: [...HOLE], size: 5 },
  "a message of words": { message: new Uint16Array(2), size: 5 },
  "a message behind a proxy": { message: new Proxy(HOLE, {}), size: 5 },
  "a message without size": { message: HOLE },
  "a fraction as size": { message: HOLE, size: 1.5 },
  "a text as size": { message: HOLE, size: "5" },
  "a bigint as size": { message: HOLE, size: 5n },
  "no number as size": { message: HOLE, size: NaN },
  "a negative size": { message: HOLE, size: -1 },
  "more than there is": { message: HOLE, size: 6 },
  "a promise": Promise.resolve({ message: HOLE, size: 5 }),
  "a getter that throws": {
    get message(): never {
      throw Object.create(null);
    },
  },
};

for (const [name, junk] of Object.entries(JUNK)) {
  Deno.test(`a protocol of the user's that decodes to ${name} ends its client, and is logged`, async () => {
    await using log = await LogLines.collect();
    // What the types forbid is what this is about.
    const broken = { ...SHORT, decode: () => junk as never };

    assertEquals(say(broken, bytes("hello")), ["fault 1002"]);

    const lines = log.lines.filter((line) =>
      line.startsWith("Closed a client")
    );
    assertEquals(lines.length, log.lines.length);
  });
}

for (
  const [name, junk] of Object.entries({
    "a text": "hello",
    "a list": [1, 2, 3],
    "null": null,
    "nothing": undefined,
    "a promise": Promise.resolve(bytes("x")),
    "a buffer": new ArrayBuffer(3),
    "a proxy": new Proxy(bytes("x"), {}),
  })
) {
  Deno.test(`a protocol of the user's that encodes to ${name} sends nothing, and is logged once`, async () => {
    await using log = await LogLines.collect();
    using context = new FakeContext();
    // What the types forbid is what this is about.
    const broken = { ...SHORT, encode: () => junk as never };
    const { stream, connection } = open(context, broken);

    for (const each of ["a", "b"]) connection.send(bytes(each), 0, 1, false);
    await settle();

    assertEquals(stream.writes, []);
    assertEquals(log.lines.length <= 1, true, log.lines.join("\n"));
  });
}

Deno.test("a protocol of the user's that throws what is no error harms nobody", async () => {
  await using _log = await LogLines.collect();
  using context = new FakeContext();
  const hostile = {
    decode() {
      throw Object.create(null);
    },
    encode() {
      throw Object.create(null);
    },
  };
  const { stream, connection } = open(context, hostile);

  connection.send(bytes("a"), 0, 1, false);
  await settle();

  assertEquals(stream.writes, []);
  assertEquals(say(hostile, bytes("a")), ["fault 1002"]);
});
