import { assert, assertEquals } from "@std/assert";
import { SMALL_BUFFER } from "../../../../lib/base/buffer_pool.ts";
import { CLOSE_GOING_AWAY } from "../../../../lib/transport/connection.ts";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import {
  CLOSE_NO_STATUS,
  encodeClose,
  encodeFrame,
  Opcode,
  webSocketCodec,
} from "../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { eventually } from "../../../_support/eventually.ts";
import { bytes, clientFrame, concat, text } from "../_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../_fake_stream.ts";

const TEXT = 1;
const CLOSE = 8;
const PING = 9;

const REQUEST = bytes(
  "GET /room HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
);

/** A connection that has not said anything yet. */
function accept(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  return { stream, connection, log };
}

/** A connection whose handshake is over. */
async function open(context: FakeContext) {
  const parts = accept(context);
  await parts.stream.deliver(REQUEST);
  parts.stream.writes.length = parts.stream.written.length = 0;
  return parts;
}

function closeFrame(code: number): Uint8Array {
  return clientFrame(CLOSE, Uint8Array.of(code >> 8, code));
}

Deno.test("WebSocketConnection opens after the handshake, with the request", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = accept(context);

  await stream.deliver(REQUEST.slice(0, 20));
  assertEquals(log.lines, []);
  await stream.deliver(REQUEST.slice(20));

  assertEquals(log.lines, ["open"]);
  assert(log.connection === connection);
  assertEquals(log.request?.target, "/room");
  assertEquals(text(stream.output).slice(0, 12), "HTTP/1.1 101");
  assertEquals(context.sweep.size, 0);
});

Deno.test("WebSocketConnection takes frames that came with the request", async () => {
  using context = new FakeContext();
  const { stream, log } = accept(context);

  await stream.deliver(REQUEST, clientFrame(TEXT, "early"));

  assertEquals(log.lines, ["open", "text early"]);
});

Deno.test("WebSocketConnection answers HTTP, half-closes when asked to close, and raises nothing", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = accept(context);

  await stream.deliver(
    bytes("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"),
  );

  assertEquals(text(stream.output).slice(0, 12), "HTTP/1.1 426");
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  await stream.deliverEnd();
  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, []);
  assert(context.ended[0] === connection);
});

Deno.test("WebSocketConnection gives up a handshake at its time-out, not before", async () => {
  using context = new FakeContext();
  const { stream, log } = accept(context);
  await stream.deliver(REQUEST.slice(0, -1));

  await context.pass(context.handshakeTimeout - 1);
  assertEquals(stream.isHalfClosed, false);
  await context.pass(1);

  assertEquals(text(stream.output).slice(0, 12), "HTTP/1.1 408");
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  await context.pass(1_000);
  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, []);
  assertEquals(context.ended.length, 1);
});

Deno.test("WebSocketConnection ends without a word if the client never said one", async () => {
  using context = new FakeContext();
  const { stream, log } = accept(context);

  await context.pass(context.handshakeTimeout);

  assertEquals([stream.isClosed, stream.writes.length], [true, 0]);
  assertEquals(log.lines, []);
});

Deno.test("WebSocketConnection.send() frames text and binary, one write a batch", async () => {
  using context = new FakeContext();
  const { stream, connection } = await open(context);

  assertEquals(connection.send(bytes("-hi-"), 1, 3, false), "queued");
  assertEquals(connection.send(bytes("x"), 0, 1, true), "queued");
  await settle();

  assertEquals(stream.writes, [
    concat(
      encodeFrame(Opcode.Text, bytes("hi")),
      encodeFrame(Opcode.Binary, bytes("x")),
    ),
  ]);
});

for (const length of [0, 125, 126, 65_535, 65_536]) {
  Deno.test(`WebSocketConnection.send() frames ${length} bytes as the codec does`, async () => {
    using context = new FakeContext(100_000, 100_000);
    const { stream, connection } = await open(context);
    const payload = new Uint8Array(length).fill(7);

    connection.send(payload, 0, length, true);
    await settle();

    const expected = webSocketCodec.encode(payload, true);
    assertEquals(text(stream.output) === text(expected), true);
  });
}

Deno.test("WebSocketConnection.sendEncoded() writes the very array", async () => {
  using context = new FakeContext();
  const { stream, connection } = await open(context);
  const frame = connection.codec.encode(bytes("all"), false);

  connection.sendEncoded(frame);
  await settle();

  assert(stream.written[0] === frame);
});

Deno.test("WebSocketConnection answers a ping with its payload", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliver(clientFrame(PING, "42"));

  assertEquals(stream.output, encodeFrame(Opcode.Pong, bytes("42")));
  assertEquals(log.lines, ["open"]);
});

Deno.test("WebSocketConnection.ping() sends a ping, and activity grows with the pong", async () => {
  using context = new FakeContext();
  const { stream, connection } = await open(context);
  const before = connection.activity;

  assertEquals(connection.ping(), true);
  await settle();
  assertEquals(stream.output, Uint8Array.of(0x89, 0));
  assertEquals(connection.activity, before);
  await stream.deliver(clientFrame(10, ""));

  assertEquals(connection.activity, before + 1);
});

Deno.test("WebSocketConnection.close() waits for the client's close frame", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);

  connection.send(bytes("last"), 0, 4, false);
  connection.close(CLOSE_GOING_AWAY);
  await settle();
  assertEquals(
    stream.output,
    concat(
      encodeFrame(Opcode.Text, bytes("last")),
      encodeClose(CLOSE_GOING_AWAY),
    ),
  );
  assertEquals([stream.isClosed, log.lines.length], [false, 1]);
  await stream.deliver(closeFrame(1001));

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 1001 going away"]);
});

Deno.test("WebSocketConnection.close() gives up at closeTimeout, not before", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  connection.close(CLOSE_GOING_AWAY);
  await settle();

  await context.pass(context.closeTimeout - 1);
  assertEquals(stream.isClosed, false);
  await context.pass(1);

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 1001 going away"]);
});

Deno.test("WebSocketConnection hands on nothing after close(), and takes nothing", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);

  connection.close(CLOSE_GOING_AWAY);
  await stream.deliver(clientFrame(TEXT, "late"));

  assertEquals(log.lines, ["open"]);
  assertEquals(connection.send(bytes("x"), 0, 1, false), "dropped");
  assertEquals(connection.sendEncoded(bytes("x")), "dropped");
  assertEquals(connection.sendRaw(bytes("x")), "dropped");
});

Deno.test("WebSocketConnection.close() reads on if it was paused", async () => {
  using context = new FakeContext();
  const { stream, connection } = await open(context);
  connection.pause();
  await stream.deliver(clientFrame(TEXT, "x"));

  connection.close(CLOSE_GOING_AWAY);
  await stream.deliver(closeFrame(1001));

  assertEquals(stream.isClosed, true);
});

Deno.test("WebSocketConnection echoes the client's close and then ends", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliver(closeFrame(4100));

  assertEquals(stream.output, encodeClose({ code: 4100, reason: "" }));
  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 4100 "]);
});

Deno.test("WebSocketConnection sends what is queued before it echoes a close", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  stream.isFast = false;
  connection.send(bytes("a"), 0, 1, false);
  await settle();
  connection.send(bytes("b"), 0, 1, false);

  await stream.deliver(closeFrame(1000));
  assertEquals(stream.isClosed, false);
  await stream.takeWrite();
  await stream.takeWrite();

  assertEquals(text(stream.output).includes("b"), true);
  assertEquals(log.lines, ["open", "close 1000 "]);
});

Deno.test("WebSocketConnection sends what is queued to a client that closed and hung up", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  stream.isFast = false;
  connection.send(bytes("a"), 0, 1, false);
  await settle();

  await stream.deliver(closeFrame(1000));
  await stream.deliverEnd();
  assertEquals(stream.isClosed, false);
  await stream.takeWrite();
  await stream.takeWrite();

  assertEquals(stream.writes[1], encodeClose({ code: 1000, reason: "" }));
  assertEquals(log.lines, ["open", "close 1000 "]);
});

Deno.test("WebSocketConnection reports 1005 when the client's close has no code", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliver(clientFrame(CLOSE, ""));

  assertEquals(stream.output, encodeClose(CLOSE_NO_STATUS));
  assertEquals(log.lines, ["open", "close 1005 "]);
});

Deno.test("WebSocketConnection reports 1006 when the connection just ends", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1006 "]);
  assertEquals(stream.isClosed, true);
});

Deno.test("WebSocketConnection reports 1006 when a read fails", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.failRead();

  assertEquals(log.lines, ["open", "close 1006 "]);
});

Deno.test("WebSocketConnection reports 1006 when a write fails, even while paused", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  stream.isFast = false;
  connection.pause();
  await stream.deliver(clientFrame(TEXT, "x"));
  connection.send(bytes("a"), 0, 1, false);
  await settle();

  await stream.failWrite();

  assertEquals(log.lines, ["open", "text x", "close 1006 "]);
});

Deno.test("WebSocketConnection.destroy() ends at once, and reports it once", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);

  connection.destroy();
  connection.destroy();
  assertEquals([stream.isClosed, log.lines.length], [true, 1]);
  await settle();

  assertEquals(log.lines, ["open", "close 1006 "]);
  assertEquals(context.ended.length, 1);
  assertEquals(connection.send(bytes("x"), 0, 1, false), "dropped");
});

Deno.test("WebSocketConnection hands on nothing after destroy() within one chunk", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  log.react = () => connection.destroy();

  await stream.deliver(clientFrame(TEXT, "a"), clientFrame(TEXT, "b"));

  assertEquals(log.lines, ["open", "text a", "close 1006 "]);
});

Deno.test("WebSocketConnection tells a client that breaks a rule, then half-closes", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliver(clientFrame(TEXT, "x", { key: null }));

  const { code, reason } = { code: 1002, reason: "frame is not masked" };
  assertEquals(stream.output, encodeClose({ code, reason }));
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  await stream.deliver(clientFrame(TEXT, "ignored"));
  await stream.deliverEnd();
  assertEquals(log.lines, ["open", `close ${code} ${reason}`]);
});

Deno.test("WebSocketConnection does not wait for ever for a client that broke a rule", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);
  await stream.deliver(clientFrame(3, ""));

  await context.pass(context.closeTimeout);

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines, ["open", "close 1002 unknown opcode"]);
});

Deno.test("WebSocketConnection.pause() stops after the chunk; resume() reads on", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = await open(context);
  log.react = () => connection.pause();

  await stream.deliver(clientFrame(TEXT, "a"), clientFrame(TEXT, "b"));
  await stream.deliver(clientFrame(TEXT, "c"));
  assertEquals(log.lines, ["open", "text a", "text b"]);
  assertEquals(connection.isPaused, true);
  connection.resume();
  await settle();

  assertEquals(log.lines, ["open", "text a", "text b", "text c"]);
});

Deno.test("WebSocketConnection drops the queue of a slow consumer and closes with 4008", async () => {
  using context = new FakeContext(100_000, 100);
  const { stream, connection, log } = await open(context);
  stream.isFast = false;
  connection.send(new Uint8Array(48), 0, 48, true);
  await settle();
  const inFlight = connection.queuedBytes;

  assertEquals(connection.send(new Uint8Array(48), 0, 48, true), "pressure");
  assertEquals(connection.send(new Uint8Array(1), 0, 1, true), "dropped");

  const farewell = encodeClose({ code: 4008, reason: "slow consumer" });
  assertEquals(connection.queuedBytes, inFlight + farewell.length);
  await stream.takeWrite();
  assertEquals(stream.writes[1], farewell);
  await context.loseAllPatience();
  assertEquals(log.lines, ["open", "close 4008 slow consumer"]);
});

Deno.test("WebSocketConnection bounds what pings of a client that never reads can queue", async () => {
  using context = new FakeContext(100_000, 1_000);
  const { stream, connection, log } = await open(context);
  stream.isFast = false;

  const ping = clientFrame(PING, "p".repeat(100));
  for (let i = 0; i < 30; i++) await stream.deliver(ping);

  assert(connection.queuedBytes < 1_100, String(connection.queuedBytes));
  await context.loseAllPatience();
  assertEquals(log.lines, ["open", "close 4008 slow consumer"]);
});

Deno.test("WebSocketConnection waits with a small buffer before and after a large message", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);

  await stream.deliver(clientFrame(TEXT, "x".repeat(50_000)));
  await context.pass(1);
  await context.pass(1);
  await stream.deliver(clientFrame(TEXT, "small"));

  assertEquals(log.lines.length, 3);
  assertEquals(stream.readSizes[1], SMALL_BUFFER);
  assertEquals(stream.readSizes.at(-1), SMALL_BUFFER);
});

Deno.test("WebSocketConnection takes no memory on a client's word alone", async () => {
  using context = new FakeContext(10_000_000);
  const { stream } = await open(context);

  await stream.deliver(clientFrame(TEXT, "x", { announced: 9_000_000 }));

  assertEquals(Math.max(...stream.readSizes), SMALL_BUFFER);
});

Deno.test("WebSocketConnection.remoteAddress is the client's", async () => {
  using context = new FakeContext();
  const { connection } = await open(context);

  assertEquals(connection.remoteAddress, "10.0.0.7:4000");
});

Deno.test("WebSocketConnection cuts off who goes on and on after goodbye", async () => {
  using context = new FakeContext();
  const { stream, log } = await open(context);
  await stream.deliver(clientFrame(TEXT, Uint8Array.of(0xff)));
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  const piece = new Uint8Array(65_536);

  for (let sent = 0; sent < 32 * 1_048_576; sent += piece.length) {
    await stream.deliver(piece);
  }
  const { isClosed } = stream;
  await stream.deliver(piece);
  await eventually("cut off", () => stream.isClosed);

  assert(!isClosed);
  assertEquals(log.lines, ["open", "close 1007 text is not UTF-8"]);
});
