import { assertEquals, assertStrictEquals } from "@std/assert";
import { SlowClients } from "../../../../lib/gateway/clients/slow_clients.ts";
import { FanOut } from "../../../../lib/gateway/commands/fan_out.ts";
import type { OutputCodec } from "../../../../lib/transport/connection.ts";
import { LastingCodec } from "../../../../lib/transport/lasting/lasting_codec.ts";
import type { SendResult } from "../../../../lib/transport/connection.ts";
import { Flag } from "../../../../lib/wire/frame.ts";
import { FakeConnection } from "../_fake_connection.ts";
import { TestGateway } from "../_test_gateway.ts";

/** Keeps the very frames that it is handed. */
class FrameKeeper extends FakeConnection {
  readonly frames: Uint8Array[] = [];

  override sendEncoded(frame: Uint8Array): SendResult {
    this.frames.push(frame);
    return "queued";
  }
}

for (const flags of [0, Flag.Binary, Flag.Typed]) {
  Deno.test(`a broadcast to clients whose sessions outlive their sockets is encoded once (flags ${flags})`, () => {
    const gateway = new TestGateway();
    let encodes = 0;
    const socket: OutputCodec = {
      encode: (payload) => {
        encodes++;
        return payload.slice();
      },
    };
    const connections = Array.from(
      { length: 100 },
      () => new FrameKeeper(LastingCodec.over(socket)),
    );
    const clients = connections.map((connection) => {
      const { client } = gateway.addClient();
      client.connection = connection;
      return client;
    });
    const fanOut = new FanOut(gateway.counts, new SlowClients(gateway.counts));
    const payload = new TextEncoder().encode("q0 news\n1");

    assertEquals(fanOut.send(clients, { payload, flags }), 100);

    assertEquals(encodes, 1);
    const [first] = connections[0]?.frames ?? [];
    for (const { frames } of connections) assertStrictEquals(frames[0], first);
  });
}
