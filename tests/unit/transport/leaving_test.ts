/**
 * Clients that say goodbye while something that they sent is being answered.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { StreamConnection } from "../../../lib/transport/socket/stream_connection.ts";
import { textProtocol } from "../../../lib/transport/protocols/text.ts";
import { WebSocketConnection } from "../../../lib/transport/websocket/websocket.ts";
import { bytes, clientFrame, text } from "./_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "./_fake_stream.ts";
import { UPGRADE_REQUEST } from "./_raw_client.ts";

const GOODBYE = clientFrame(8, Uint8Array.of(0x0f, 0xa0));
/** The answer to it: the same code, 4000. */
const ECHO = "\x88\x02\x0f\xa0";

/** One that speaks WebSocket, has sent a request and said goodbye. */
async function leaveWebSocket(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  log.owesAnswers = true;
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  stream.writes.length = 0;
  await stream.deliver(clientFrame(1, "request"), GOODBYE);
  return { stream, connection, log };
}

/** One that speaks lines, has sent a request and will send nothing more. */
async function leaveText(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new StreamConnection(textProtocol, stream, context);
  const log = new ConnectionLog();
  log.owesAnswers = true;
  connection.open(log);
  await stream.deliver(bytes("request\n"));
  await stream.deliverEnd();
  return { stream, connection, log };
}

function outputOf(stream: FakeStream): string {
  return String.fromCharCode(...stream.output);
}

for (
  const [kind, leave, answer, end, line] of [
    ["WebSocket", leaveWebSocket, "\x81\x06answer", ECHO, "close 4000 "],
    ["text", leaveText, "answer\n", "", "close 1000 "],
  ] as const
) {
  Deno.test(`${kind} client that has said goodbye gets its answers first`, async () => {
    using context = new FakeContext();
    const { stream, connection, log } = await leave(context);
    assertEquals(log.lines, ["open", "text request", "leaving"]);
    assertEquals([outputOf(stream), stream.isClosed], ["", false]);

    connection.send(bytes("answer"), 0, 6, false);
    await settle();
    assertEquals(outputOf(stream), answer);
    log.answered?.();
    await settle();

    assertEquals(outputOf(stream), answer + end);
    assertEquals([log.lines.at(-1), stream.isClosed], [line, true]);
    assertEquals(context.sweep.size, 0);
  });

  Deno.test(`${kind} client that has said goodbye is not kept for ever`, async () => {
    using context = new FakeContext();
    const { stream, log } = await leave(context);

    await context.pass(context.closeTimeout - 1);
    assertEquals(stream.isClosed, false);
    await context.pass(1);

    assertEquals([outputOf(stream), stream.isClosed], [end, true]);
    assertEquals(log.lines.at(-1), line);
    log.answered?.();
    await settle();
    assertEquals(log.lines.length, 4);
  });

  Deno.test(`${kind} client that has said goodbye ends at once if nothing is to be answered`, async () => {
    using context = new FakeContext();
    const { stream, connection, log } = await leave(context);
    connection.close({ code: 1001, reason: "" });
    await settle();

    assertEquals([outputOf(stream), stream.isClosed], [end, true]);
    assertEquals(log.lines.at(-1), line);
  });

  Deno.test(`${kind} client that has said goodbye is not read any more, whoever asks for it`, async () => {
    using context = new FakeContext();
    const { stream, connection } = await leave(context);
    const reads = stream.readSizes.length;

    connection.pause();
    connection.resume();
    await stream.deliver(bytes("more and more"));

    assertEquals(stream.readSizes.length, reads);
    connection.destroy();
    await settle();
  });

  Deno.test(`${kind} client that breaks while it waits for its answers is gone`, async () => {
    using context = new FakeContext();
    const { stream, connection, log } = await leave(context);
    stream.isFast = false;

    connection.send(bytes("answer"), 0, 6, false);
    await settle();
    await stream.failWrite();
    log.answered?.();
    await settle();

    assertEquals([log.lines.at(-1), stream.isClosed], [line, true]);
    assertEquals(context.ended.length, 1);
  });
}

Deno.test("WebSocket client that does not read its last answers is ended as slow", async () => {
  using context = new FakeContext(1_000, 10);
  const { stream, connection, log } = await leaveWebSocket(context);
  stream.isFast = false;

  connection.send(bytes("answer"), 0, 6, false);
  await settle();
  assertEquals(connection.send(bytes("answer"), 0, 6, false), "dropped");
  await stream.takeWrite();
  await stream.takeWrite();

  assertEquals(outputOf(stream), "\x81\x06answer" + ECHO);
  assertEquals(log.lines.at(-1), "close 4000 ");
});

Deno.test("WebSocket client that says goodbye to our goodbye is not asked about", async () => {
  using context = new FakeContext();
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  log.owesAnswers = true;
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));

  connection.close({ code: 1001, reason: "" });
  await stream.deliver(GOODBYE);

  assertEquals(log.lines, ["open", "close 1001 "]);
  assertEquals(text(stream.output).endsWith(ECHO), false);
});
