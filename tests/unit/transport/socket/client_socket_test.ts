import { assertEquals } from "@std/assert";
import {
  LARGE_BUFFER,
  MEDIUM_BUFFER,
  SMALL_BUFFER,
} from "../../../../lib/base/buffer_pool.ts";
import { StreamConnection } from "../../../../lib/transport/socket/stream_connection.ts";
import { tcpProtocol } from "../../../../lib/transport/protocols/tcp.ts";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import { ConnectionLog, FakeContext, FakeStream } from "../_fake_stream.ts";
import { bytes } from "../_feed.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

/** A connection that takes whatever comes, and the sizes of the buffers it waits with. */
function setUp(context: FakeContext): FakeStream {
  const stream = new FakeStream();
  const connection = new StreamConnection(tcpProtocol, stream, context);
  connection.open(new ConnectionLog());
  return stream;
}

Deno.test("ClientSocket waits with a small buffer", async () => {
  using context = new FakeContext();
  const stream = setUp(context);

  await stream.deliver(new Uint8Array(SMALL_BUFFER - 1));

  assertEquals(stream.readSizes, [SMALL_BUFFER, SMALL_BUFFER]);
});

Deno.test("ClientSocket reads on with a larger buffer when one was filled", async () => {
  using context = new FakeContext();
  const stream = setUp(context);

  await stream.deliver(new Uint8Array(SMALL_BUFFER + MEDIUM_BUFFER + 1));

  assertEquals(stream.readSizes, [
    SMALL_BUFFER,
    MEDIUM_BUFFER,
    LARGE_BUFFER,
    MEDIUM_BUFFER,
  ]);
});

Deno.test("ClientSocket keeps the medium buffer of a busy client", async () => {
  using context = new FakeContext();
  const stream = setUp(context);
  await stream.deliver(new Uint8Array(SMALL_BUFFER + 50));

  await stream.deliver(new Uint8Array(SMALL_BUFFER + 50));
  await stream.deliver(new Uint8Array(1));

  assertEquals(stream.readSizes.at(-1), MEDIUM_BUFFER);
});

Deno.test("ClientSocket goes back to the small buffer when the client was idle", async () => {
  using context = new FakeContext();
  const stream = setUp(context);
  await stream.deliver(new Uint8Array(SMALL_BUFFER + 50));

  await context.pass(1);
  await context.pass(1);
  await stream.deliver(new Uint8Array(1));

  assertEquals(stream.readSizes.at(-1), SMALL_BUFFER);
});

Deno.test("ClientSocket goes back to the small buffer after a long handshake", async () => {
  using context = new FakeContext();
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  const cookie = `Cookie: ${"c".repeat(3_000)}\r\n\r\n`;

  await stream.deliver(bytes(UPGRADE_REQUEST.slice(0, -2) + cookie));

  assertEquals(log.lines, ["open"]);
  assertEquals(stream.readSizes.at(-1), SMALL_BUFFER);
});
