import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  type BusinessWorker,
  type ClientMessageEvent,
  type Handler,
  type RouteEvent,
} from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";

/** Adds a worker whose handler answers each message with the worker's name and the message. */
async function addNamed(
  cluster: TestCluster,
  name: string,
  more: { labels?: Record<string, string>; log?: EventLog } = {},
): Promise<BusinessWorker> {
  const { labels = {}, log } = more;
  const handler: Handler = async (event) => {
    log?.add(event);
    if (event.type !== "message") return;
    await login(event);
    return `${name} ${event.text()}`;
  };
  return await cluster.addWorker(handler, { name, labels });
}

async function login(event: ClientMessageEvent): Promise<void> {
  const [word, uid = ""] = event.text().split(" ");
  if (word !== "login") return;
  await event.client.bindUid(uid);
  event.client.session.logins = Number(event.client.session.logins ?? 0) + 1;
}

Deno.test("by hash:uid all clients of a uid have one worker, at every gateway, from when they are bound", async () => {
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: () => {},
    gateway: { route: "hash:uid" },
  });
  for (const name of ["a", "b", "c"]) await addNamed(cluster, name);
  const owners = new Map<string, Set<string>>();

  for (let index = 0; index < 24; index++) {
    const gateway = cluster.gateways[index % 2];
    const client = await cluster.connect(gateway);
    const uid = `user${Math.floor(index / 4)}`;
    client.send(`login ${uid}`);
    await client.hear();
    client.send("hi");
    const [worker = ""] = String(await client.hear()).split(" ");
    owners.set(uid, (owners.get(uid) ?? new Set()).add(worker));
  }

  for (const [uid, names] of owners) assertEquals(names.size, 1, uid);
  const names = new Set([...owners.values()].flatMap((each) => [...each]));
  assert(names.size > 1, "one worker has all");
  await cluster.settled();
});

Deno.test("a client that moves to the worker of its uid loses nothing and keeps its order and session", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: { route: "hash:uid" },
  });
  for (const name of ["a", "b", "c"]) await addNamed(cluster, name, { log });
  const clients = await Promise.all(
    Array.from({ length: 12 }, () => cluster.connect()),
  );
  const numbered = (word: string) =>
    Array.from({ length: 20 }, (_, each) => `${word}${each}`);

  const moved = await Promise.all(clients.map(async (client, index) => {
    // Some of it is at the first worker already as the uid is bound, some comes after.
    const first = [`login user${index}`, ...numbered("before")];
    for (const text of first) client.send(text);
    const heard = [await client.hear()];
    for (const text of numbered("after")) client.send(text);
    heard.push(...await client.hearAll(40));
    const texts = heard.map((each) => String(each).slice(2));
    assertEquals(texts, [...first, ...numbered("after")]);
    return new Set(heard.map((each) => String(each)[0])).size - 1;
  }));
  assert(moved.includes(1), "nobody moved");
  assert(moved.every((each) => each < 2), "somebody moved twice");
  await cluster.settled();
  assertEquals(log.redelivered, 0);
  const outside = await cluster.outside();
  const sessions = await outside.getAllClientSessions();
  for (const session of Object.values(sessions)) {
    assertEquals({ ...session }, { logins: 1 });
  }
});

Deno.test("by hash:uid a worker that comes takes its share of idle clients, and they are told to it", async () => {
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: { route: "hash:uid" },
  });
  const first = await addNamed(cluster, "a");
  const clients = await Promise.all(
    Array.from({ length: 30 }, () => cluster.connect()),
  );
  for (const [index, client] of clients.entries()) {
    client.send(`login user${index}`);
    await client.hear();
  }
  assertEquals(first.clients, 30);

  const second = await addNamed(cluster, "b");
  await eventually(
    "some have moved",
    () => second.clients > 3 && first.clients + second.clients === 30,
  );
  const taken = second.clients;
  assert(taken < 27, `${taken} moved`);
  for (const client of clients) client.send("hi");
  const heard = await Promise.all(clients.map((client) => client.hear()));
  assertEquals(heard.filter((each) => each === "b hi").length, taken);

  await second.shutdown();
  await eventually("they are back", () => first.clients === 30);
});

Deno.test("by hash:header clients that send the same header have one worker", async () => {
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: { route: "hash:header:User-Agent" },
  });
  for (const name of ["a", "b", "c"]) await addNamed(cluster, name);
  const clients = await Promise.all(
    Array.from({ length: 9 }, () => cluster.connect()),
  );
  for (const client of clients) client.send("hi");

  const heard = await Promise.all(clients.map((client) => client.hear()));

  assertEquals(new Set(heard).size, 1);
});

Deno.test("by label clients get a worker that has it, and wait where none has, which is said", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: { route: "label:path:game" },
  });
  await addNamed(cluster, "any");
  await addNamed(cluster, "chess", { labels: { game: "chess" } });
  const chess = await Promise.all(
    [1, 2, 3].map(() => cluster.connect(cluster.gateway, "/chess/7?x=1")),
  );
  const go = await cluster.connect(cluster.gateway, "/go");
  for (const client of [...chess, go]) client.send("hi");

  for (const client of chess) assertEquals(await client.hear(), "chess hi");
  await eventually(
    "one waits",
    () => cluster.gateway.report().lacks?.["game=go"] === 1,
  );
  const { route, parkedClients, links } = cluster.gateway.report();
  assertEquals([route, parkedClients], ["label:path:game", 1]);
  const labels = links.map(({ labels }) => labels?.["game"]);
  assertEquals(labels.toSorted(), ["chess", undefined]);
  assertMatch(
    log.lines.join(),
    /No worker of 2 has the label game=go, so client [0-9a-f]{20} waits for one/,
  );

  await addNamed(cluster, "go", { labels: { game: "go" } });
  assertEquals(await go.hear(), "go hi");
  assertEquals(cluster.gateway.report().lacks, undefined);
});

Deno.test("by label what authorize grants counts, whatever the path says, and no path asks for what can be no label", async () => {
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: {
      route: "label:path:game",
      authorize: ({ query }) => {
        const game = query.get("game");
        return accept(game === null ? {} : { worker: { game } });
      },
    },
  });
  await addNamed(cluster, "chess", { labels: { game: "chess" } });
  await addNamed(cluster, "go", { labels: { game: "go" } });

  const client = await cluster.connect(cluster.gateway, "/chess?game=go");
  client.send("hi");
  assertEquals(await client.hear(), "go hi");
  const { port } = cluster.gateway.addr;
  const answer = await fetch(`http://127.0.0.1:${port}/a%20b`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  await answer.body?.cancel();
  assert(answer.status === 400, `${answer.status}`);
});

Deno.test("by a function clients get the worker that it returns, also once they have a uid", async () => {
  const seen: RouteEvent[] = [];
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    gateway: {
      route: (event, workers) => {
        seen.push(event);
        const name = event.uid ?? event.request?.query.get("worker");
        return workers.find((worker) => worker.name === name) ?? workers[0];
      },
    },
  });
  for (const name of ["a", "b", "c"]) await addNamed(cluster, name);

  const client = await cluster.connect(cluster.gateway, "/?worker=b");
  for (const text of ["hi", "login c"]) client.send(text);

  assertEquals(await client.hearAll(2), ["b hi", "b login c"]);
  client.send("again");
  assertEquals(await client.hear(), "c again");
  assertEquals(cluster.gateway.report().route, "function");
  const [first] = seen;
  assertMatch(first?.clientId ?? "", /^[0-9a-f]{20}$/);
  assertMatch(first?.remoteAddress ?? "", /^127\.0\.0\.1:\d+$/);
});
