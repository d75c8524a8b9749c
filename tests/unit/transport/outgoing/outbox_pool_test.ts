import { assert, assertEquals } from "@std/assert";
import {
  giveOutbox,
  takeOutbox,
} from "../../../../lib/transport/outgoing/outbox_pool.ts";
import { Surplus } from "../../../../lib/transport/outgoing/surplus.ts";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import {
  encodeFrame,
  Opcode,
} from "../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { bytes, text } from "../_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../_fake_stream.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

const OWNER = {
  onRelease: () => {},
  onDrained: () => {},
  onRecalled: () => {},
  onWriteFailed: () => {},
};

const RULES = {
  sendBuffer: 1_000,
  writeWindow: undefined,
  surplus: new Surplus({ now: () => 0 }),
};

Deno.test("takeOutbox() gives the outbox that was given back, for another client", async () => {
  const first = new FakeStream();
  const second = new FakeStream();
  const outbox = takeOutbox(first, RULES, OWNER);
  outbox.append(bytes("one"));
  await settle();
  assert(outbox.isIdle);

  giveOutbox(outbox);
  const again = takeOutbox(second, RULES, OWNER);
  again.append(bytes("two"));
  await settle();

  assert(again === outbox);
  assertEquals([text(first.output), text(second.output)], ["one", "two"]);
});

Deno.test("Outbox.isIdle is false while anything waits, and when it is closed", async () => {
  const stream = new FakeStream();
  stream.isFast = false;
  const outbox = takeOutbox(stream, RULES, OWNER);
  outbox.append(bytes("wait"));
  assert(!outbox.isIdle);
  await settle();
  assert(!outbox.isIdle);
  await stream.takeWrite();
  assert(outbox.isIdle);

  outbox.close();

  assert(!outbox.isIdle);
});

Deno.test("WebSocketConnections that take turns have one outbox among them, and none while they are idle", async () => {
  using context = new FakeContext();
  const clients = await Promise.all(["a", "b"].map(async (name) => {
    const stream = new FakeStream();
    const connection = new WebSocketConnection(stream, context);
    connection.open(new ConnectionLog());
    await stream.deliver(bytes(UPGRADE_REQUEST));
    stream.writes.length = 0;
    return { name, stream, connection };
  }));
  const only = takeOutbox(new FakeStream(), RULES, OWNER);
  giveOutbox(only);

  for (const { name, connection, stream } of clients) {
    connection.send(bytes(name), 0, 1, false);
    await settle();
    assertEquals(stream.output, encodeFrame(Opcode.Text, bytes(name)));
    // It is back, and the next one takes it.
    const next = takeOutbox(new FakeStream(), RULES, OWNER);
    assert(next === only);
    giveOutbox(next);
  }
});
