import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { defineHandler } from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

const echo = defineHandler({
  message: (event) => event.binary ? event.bytes() : event.text(),
});

async function startEcho(
  resume = {},
): Promise<TestCluster> {
  return await startCluster({ handler: echo, gateway: { resume } });
}

Deno.test("a gateway welcomes a client of gatewayworker.v1, and numbers nothing that it need not", async () => {
  await using cluster = await startEcho();
  const [client, welcome] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("mhello");

  assertMatch(client.answer, /^Sec-WebSocket-Protocol: gatewayworker\.v1\r$/m);
  const { resumed, reason, gap, in: received, ping, window } = welcome;
  assertEquals(
    { resumed, reason, gap, received, ping, window },
    {
      resumed: false,
      reason: "new",
      gap: 0,
      received: 0,
      ping: 10_000,
      window: 60_000,
    },
  );
  await client.expect("mhello");
  await client.sayBinary(1, "bytes");
  await client.expect("1:bytes");
});

Deno.test("a client that comes back gets what it missed, in order and once", async () => {
  await using cluster = await startEcho();
  const { addr } = cluster.gateway;
  const [first, welcome] = await LastingClient.connect(addr);
  await first.say("m1", "m2", "m3");
  await first.expect("m1", "m2", "m3");
  first[Symbol.dispose]();
  await eventually(
    "it is away",
    () => cluster.gateway.report().resume?.away === 1,
  );

  // It says that it has one of the three, and lost the others on the way.
  const [second, back] = await LastingClient.connect(addr, {
    t: welcome.t,
    r: 1,
  });
  using _ = second;

  assertEquals([back.resumed, back.in, back.gap], [true, 3, 0]);
  assertEquals(back.id, welcome.id);
  assertNotEquals(back.t, welcome.t);
  await second.expect("m2", "m3");
  await second.say("m4");
  await second.expect("m4");
  assertEquals(cluster.gateway.clients, 1);
});
