/** What an operator finds out about single clients and names, over gateways. @module */

import { assertEquals } from "@std/assert";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import handler from "./handler.ts";

/** Clients of these uids on two gateways in turn; each says hello so often. */
async function arrange(
  cluster: TestCluster,
  uids: Readonly<Record<string, number>>,
): Promise<void> {
  let next = 0;
  for (const [uid, messages] of Object.entries(uids)) {
    const gateway = cluster.gateways[next++ % 2];
    const client = await cluster.connect(gateway);
    client.send(`i am ${uid.replace(/ \d$/, "")}`);
    await client.hear();
    for (let each = 0; each < messages; each++) client.send("hello");
    await client.hearAll(messages);
  }
}

Deno.test("GatewayClient.connections() finds the clients of a uid on all gateways, and one by id", async () => {
  await using cluster = await startCluster({ handler, gateways: 2 });
  await arrange(cluster, { "ada 1": 1, "ada 2": 2, bob: 0 });
  const program = await cluster.outside();

  const ada = await program.connections(10, "ada");
  const [{ id = "" } = {}] = ada.rows;
  const single = await program.connections(10, id);
  const nobody = await program.connections(10, "eve");
  const first = await program.connections(1, "ada");

  assertEquals(ada.rows.map(({ uid }) => uid), ["ada", "ada"]);
  assertEquals([ada.total, single.total, nobody.total], [2, 1, 0]);
  assertEquals(single.rows.map((row) => row.id), [id]);
  assertEquals([first.total, first.rows.length], [2, 1]);
});

Deno.test("GatewayClient.connectionsInGroup() finds members of a group on all gateways", async () => {
  await using cluster = await startCluster({ handler, gateways: 2 });
  await arrange(cluster, { ada: 0, bob: 0, eve: 0 });
  await using stranger = await cluster.connect();
  stranger.send("hello");
  await stranger.hear();
  const program = await cluster.outside();

  const lobby = await program.connectionsInGroup("lobby");
  const two = await program.connectionsInGroup("lobby", 2);
  const nobody = await program.connectionsInGroup("attic");

  assertEquals(lobby.rows.map(({ uid }) => uid).sort(), ["ada", "bob", "eve"]);
  assertEquals([two.total, two.rows.length], [3, 2]);
  assertEquals(nobody, { total: 0, rows: [] });
});

Deno.test("GatewayClient.busiest() adds up what the gateways know, the most first", async () => {
  await using cluster = await startCluster({ handler, gateways: 2 });
  await arrange(cluster, { "ada 1": 1, bob: 20, "ada 2": 40, eve: 3 });
  const program = await cluster.outside();

  const { groups, uids } = await program.busiest(2);

  assertEquals(
    groups.map(({ name, clients }) => ({ name, clients })),
    [{ name: "lobby", clients: 4 }],
  );
  assertEquals(
    uids.map(({ name, clients }) => ({ name, clients })),
    [{ name: "ada", clients: 2 }, { name: "bob", clients: 1 }],
  );
});
