/**
 * Clients of `gatewayworker.v1` that come back at another gateway, said by hand over real
 * sockets.
 *
 * @module
 */
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  defineHandler,
  type GatewayOptions,
  type Handler,
  type HandlerCallbacks,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

/** Echoes, and does to the client what a message says. */
const ECHO: HandlerCallbacks = {
  message: async (event, cluster) => {
    const { client } = event;
    const text = event.text();
    const [word, rest = ""] = text.split(" ");
    if (word === "uid") await client.bindUid(rest);
    if (word === "join") await client.joinGroup(rest);
    if (word === "keep") client.session = { kept: rest };
    if (word === "who") {
      const { uid, session, previousId, id } = client;
      const groups = await cluster.getGroupsByClientId(id);
      return JSON.stringify({ uid, groups, session, previousId });
    }
    return text;
  },
};

async function start(
  gateway: GatewayOptions = {},
  handler: Handler = defineHandler(ECHO),
): Promise<TestCluster> {
  const cluster = await startCluster({
    handler,
    gateways: 2,
    gateway: { resume: {}, ...gateway },
  });
  return cluster;
}

Deno.test("a client comes back at another gateway with its session, uid, groups and messages", async () => {
  await using cluster = await start();
  const [home, other] = cluster.gateways;
  assert(home && other);
  const [first, welcome] = await LastingClient.connect(home.addr);
  await first.say("muid ann", "mjoin room", "mkeep this", "m1");
  await first.expect("muid ann", "mjoin room", "mkeep this", "m1");
  first[Symbol.dispose]();
  await eventually("it is away", () => home.report().resume?.away === 1);
  await using program = await cluster.outside();
  await program.sendToUid("ann", "to ann", { confirm: true });
  await program.sendToGroup("room", "to the room", { confirm: true });

  // It says that it has but three of four.
  const [second, back] = await LastingClient.connect(other.addr, {
    t: welcome.t,
    r: 3,
  });
  using _ = second;

  assertEquals([back.resumed, back.in, back.gap], [true, 4, 0]);
  assertEquals(back.id, welcome.id);
  assertNotEquals(back.t, welcome.t);
  await second.expect("m1", "mto ann", "mto the room");
  await second.say("mwho");
  const told = JSON.parse((await second.hearBut("a", "p")).slice(1));
  assertEquals([told.uid, told.groups], ["ann", ["room"]]);
  assertEquals(told.session, { kept: "this" });
  assertEquals([home.clients, other.clients], [0, 1]);
  assertEquals(await program.sendToUid("ann", "again", { confirm: true }), 1);
  await second.expect("magain");
  assertEquals(
    await program.sendToClient(told.previousId, "by the old id", {
      confirm: true,
    }),
    1,
  );
  await second.expect("mby the old id");
  assertEquals(await program.isOnline(told.previousId), true);
});
