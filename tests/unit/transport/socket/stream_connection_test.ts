import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { CloseReason } from "../../../../lib/transport/connection.ts";
import { frameProtocol } from "../../../../lib/transport/protocols/frame.ts";
import {
  StreamConnection,
  type StreamProtocol,
  type StreamSink,
} from "../../../../lib/transport/socket/stream_connection.ts";
import { tcpProtocol } from "../../../../lib/transport/protocols/tcp.ts";
import { textProtocol } from "../../../../lib/transport/protocols/text.ts";
import { bytes, chunked, concat, fedEveryWay, feed, text } from "../_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../_fake_stream.ts";

/** Decodes pieces; returns what they said. */
function decode(
  protocol: StreamProtocol,
  pieces: Iterable<Uint8Array>,
  maxMessage: number,
): string[] {
  const lines: string[] = [];
  const sink: StreamSink = {
    onMessage(buffer: Uint8Array, start: number, end: number): boolean {
      lines.push(text(buffer.slice(start, end)));
      return true;
    },
    onFault: ({ code }: CloseReason) => void lines.push(`fault ${code}`),
  };
  const decoder = protocol.createDecoder(sink, maxMessage);
  feed({
    decode: (buffer, start, end) =>
      lines.at(-1)?.startsWith("fault")
        ? end - start
        : decoder.decode(buffer, start, end),
  }, pieces);
  return lines;
}

function says(
  protocol: StreamProtocol,
  source: Uint8Array | string,
  maxMessage = 100,
): string[] {
  const all = typeof source === "string" ? bytes(source) : source;
  return fedEveryWay(all, (pieces) => decode(protocol, pieces, maxMessage));
}

/** A length of four bytes, and what follows it. */
function frame(size: number, payload: string): Uint8Array {
  const header = new Uint8Array(4);
  new DataView(header.buffer).setUint32(0, size);
  return concat(header, bytes(payload));
}

Deno.test("textProtocol ends a message at LF and strips the CR before it", () => {
  assertEquals(says(textProtocol, "a\nb\r\nc\rd\r\r\ne"), ["a", "b", "c\rd\r"]);
});

Deno.test("textProtocol delivers empty lines as empty messages", () => {
  assertEquals(says(textProtocol, "\n\r\n\n"), ["", "", ""]);
});

Deno.test("textProtocol takes a line at the limit, and faults one past it", () => {
  assertEquals(says(textProtocol, "12345\n", 5), ["12345"]);
  assertEquals(says(textProtocol, "12345\r\n", 5), ["12345"]);
  assertEquals(says(textProtocol, "123456\n", 5), ["fault 1009"]);
  assertEquals(says(textProtocol, "123456\r\n", 5), ["fault 1009"]);
});

Deno.test("textProtocol faults an unfinished line past the limit", () => {
  assertEquals(says(textProtocol, "123456", 5), []);
  assertEquals(says(textProtocol, "1234567", 5), ["fault 1009"]);
});

Deno.test("frameProtocol takes a message of the length before it, which counts itself", () => {
  const source = concat(frame(7, "abc"), frame(4, ""), frame(5, "d"));

  assertEquals(says(frameProtocol, source), ["abc", "", "d"]);
});

for (const size of [0, 3]) {
  Deno.test(`frameProtocol faults the length ${size}, which is less than itself`, () => {
    assertEquals(says(frameProtocol, frame(size, "")), ["fault 1002"]);
  });
}

Deno.test("frameProtocol takes a message at the limit, and faults one past it", () => {
  assertEquals(says(frameProtocol, frame(9, "12345"), 5), ["12345"]);
  assertEquals(says(frameProtocol, frame(10, ""), 5), ["fault 1009"]);
  assertEquals(says(frameProtocol, frame(0xffffffff, ""), 5), ["fault 1009"]);
});

Deno.test("frameProtocol tells how large the first frame will be", () => {
  const sink = { onMessage: () => true, onFault: () => {} };
  const decoder = frameProtocol.createDecoder(sink, 1_000);

  decoder.decode(frame(900, "abc"), 0, 7);

  assertEquals(decoder.wanted, 900);
});

Deno.test("tcpProtocol makes a message of every read", () => {
  const pieces = [bytes("ab"), bytes("c")];

  assertEquals(decode(tcpProtocol, pieces, 100), ["ab", "c"]);
});

const PROTOCOLS = {
  text: textProtocol,
  frame: frameProtocol,
  tcp: tcpProtocol,
};

for (const [name, protocol] of Object.entries(PROTOCOLS)) {
  Deno.test(`${name}Protocol encodes and writes the same frame, and keeps nothing`, () => {
    const payload = bytes("hello");
    const target = new Uint8Array(20);

    const encoded = protocol.codec.encode(payload, false);
    protocol.writeFrame(target, 2, bytes("-hello-"), 1, 6);
    payload.fill(0);

    assertEquals(encoded.length, protocol.frameSize(5));
    assertEquals(target.slice(2, 2 + encoded.length), encoded);
    assertEquals(text(encoded).includes("hello"), true);
  });
}

for (const name of ["text", "frame"] as const) {
  Deno.test(`${name}Protocol gives back what any client sent, however it was cut`, () => {
    const message = fc.string({ unit: "binary", maxLength: 50 })
      .map((line) => name === "text" ? line.replace(/[\r\n]/g, "") : line);
    const protocol = PROTOCOLS[name];
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 8 }),
        fc.integer({ min: 1, max: 120 }),
        (messages, size) => {
          const frames = messages.map((line) =>
            protocol.codec.encode(bytes(line), false)
          );

          const lines = decode(
            protocol,
            chunked(concat(...frames), size),
            1_000,
          );

          assertEquals(lines, messages.map((line) => text(bytes(line))));
        },
      ),
      { numRuns: 200 },
    );
  });
}

/** A connection that speaks lines. */
function openText(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new StreamConnection(textProtocol, stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  return { stream, connection, log };
}

Deno.test("StreamConnection opens at once, without a request", () => {
  using context = new FakeContext();
  const { log } = openText(context);

  assertEquals(log.lines, ["open"]);
  assertEquals(log.request, undefined);
});

Deno.test("StreamConnection hands on messages and sends in one write a batch", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);
  log.react = (message) => {
    const echo = bytes(message);
    connection.send(echo, 0, echo.length);
  };

  await stream.deliver(bytes("a\nbc\n"));

  assertEquals(log.lines, ["open", "text a", "text bc"]);
  assertEquals(stream.writes.map(text), ["a\nbc\n"]);
});

Deno.test("StreamConnection over tcp writes nothing for an empty message", async () => {
  using context = new FakeContext();
  const stream = new FakeStream();
  const connection = new StreamConnection(tcpProtocol, stream, context);
  connection.open(new ConnectionLog());

  assertEquals(connection.send(new Uint8Array(0), 0, 0), "queued");
  await settle();

  assertEquals(stream.writes, []);
});

Deno.test("StreamConnection.close() sends what is queued, half-closes, and waits for the client", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);
  connection.send(bytes("last"), 0, 4);

  connection.close({ code: 1001, reason: "going away" });
  await settle();
  assertEquals(text(stream.output), "last\n");
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  await stream.deliver(bytes("ignored\n"));
  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1001 going away"]);
});

Deno.test("StreamConnection.close() gives up at closeTimeout", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);

  connection.close({ code: 1001, reason: "" });
  await context.pass(context.closeTimeout);

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 1001 "]);
});

Deno.test("StreamConnection sends what is queued to a client that half-closed", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);
  stream.isFast = false;
  connection.send(bytes("answer"), 0, 6);
  await settle();

  await stream.deliverEnd();
  assertEquals(stream.isClosed, false);
  await stream.takeWrite();

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 1000 "]);
});

Deno.test("StreamConnection.close() sends what is queued even if the client hangs up first", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);
  stream.isFast = false;
  connection.send(bytes("a"), 0, 1);
  await settle();
  connection.send(bytes("b"), 0, 1);

  connection.close({ code: 1001, reason: "" });
  await stream.deliverEnd();
  await stream.takeWrite();
  assertEquals(stream.isClosed, false);
  await stream.takeWrite();

  assertEquals(stream.writes.map(text), ["a\n", "b\n"]);
  assertEquals(log.lines, ["open", "close 1001 "]);
});

Deno.test("StreamConnection hands on nothing after close() within one chunk", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = openText(context);
  log.react = () => connection.close({ code: 1000, reason: "" });

  await stream.deliver(bytes("a\nb\n"));

  assertEquals(log.lines, ["open", "text a"]);
});

Deno.test("StreamConnection closes a client that breaks the protocol", async () => {
  using context = new FakeContext(5);
  const { stream, log } = openText(context);

  await stream.deliver(bytes("too long a line"));
  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1009 line too long"]);
});

Deno.test("StreamConnection drops the queue of a slow consumer and closes with 4008", async () => {
  using context = new FakeContext(100, 10);
  const { stream, connection, log } = openText(context);
  stream.isFast = false;
  connection.send(new Uint8Array(5), 0, 5);
  await settle();

  assertEquals(connection.send(new Uint8Array(5), 0, 5), "dropped");
  assertEquals(connection.queuedBytes, 6);
  await context.loseAllPatience();

  assertEquals(log.lines, ["open", "close 4008 slow consumer"]);
});

Deno.test("StreamConnection.destroy() reports 1006 once", async () => {
  using context = new FakeContext();
  const { connection, log } = openText(context);

  connection.destroy();
  await settle();

  assertEquals(log.lines, ["open", "close 1006 "]);
  assertEquals(connection.ping(), false);
});
