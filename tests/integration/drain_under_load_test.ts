/** The short form of `deno task drain`: clients of all kinds are sent away under load. @module */

import { assert, assertEquals, assertLess } from "@std/assert";
import { defineHandler } from "@gatewayworker/core";
import { GatewayClient } from "@gatewayworker/core/cluster";
import { tryDrain } from "../drain/swarm.ts";
import { startCluster } from "../_support/cluster.ts";

Deno.test("a drain under load keeps its pace, and all clients of the library go on at another gateway and miss nothing", async () => {
  await using cluster = await startCluster({
    handler: defineHandler({
      message: (event) => event.text().replace("s", "e"),
    }),
    gateways: 2,
    gateway: { resume: {} },
  });
  const [first, second] = cluster.gateways;
  assert(first && second);
  await using program = await GatewayClient.connect({
    register: cluster.registers,
  });

  const outcome = await tryDrain({
    clients: 200,
    rate: 150,
    from: first.addr.port,
    to: second.addr.port,
    interval: 100,
    broadcast: async (text) => void await program.sendToAll(text),
    drain: async () => void await first.drain({ rate: 150 }),
  });

  const { library, plain, resumed, closed, fresh, aways, missed, wrong } =
    outcome;
  assertEquals([library, plain], [180, 20]);
  assertEquals({ resumed, closed }, { resumed: library, closed: plain });
  assertEquals({ fresh, missed, wrong, aways }, {
    fresh: 0,
    missed: 0,
    wrong: 0,
    aways: 0,
  });
  // How exact it is, is for the long form on a quiet machine to say.
  assertLess(outcome.pace, 4);
  assertEquals(first.clients, 0);
});
