import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Cluster,
  defineHandler,
  LinkClosedError,
  PartialResultError,
} from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import type { TestClient } from "../_support/test_client.ts";

/** Answers each connect with the client's id. */
const tellId = defineHandler({ connect: ({ client }) => client.id });

const MARK = "the end";

/** A client, and the id that it has in the cluster. */
interface Known {
  readonly client: TestClient;
  readonly id: string;
}

/** Two clients on each of two gateways, in the order of the gateways. */
async function fourClients(cluster: TestCluster): Promise<Known[]> {
  const known: Known[] = [];
  for (const gateway of cluster.gateways) {
    for (let each = 0; each < 2; each++) {
      const client = await cluster.connect(gateway);
      known.push({ client, id: String(await client.hear()) });
    }
  }
  return known;
}

function ids(known: readonly Known[]): string[] {
  return known.map(({ id }) => id);
}

/** What each client heard until now. */
async function heardBy(
  cluster: Cluster,
  known: readonly Known[],
): Promise<string[]> {
  await cluster.sendToAll(MARK);
  return await Promise.all(known.map(async ({ client }) => {
    const heard: string[] = [];
    for (let each = await client.hear(); each !== MARK;) {
      heard.push(String(each));
      each = await client.hear();
    }
    return heard.join();
  }));
}

async function fourOnTwo(): Promise<
  { cluster: TestCluster; known: Known[]; api: Cluster }
> {
  const cluster = await startCluster({ gateways: 2, handler: tellId });
  return {
    cluster,
    known: await fourClients(cluster),
    api: cluster.worker.cluster,
  };
}

Deno.test("sendToGroup() reaches the members on all gateways, and nobody else", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = "", , c = ""] = ids(known);
  await api.joinGroup(a, "lobby");
  await api.joinGroup(c, "lobby");
  await api.joinGroup(c, "other");

  await api.sendToGroup("lobby", "one");
  await api.sendToGroup(["lobby", "other"], "two");
  await api.sendToGroup("lobby", "three", [a]);
  await api.leaveGroup(a, "lobby");
  await api.sendToGroup("lobby", "four", { exclude: c });
  await api.sendToGroup("nobody", "five");

  assertEquals(await heardBy(api, known), ["one,two", "", "one,two,three", ""]);
});

Deno.test("sendToUid() reaches every client of a uid, wherever it is", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = "", b = "", c = ""] = ids(known);
  await api.bindUid(a, "tom");
  await api.bindUid(c, "tom");
  await api.bindUid(b, "ann");

  await api.sendToUid("tom", "one");
  await api.sendToUid(["tom", "ann", "eve"], "two");
  await api.unbindUid(a);
  await api.bindUid(b, "tom");
  await api.sendToUid("tom", "three", { exclude: c });

  assertEquals(await heardBy(api, known), [
    "one,two",
    "two,three",
    "one,two",
    "",
  ]);
});

Deno.test("sendToAll() reaches everybody, or those listed, but not those left out", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = "", b = "", c = "", d = ""] = ids(known);

  await api.sendToAll("one");
  await api.sendToAll("two", { exclude: [a, d] });
  await api.sendToAll("three", { clientIds: [b, c] });
  await api.sendToAll("four", { clientIds: [b, c], exclude: b });
  await api.sendToAll("five", { clientIds: [] });

  assertEquals(await heardBy(api, known), [
    "one",
    "one,two,three",
    "one,two,three,four",
    "one",
  ]);
});

Deno.test("calls that send tell how many they reached, if asked to", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = "", b = "", c = ""] = ids(known);
  for (const id of [a, b, c]) await api.joinGroup(id, "three");
  await api.bindUid(c, "tom");
  const confirm = true;

  assertEquals(await api.sendToAll("x", { confirm }), 4);
  assertEquals(await api.sendToAll("x", { confirm, exclude: a }), 3);
  assertEquals(await api.sendToGroup("three", "x", { confirm }), 3);
  assertEquals(await api.sendToUid("tom", "x", { confirm }), 1);
  assertEquals(await api.sendToUid("nobody", "x", { confirm }), 0);
  assertEquals(await api.sendToClient(a, "x", { confirm }), 1);
  assertEquals(await api.sendToClient(gone(a), "x", { confirm }), 0);
  assertEquals(await api.sendToAll("x"), undefined);
});

Deno.test("a client that is not there is no error", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = ""] = ids(known);
  const nowhere = `f${a.slice(1)}`;

  for (const id of [gone(a), nowhere]) {
    await api.sendToClient(id, "x");
    assertEquals(await api.isOnline(id), false);
    assertEquals(await api.closeClient(id), false);
    assertEquals(await api.joinGroup(id, "lobby"), false);
    assertEquals(await api.bindUid(id, "tom"), false);
    assertEquals(await api.getSession(id), undefined);
    assertEquals(await api.setSession(id, { a: 1 }), false);
  }
  assertEquals(await api.isOnline(a), true);
});

Deno.test("closeClient() sends what is queued and the message, then closes", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [{ client, id } = { client: undefined, id: "" }] = known;

  await api.sendToClient(id, "first");
  const code = 4_200;
  assertEquals(
    await api.closeClient(id, "farewell", { code, reason: "out" }),
    true,
  );

  assertEquals(await client?.hearAll(2), ["first", "farewell"]);
  assertEquals(await client?.closed, { code, reason: "out" });
});

Deno.test("destroyClient() ends a connection without a word", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [{ client, id } = { client: undefined, id: "" }] = known;

  assertEquals(await api.destroyClient(id), true);

  // Some clients say 0 where the standard says 1006.
  assert([0, 1006].includes((await client?.closed)?.code ?? -1));
});

Deno.test("what a handler binds and joins is there when the call resolves, and gone with the client", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [{ client, id } = { client: undefined, id: "" }] = known;
  await api.bindUid(id, "tom");
  await api.joinGroup(id, "lobby");

  await client?.close();
  await cluster.settled();

  assertEquals(await api.sendToUid("tom", "x", { confirm: true }), 0);
  assertEquals(await api.sendToGroup("lobby", "x", { confirm: true }), 0);
  assertEquals(await api.isOnline(id), false);
});

Deno.test("the close event still tells the client's uid", async () => {
  const uids: (string | undefined)[] = [];
  await using cluster = await startCluster({
    handler: defineHandler({
      connect: async ({ client }) => {
        await client.bindUid("tom");
        return "bound";
      },
      close: ({ client }) => void uids.push(client.uid),
    }),
  });
  const client = await cluster.connect();
  await client.hear();

  await client.close();
  await cluster.settled();

  assertEquals(uids, ["tom"]);
});

Deno.test("GatewayClient reaches the cluster from outside, and knows a gateway that comes later", async () => {
  await using cluster = await startCluster({
    secretKey: "hush",
    handler: tellId,
  });
  const outside = await cluster.outside();
  const first = await cluster.connect();
  const id = String(await first.hear());

  await outside.sendToAll("from outside");
  assertEquals(await first.hear(), "from outside");
  assertEquals(await outside.isOnline(id), true);

  const gateway = await cluster.addGateway();
  const second = await cluster.connect(gateway);
  const secondId = String(await second.hear());
  while (await outside.sendToClient(secondId, "hi", { confirm: true }) === 0);
  assertEquals(await second.hear(), "hi");
});

Deno.test("GatewayClient takes part in no client's business", async () => {
  await using cluster = await startCluster({ workers: 0, handler: tellId });
  await cluster.outside();
  const client = await cluster.connect();

  await cluster.addWorker();

  assert((await client.hear()).length === 20);
});

Deno.test("queries in flight are answered by a gateway that shuts down, later ones as if its clients had left", async () => {
  const { cluster, known, api } = await fourOnTwo();
  await using _ = cluster;
  const [a = ""] = ids(known);

  const answer = api.isOnline(a);
  await cluster.gateway.shutdown();

  assertEquals(await answer, true);
  await eventually("the link is gone", () => cluster.worker.gateways === 1);
  assertEquals(await api.isOnline(a), false);
  assertEquals(await api.sendToAll("x", { confirm: true }), 2);
});

Deno.test("queries in flight are rejected when the link to their gateway breaks", async () => {
  await using cluster = await startCluster({ workers: 0, handler: tellId });
  const { worker, kill } = await cluster.addFragileWorker();
  const client = await cluster.connect();
  const id = String(await client.hear());

  const one = worker.cluster.isOnline(id);
  const many = worker.cluster.sendToAll("x", { confirm: true });
  kill();

  await assertRejects(() => one, LinkClosedError);
  await assertRejects(() => many, PartialResultError, "sendToAll");
});

/** The id of a client that never was, on the same gateway. */
function gone(id: string): string {
  const last = id.at(-1) === "0" ? "1" : "0";
  return id.slice(0, 12) + "0000000" + last;
}
