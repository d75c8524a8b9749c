/** Nodes of the original at a gateway and a Register of ours. @module */

import { assert, assertEquals } from "@std/assert";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { phpTest, startPhpWorker } from "../_support/php_peers.ts";
import type { TestClient } from "../_support/test_client.ts";

const KEY = "their key";

/** A Register and a gateway of ours, without workers. */
async function ourCluster(secretKey = ""): Promise<TestCluster> {
  const php = { phpPeers: true, phpSecretKey: secretKey };
  return await startCluster({
    workers: 0,
    gateway: php,
    register: php,
    handler: (event) => {
      if (event.type !== "message") return;
      if (event.text() !== "session?") return `ours:${event.text()}`;
      return JSON.stringify(event.client.session);
    },
  });
}

/** Starts a worker of the original, and waits until it is linked. */
async function startWorker(cluster: TestCluster, secretKey = "", name = "P") {
  const before = cluster.gateway.workers;
  const [register = ""] = cluster.registers;
  const worker = await startPhpWorker({ register, secretKey, name });
  await eventually(
    "the worker of the original is linked",
    () => cluster.gateway.workers > before,
  );
  return worker;
}

/** Has the handler in PHP do something, and returns what it says. */
async function order(client: TestClient, said: unknown): Promise<unknown> {
  client.send(JSON.stringify(said));
  const isAnswer = (message: unknown) => String(message).startsWith("{");
  return JSON.parse(String(await client.messages.until(isAnswer)));
}

/** A session is stored after what its handler said has left: asks once more. */
async function saved(client: TestClient): Promise<void> {
  client.send("saved?");
  await client.messages.until((message) => message === "php:saved?");
}

phpTest(
  "a worker of the original serves the clients of our gateway, and calls the whole API",
  async () => {
    await using cluster = await ourCluster(KEY);
    await using _worker = await startWorker(cluster, KEY);
    const a = await cluster.connect(cluster.gateway, "/?room=7&x[]=1");
    const b = await cluster.connect();
    a.send("hello");
    assertEquals(await a.hear(), "php:hello");
    assertEquals(await order(a, { session: { n: 1.5 } }), {
      session: { from: "php", query: { room: "7", x: ["1"] }, n: 1.5 },
    });
    const call = async (name: string, ...args: unknown[]) =>
      (await order(a, { call: name, args }) as { result: unknown }).result;

    await call("bindUid", "$client", 100);
    await call("joinGroup", "$client", "g1");
    await eventually(
      "the client is bound",
      async () => await call("isUidOnline", 100) === 1,
    );
    const ids = await call("getClientIdByUid", 100) as string[];
    assertEquals(ids.length, 1);
    const [id = ""] = ids;
    assert(id.startsWith("7f000001"));
    assertEquals(await call("getUidByClientId", id), "100");
    assertEquals(await call("getClientCountByGroup", "g1"), 1);
    assertEquals(await call("getAllClientCount"), 2);
    assertEquals(await call("getAllUidList"), { 100: "100" });
    assertEquals(await call("getAllGroupIdList"), { g1: "g1" });
    assertEquals(await call("getUidListByGroup", "g1"), { 100: "100" });
    assertEquals(await call("isOnline", id), 1);
    assertEquals(await call("updateSession", id, { more: { a: [1] } }), null);
    await eventually("the session is merged", async () => {
      const session = await call("getSession", id) as { more?: unknown };
      return JSON.stringify(session.more) === '{"a":[1]}';
    });
    const sessions = await call("getAllClientSessions") as object;
    assertEquals(Object.keys(sessions).length, 2);

    a.send(
      JSON.stringify({ call: "sendToGroup", args: ["g1", "to the group"] }),
    );
    await a.messages.until((message) => message === "to the group");
    assertEquals(await order(b, { call: "sendToUid", args: [100, "uid"] }), {
      result: null,
    });
    await a.messages.until((message) => message === "uid");
    await order(b, { session: { tell: "100" } });
    await saved(b);
    await b.close();
    const told = await a.messages.until((text) =>
      String(text).startsWith("closed:")
    );
    assertEquals(String(told).length, "closed:".length + 20);
    a.send(JSON.stringify({ call: "closeClient", args: ["$client"] }));
    await a.closed;
    await cluster.settled();
  },
);

phpTest(
  "sessions of either kind of worker are read by the other, objects of PHP apart",
  async () => {
    await using cluster = await ourCluster();
    const php = await startWorker(cluster);
    const client = await cluster.connect();
    assertEquals(
      await order(client, { session: { list: [1, 2.5], deep: { "7": null } } }),
      {
        session: {
          from: "php",
          query: [],
          list: [1, 2.5],
          deep: { "7": null },
        },
      },
    );
    await saved(client);
    await cluster.addWorker();
    await php.stop();
    await eventually(
      "the worker has left",
      () => cluster.gateway.workers === 1,
    );
    client.send("session?");
    assertEquals(JSON.parse(String(await client.hear())), {
      from: "php",
      query: [],
      list: [1, 2.5],
      deep: { "7": null },
    });
    await php[Symbol.asyncDispose]();
  },
);
