/**
 * Clients that speak HTTP where WebSocket is spoken: health checks, and strangers.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import { ConnectionLog, FakeContext, FakeStream } from "../_fake_stream.ts";
import { bytes, clientFrame, text } from "../_feed.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

const HEALTH = bytes("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

function accept(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  return { stream, connection, log };
}

/** The statuses of all answers so far. */
function statuses(stream: FakeStream): string[] {
  return [...text(stream.output).matchAll(/HTTP\/1\.1 (\d{3}) /g)]
    .map(([, status = ""]) => status);
}

Deno.test("WebSocketConnection keeps a client that speaks HTTP, and upgrades it later", async () => {
  using context = new FakeContext();
  const { stream, log } = accept(context);

  await stream.deliver(HEALTH);
  await stream.deliver(HEALTH);
  await stream.deliver(
    bytes(UPGRADE_REQUEST),
    clientFrame(1, "early"),
  );

  assertEquals(statuses(stream), ["200", "200", "101"]);
  assertEquals(log.lines, ["open", "text early"]);
  assertEquals(context.sweep.size, 0);
});

Deno.test("WebSocketConnection gives each request of HTTP the time of a handshake", async () => {
  using context = new FakeContext();
  const { stream } = accept(context);
  const most = context.handshakeTimeout - 1;

  await context.pass(most);
  await stream.deliver(HEALTH);
  await context.pass(most);
  await stream.deliver(HEALTH);
  await context.pass(most);
  assertEquals(stream.isClosed, false);
  await context.pass(1);

  assertEquals([statuses(stream), stream.isClosed], [["200", "200"], true]);
});

for (
  const [what, unfinished] of [
    ["head", "GET /healthz HTTP/1.1\r\nHo"],
    ["body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell"],
  ] as const
) {
  Deno.test(`WebSocketConnection answers 408 where a later ${what} does not come`, async () => {
    using context = new FakeContext();
    const { stream, log } = accept(context);

    await stream.deliver(HEALTH);
    await stream.deliver(bytes(unfinished));
    await context.pass(context.handshakeTimeout);

    assertEquals(statuses(stream), ["200", "408"]);
    assertEquals([stream.isHalfClosed, log.lines], [true, []]);
  });
}

Deno.test("WebSocketConnection answers a client of HTTP that has ended its own direction", async () => {
  using context = new FakeContext();
  const { stream } = accept(context);
  stream.isFast = false;

  await stream.deliver(HEALTH);
  await stream.deliverEnd();
  assertEquals(stream.isClosed, false);
  await stream.takeWrite();

  assertEquals([statuses(stream), stream.isClosed], [["200"], true]);
});

Deno.test("WebSocketConnection reads on a little after its last answer, so that it arrives", async () => {
  using context = new FakeContext();
  const { stream } = accept(context);

  await stream.deliver(
    bytes("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999\r\n\r\n"),
  );
  assertEquals([stream.isHalfClosed, stream.isClosed], [true, false]);
  await stream.deliver(new Uint8Array(99_999));
  assertEquals([statuses(stream), stream.isClosed], [["413"], false]);
  await stream.deliverEnd();

  assertEquals(stream.isClosed, true);
});

Deno.test("WebSocketConnection asks anew for each check whether it is ready", async () => {
  using context = new FakeContext();
  const { stream } = accept(context);
  const ready = bytes("HEAD /readyz HTTP/1.1\r\nHost: a\r\n\r\n");

  context.whyNotReady = "no worker is here";
  await stream.deliver(ready);
  context.whyNotReady = undefined;
  await stream.deliver(ready);

  assertEquals(statuses(stream), ["503", "200"]);
  assertMatch(text(stream.output), /\r\n\r\n$/);
});
