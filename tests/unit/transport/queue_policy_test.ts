import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ENTRY_COST } from "../../../lib/base/entry_cost.ts";
import type {
  Connection,
  SendResult,
} from "../../../lib/transport/connection.ts";
import type { QueuePolicy } from "../../../lib/transport/connection.ts";
import { StreamConnection } from "../../../lib/transport/socket/stream_connection.ts";
import { textProtocol } from "../../../lib/transport/protocols/text.ts";
import { WebSocketConnection } from "../../../lib/transport/websocket/websocket.ts";
import { WriteWindow } from "../../../lib/transport/outgoing/write_window.ts";
import { eventually } from "../../_support/eventually.ts";
import { bytes, clientFrame, text } from "./_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "./_fake_stream.ts";
import { UPGRADE_REQUEST } from "./_raw_client.ts";

/** A client that speaks lines, and reads when the test says so. */
function openText(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new StreamConnection(textProtocol, stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  stream.isFast = false;
  return { stream, connection, log };
}

/** The same, with a write in flight that does not end. */
async function openStalled(context: FakeContext) {
  const parts = openText(context);
  parts.connection.sendRaw(bytes("flight\n"));
  await settle();
  return parts;
}

function offer(
  connection: Connection,
  message: string,
  policy: QueuePolicy,
  key?: string,
): SendResult {
  const frame = connection.codec.encode(bytes(message), false);
  return connection.offer(frame, policy, key);
}

function send(connection: Connection, message: string): SendResult {
  return connection.send(bytes(message), 0, message.length, false);
}

/** Lets writes end until nothing is left; returns the lines written. */
async function readAll(stream: FakeStream): Promise<string[]> {
  for (let seen = -1; seen < stream.writes.length;) {
    seen = stream.writes.length;
    await stream.takeWrite();
  }
  return text(stream.output).split("\n").slice(0, -1);
}

Deno.test("Connection.offer() writes one batch to an idle client in one write", async () => {
  using context = new FakeContext();
  const { stream, connection } = openText(context);

  assertEquals(offer(connection, "a", "drop-oldest"), "queued");
  assertEquals(offer(connection, "b", "latest", "k"), "queued");
  assertEquals(send(connection, "c"), "queued");
  await settle();

  assertEquals(stream.writes.map(text), ["a\nb\nc\n"]);
  assertEquals(connection.dropped, 0);
});

Deno.test("Connection.offer() replaces what waits for a stalled client by key", async () => {
  using context = new FakeContext(1_000, 10_000);
  const { stream, connection } = await openStalled(context);

  for (const price of [1, 2, 3]) {
    assertEquals(offer(connection, `eur ${price}`, "latest", "eur"), "queued");
    assertEquals(offer(connection, `usd ${price}`, "latest", "usd"), "queued");
  }

  assertEquals(connection.dropped, 4);
  assertEquals(await readAll(stream), ["flight", "eur 3", "usd 3"]);
  assertEquals([connection.queuedBytes, connection.dropped], [0, 4]);
});

Deno.test("Connection.offer() drops the oldest past the send buffer, and counts it", async () => {
  using context = new FakeContext(1_000, 100 + 8 * ENTRY_COST);
  const { stream, connection } = await openStalled(context);

  for (let i = 10; i < 60; i++) {
    assert(offer(connection, `message ${i}`, "drop-oldest") !== "dropped");
  }

  // 7 bytes are in flight, and 8 messages of 11 bytes fit behind them.
  assertEquals([connection.queuedBytes, connection.dropped], [95, 42]);
  const lines = await readAll(stream);
  assertEquals(lines, [
    "flight",
    ...Array.from({ length: 8 }, (_, i) => `message ${52 + i}`),
  ]);
});

Deno.test("Connection.offer() drops the newest past the send buffer, and says so", async () => {
  using context = new FakeContext(1_000, 30 + 4 * ENTRY_COST);
  const { stream, connection } = await openStalled(context);

  const results = ["one", "two", "three", "four", "five"].map((message) =>
    offer(connection, message, "drop-newest")
  );

  assertEquals(results, [
    "queued",
    "queued",
    "pressure",
    "pressure",
    "dropped",
  ]);
  assertEquals(await readAll(stream), [
    "flight",
    "one",
    "two",
    "three",
    "four",
  ]);
});

Deno.test("Connection sends in order what may be dropped and what may not", async () => {
  using context = new FakeContext(1_000, 10_000);
  const { stream, connection } = await openStalled(context);
  const source = bytes("xthirdx");

  offer(connection, "first", "drop-oldest");
  send(connection, "second");
  connection.send(source, 1, 6);
  connection.sendRaw(source.fill(0x34, 0, 1).subarray(0, 1));
  connection.sendRaw(bytes("\n"));
  connection.sendEncoded(bytes("fifth\n"));
  offer(connection, "sixth", "close");
  source.fill(0);

  assertEquals(await readAll(stream), [
    "flight",
    "first",
    "second",
    "third",
    "4",
    "fifth",
    "sixth",
  ]);
});

Deno.test("Connection closes with 4008 when what must not be dropped has no room", async () => {
  using context = new FakeContext(1_000, 20 + ENTRY_COST);
  const { connection, log } = await openStalled(context);
  offer(connection, "wait", "drop-newest");

  const large = "x".repeat(ENTRY_COST);
  assertEquals(send(connection, large), "pressure");
  assertEquals(send(connection, "x".repeat(10)), "dropped");
  await context.loseAllPatience();

  assertEquals(log.lines, ["open", "close 4008 slow consumer"]);
  assertEquals(offer(connection, "late", "drop-oldest"), "dropped");
});

Deno.test("Connection drops what may be dropped before it closes a slow client", async () => {
  using context = new FakeContext(1_000, 25 + 2 * ENTRY_COST);
  const { stream, connection } = await openStalled(context);
  offer(connection, "old", "drop-oldest");
  offer(connection, "older", "drop-oldest");

  assertEquals(send(connection, "heartbeat"), "pressure");
  assertEquals(connection.dropped, 1);
  assertEquals(await readAll(stream), ["flight", "older", "heartbeat"]);
});

Deno.test("Connection keeps a client that reads, though it is told more than may wait", async () => {
  using context = new FakeContext(1_000, 1_000);
  context.lend(1_000_000);
  const { stream, connection } = await openStalled(context);
  offer(connection, "stays", "drop-newest");
  const large = ["a", "b", "c"].map((letter) => letter.repeat(900));

  for (const message of large) send(connection, message);

  assertEquals(await readAll(stream), ["flight", "stays", ...large]);
  assertEquals(context.surplus.bytes, 0);
});

Deno.test("Connection closes who takes nothing when others need its room", async () => {
  using context = new FakeContext(1_000, 1_000);
  context.lend(1_000);
  const idle = await openStalled(context);
  const busy = await openStalled(context);
  const large = "x".repeat(900);
  send(idle.connection, large);
  send(idle.connection, large);

  await context.pass(10_001);
  send(busy.connection, large);
  assertEquals(send(busy.connection, large), "pressure");

  await context.loseAllPatience();
  assertEquals(idle.log.lines, ["open", "close 4008 slow consumer"]);
  assertEquals(busy.log.lines, ["open"]);
});

Deno.test("Connection.ping() closes nobody, whatever waits", async () => {
  for (const policy of ["drop-oldest", "drop-newest", "latest"] as const) {
    using context = new FakeContext(1_000, 100 + 3 * ENTRY_COST);
    const stream = new FakeStream();
    const connection = new WebSocketConnection(stream, context);
    const log = new ConnectionLog();
    connection.open(log);
    await stream.deliver(bytes(UPGRADE_REQUEST));
    stream.isFast = false;
    send(connection, "flight");
    await settle();
    for (let i = 0; i < 9; i++) offer(connection, "waits", policy, `${i}`);

    connection.ping();
    await stream.deliver(clientFrame(9, "are you there?"));
    await context.pass(context.closeTimeout);

    assertEquals([policy, ...log.lines], [policy, "open"]);
    connection.destroy();
  }
});

Deno.test("WebSocketConnection answers a ping while a breath waits for a client that reads", async () => {
  using context = new FakeContext(1_000, 1_000);
  context.lend(1_000_000);
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  stream.isFast = false;
  for (const letter of ["a", "b", "c"]) send(connection, letter.repeat(900));

  await stream.deliver(clientFrame(9, "are you there?"));
  await readAll(stream);

  assert(text(stream.output).endsWith("are you there?"));
  assertEquals(log.lines, ["open"]);
  connection.destroy();
});

Deno.test("Connection.offer() replaces by key what flushWithin holds back", async () => {
  using context = new FakeContext(1_000, 10_000);
  context.writeWindow = new WriteWindow(50);
  const { stream, connection } = openText(context);
  stream.isFast = true;

  for (let place = 0; place < 10; place++) {
    offer(connection, `place ${place}`, "latest", "7");
    await settle();
    if (place === 4) send(connection, "between");
  }
  await eventually("all is written", () => connection.queuedBytes === 0);

  assertEquals(text(stream.output), "place 0\nplace 9\nbetween\n");
  assertEquals(stream.writes.length, 2);
  assertEquals(connection.dropped, 8);
});

Deno.test('Connection.offer() with the policy "close" is sendEncoded()', async () => {
  using context = new FakeContext(1_000, 20);
  const { connection, log } = await openStalled(context);

  assertEquals(offer(connection, "fits", "close"), "pressure");
  assertEquals(offer(connection, "does not fit", "close"), "dropped");
  await context.loseAllPatience();

  assertEquals(log.lines, ["open", "close 4008 slow consumer"]);
});

Deno.test("Connection.close() sends what waits before it ends", async () => {
  using context = new FakeContext();
  const { stream, connection } = await openStalled(context);
  offer(connection, "a", "drop-oldest");
  offer(connection, "b", "latest", "k");

  connection.close({ code: 1001, reason: "" });
  assertEquals(offer(connection, "late", "drop-oldest"), "dropped");

  assertEquals(await readAll(stream), ["flight", "a", "b"]);
  assertEquals(stream.isHalfClosed, true);
});

Deno.test("Connection moves what waits in batches, so that it can still be replaced", async () => {
  using context = new FakeContext(1_000, 1_000_000);
  const { stream, connection } = await openStalled(context);
  const filler = "x".repeat(9_000);
  for (let i = 0; i < 4; i++) offer(connection, filler, "drop-oldest");
  offer(connection, "old", "latest", "k");

  await stream.takeWrite();
  offer(connection, "new", "latest", "k");

  assertEquals(connection.dropped, 1);
  assertEquals((await readAll(stream)).at(-1), "new");
});

Deno.test("WebSocketConnection frames what waits, and its close frame comes last", async () => {
  using context = new FakeContext();
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  stream.writes.length = 0;
  stream.isFast = false;
  send(connection, "flight");
  await settle();

  offer(connection, "old", "latest", "k");
  send(connection, "plain");
  connection.ping();
  offer(connection, "new", "latest", "k");
  connection.close({ code: 1000, reason: "" });
  await stream.takeWrite();

  assertEquals(
    String.fromCharCode(...stream.writes[1] ?? []),
    "\x81\x03new\x81\x05plain\x89\x00\x88\x02\x03\xe8",
  );
});

Deno.test("Connection delivers once all that it did not count as dropped", async () => {
  const policy = fc.constantFrom<QueuePolicy>(
    "close",
    "drop-oldest",
    "drop-newest",
    "latest",
  );
  const step = fc.record({
    policy,
    size: fc.integer({ min: 1, max: 3_000 }),
    isPlain: fc.boolean(),
    reads: fc.boolean(),
  });

  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const limit = 40_000;
      using context = new FakeContext(1_000, limit);
      const { stream, connection } = await openStalled(context);
      let offered = 1;
      for (const { policy, size, isPlain, reads } of steps) {
        // What would close the connection is another test's.
        const isDroppable = policy !== "close" && !isPlain;
        if (!isDroppable && connection.queuedBytes > limit / 2) continue;
        const message = `${offered++} `.padEnd(size, "x");
        if (isPlain) send(connection, message);
        else offer(connection, message, policy, "key");
        assert(connection.queuedBytes <= limit);
        if (reads) await stream.takeWrite();
      }

      const lines = await readAll(stream);

      const numbers = lines.slice(1).map((line) => Number(line.split(" ")[0]));
      assertEquals(lines.length + connection.dropped, offered);
      assertEquals(new Set(numbers).size, numbers.length);
      connection.destroy();
      await settle();
    }),
    { numRuns: 60 },
  );
});
