/** What becomes of what is under way when bridges are killed, or two are active. @module */

import { assertEquals, assertGreater } from "@std/assert";
import { pause } from "../../../lib/base/pause.ts";
import { defineHandler, GatewayClient } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { NatsServer, WITH_NATS } from "../../_support/nats_server.ts";
import { startCli, type TestProcess } from "../../_support/processes.ts";
import { CELL_KEY, Cells, startCells } from "./_cells.ts";

const PUSH_KEY = "a key of programs";

const binding = defineHandler({
  message: async (event) => {
    await event.client.bindUid(event.text());
    return "bound";
  },
});

/** Starts a bridge as a process of its own, which can be killed. */
async function startBridge(
  cell: string,
  { nats }: Cells,
  { registers: [register = ""] }: TestCluster,
): Promise<TestProcess> {
  const process = startCli([
    "bridge",
    ...["--cell", cell, "--nats", nats.url, "--register", register],
    ...["--cell-key", CELL_KEY, "--push-key", PUSH_KEY],
    ...["--bridge-port", "0", "--lan-ip", "127.0.0.1"],
  ]);
  await eventually(
    "the bridge is ready",
    () => process.out.some((line) => line.includes(" ready")),
  );
  return process;
}

function isActive({ errors, out }: TestProcess): boolean {
  return [...errors, ...out].some((line) => line.includes("Active for shard"));
}

Deno.test(
  "nothing is lost or doubled of what a cell sends, or a program pushes, when its active bridge is killed",
  WITH_NATS,
  async () => {
    await using nats = await NatsServer.start();
    await using cells = new Cells({
      handler: binding,
      bridge: { pushKey: PUSH_KEY },
    }, nats);
    await using eu = await startCluster({ handler: binding });
    const us = await cells.add("us");
    await using one = await startBridge("eu", cells, eu);
    await using other = await startBridge("eu", cells, eu);
    assertEquals([isActive(one), isActive(other)], [true, false]);
    await eventually(
      "the cells hear each other",
      () => us.bridge.report().cells[0]?.reachable === true,
    );
    const there = await us.cluster.connect();
    there.send("ann");
    await there.hear();
    const here = await eu.connect();
    here.send("bob");
    await here.hear();
    await using pushes = await GatewayClient.connect({
      nats: nats.url,
      pushKey: PUSH_KEY,
    });
    const sender = eu.worker.cluster;
    await sender.sendToUid("ann", "linked", { confirm: true });
    assertEquals(await there.hear(), "linked");

    // It goes on until the other one is active, and for a while after.
    let count = 0;
    for (let left = 100; left > 0;) {
      await sender.sendToUid("ann", `${count}`);
      await pushes.sendToUid("bob", `${count}`);
      count++;
      if (count === 200) one.signal("SIGKILL");
      if (isActive(other)) left--;
      await pause(2);
    }

    assertGreater(count, 300);
    const expected = Array.from({ length: count }, (_, each) => `${each}`);
    assertEquals(await there.hearAll(count), expected);
    assertEquals(await here.hearAll(count), expected);
    // What came twice would stand before these.
    assertEquals(await sender.sendToUid("ann", "last", { confirm: true }), 1);
    assertEquals(await there.hear(), "last");
    assertEquals(await pushes.sendToUid("bob", "last", { confirm: true }), 1);
    assertEquals(await here.hear(), "last");
    assertEquals(eu.worker.report().lostAbroad, 0);
  },
);

Deno.test(
  "two bridges that are active at once do what a program pushes once, and say whom it reached",
  WITH_NATS,
  async () => {
    await using cells = await startCells({
      handler: binding,
      names: ["eu"],
      gateways: 2,
      bridge: { pushKey: PUSH_KEY },
    });
    const [eu] = cells.all;
    if (eu === undefined) throw new RangeError("There is no cell");
    // Of another key of the cells: neither believes that the other one is there.
    const twin = await cells.addBridge("eu", eu.cluster, { cellKey: "other" });
    await eventually(
      "both are active, and linked to both gateways",
      () =>
        [eu.bridge, twin].every((bridge) => {
          const { shards, gateways } = bridge.report();
          return shards.every(({ active }) => active) && gateways === 2;
        }),
    );
    const clients = await Promise.all(
      eu.cluster.gateways.map((gateway) => eu.cluster.connect(gateway)),
    );
    for (const client of clients) {
      client.send("ann");
      await client.hear();
    }
    await using pushes = await GatewayClient.connect({
      nats: cells.nats.url,
      pushKey: PUSH_KEY,
    });

    const sent: string[] = [];
    for (let each = 0; each < 30; each++) {
      sent.push(`told ${each}`, `asked ${each}`);
      await pushes.sendToUid("ann", `told ${each}`);
      const reached = await pushes.sendToAll(`asked ${each}`, {
        confirm: true,
      });
      assertEquals(reached, 2);
    }

    // What came twice would stand before the last ones.
    for (const last of ["last", "very last"]) {
      sent.push(last);
      await pushes.sendToAll(last, { confirm: true });
    }
    for (const client of clients) {
      assertEquals(await client.hearAll(sent.length), sent);
    }
  },
);

Deno.test(
  "what is sent abroad while no bridge is linked goes as soon as one is",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: binding });
    const [eu, us] = cells.pair;
    const client = await us.cluster.connect();
    client.send("ann");
    await client.hear();
    const sender = eu.cluster.worker.cluster;
    await sender.sendToUid("ann", "first", { confirm: true });
    await eu.bridge.shutdown();

    await sender.sendToUid("ann", "while there is none");
    await cells.addBridge("eu", eu.cluster);

    assertEquals(await client.hearAll(2), ["first", "while there is none"]);
  },
);
