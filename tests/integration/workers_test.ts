import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import type { Cluster, Gateway, Handler } from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";
import { eventually } from "../_support/eventually.ts";
import { Inbox } from "../_support/inbox.ts";
import { LogLines } from "../_support/log_lines.ts";
import type { TestClient } from "../_support/test_client.ts";

const CLIENTS = 10;
const NUMBERS = Array.from({ length: 100 }, (_, index) => String(index));

function pause(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}

/** Notes each event, takes a little time, and answers messages with their text. */
function noting(log: EventLog, most = 3): Handler {
  return async (event) => {
    log.add(event);
    if (event.type !== "message") return;
    await pause(Math.random() * most);
    return event.text();
  };
}

async function connectAll(cluster: TestCluster): Promise<TestClient[]> {
  const clients: Promise<TestClient>[] = [];
  for (let each = 0; each < CLIENTS; each++) {
    const { gateways } = cluster;
    clients.push(cluster.connect(gateways[each % gateways.length]));
  }
  return await Promise.all(clients);
}

/** Sends all numbers from all clients, and lets things happen in between. */
async function sendAll(
  cluster: TestCluster,
  clients: readonly TestClient[],
  disturb: Readonly<Record<number, () => unknown>> = {},
): Promise<void> {
  const disturbances: unknown[] = [];
  for (const [index, number] of NUMBERS.entries()) {
    for (const client of clients) client.send(number);
    disturbances.push(disturb[index]?.());
    cluster.checkLedgers();
    await pause(1);
  }
  await Promise.all(disturbances);
}

Deno.test("clients that come are spread over the workers", async () => {
  const clients = new Map<number, Set<string>>();
  const counting = (worker: number): Handler => (event) => {
    if (event.type !== "connect") return;
    const set = clients.get(worker) ?? new Set();
    clients.set(worker, set.add(event.client.id));
    return "hello";
  };
  await using cluster = await startCluster({
    workers: 0,
    handler: counting(0),
  });
  await cluster.addWorker(counting(1));
  await cluster.addWorker(counting(2));
  await eventually("both are there", () => cluster.gateway.workers === 2);

  for (let each = 0; each < 6; each++) await (await cluster.connect()).hear();

  assertEquals([...clients.values()].map(({ size }) => size), [3, 3]);
});

Deno.test("a worker that comes later gets the clients that come after it", async () => {
  const workers: string[] = [];
  const telling = (name: string): Handler => (event) => {
    if (event.type !== "connect") return;
    workers.push(name);
    return name;
  };
  await using cluster = await startCluster({ handler: telling("first") });
  for (let each = 0; each < 3; each++) await (await cluster.connect()).hear();

  await cluster.addWorker(telling("second"));
  await eventually("the gateway knows it", () => cluster.gateway.workers === 2);
  for (let each = 0; each < 3; each++) await (await cluster.connect()).hear();

  assertEquals(workers, [
    "first",
    "first",
    "first",
    "second",
    "second",
    "second",
  ]);
});

Deno.test("a worker that is stopped under load costs no client anything", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    gateways: 2,
    workers: 2,
    handler: noting(log),
    worker: { drainTimeout: 10_000 },
  });
  const clients = await connectAll(cluster);

  await sendAll(cluster, clients, {
    20: () => cluster.workers[0]?.shutdown(),
    40: async () => {
      await cluster.addWorker();
      await cluster.workers[1]?.shutdown();
    },
  });

  for (const client of clients) {
    assertEquals(await client.hearAll(NUMBERS.length), NUMBERS);
  }
  await cluster.settled();
  log.check(NUMBERS);
  assertEquals(log.calls.length, CLIENTS * (NUMBERS.length + 1));
  assertEquals(log.redelivered, 0);
  assertEquals(cluster.gateway.ledger.redelivered, 0);
});

Deno.test("a worker finishes what it has begun before it ends, and is told so last", async () => {
  const gate = Promise.withResolvers<string>();
  const begun = new Inbox<string>();
  const order: string[] = [];
  await using cluster = await startCluster({
    worker: { drainTimeout: 10_000 },
    handler: async (event) => {
      order.push(event.type);
      if (event.type !== "message") return;
      begun.push(event.text());
      return await gate.promise;
    },
  });
  const client = await cluster.connect();
  client.send("long");
  await begun.next();

  const stopped = cluster.worker.shutdown();
  await cluster.addWorker();
  gate.resolve("finished");
  await stopped;

  assertEquals(await client.hear(), "finished");
  assertEquals(order.at(-1), "stop");
  assertEquals(cluster.gateway.ledger.redelivered, 0);
});

Deno.test("a worker that cannot finish in time leaves, and what it had goes to another one", async () => {
  const calls: boolean[] = [];
  await using cluster = await startCluster({
    worker: { drainTimeout: 50 },
    handler: (event) => {
      if (event.type !== "message") return;
      calls.push(event.redelivered);
      return event.redelivered ? event.text() : new Promise<string>(() => {});
    },
  });
  const client = await cluster.connect();
  client.send("stuck");
  await eventually("the handler runs", () => calls.length === 1);

  await cluster.addWorker();
  await cluster.worker.shutdown();

  assertEquals(await client.hear(), "stuck");
  assertEquals(calls, [false, true]);
  await cluster.settled();
});

Deno.test("what a lost worker did not finish is told again, marked, in order, before anything newer", async () => {
  const log = new EventLog();
  await using _lines = await LogLines.collect();
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: noting(log),
  });
  const { kill } = await cluster.addFragileWorker(noting(new EventLog(), 60));
  const clients = await connectAll(cluster);

  await sendAll(cluster, clients, {
    20: () => cluster.addWorker(),
    40: kill,
  });

  await cluster.settled();
  for (const calls of log.byClient().values()) {
    const seen = calls.map(({ what }) => what).filter((each) =>
      each !== "connect"
    );
    const first = Number(seen[0]);
    assertEquals(seen, NUMBERS.slice(first));
    assertEquals(new Set(calls.map(({ id }) => id)).size, calls.length);
    const marks = calls.map(({ redelivered }) => redelivered);
    assertEquals(marks.lastIndexOf(true) + 1, marks.filter(Boolean).length);
  }
  assertGreater(log.redelivered, 0);
});

Deno.test("a worker whose links break again and again handles everything, and repeats only what is marked", async () => {
  const log = new EventLog();
  await using _lines = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    gateway: { maxDeliveries: 100 },
    handler: noting(log),
  });
  const { cut } = await cluster.addFragileWorker();
  const clients = await connectAll(cluster);

  await sendAll(cluster, clients, { 20: cut, 40: cut, 60: cut });

  await cluster.settled();
  log.check(NUMBERS);
  assertGreater(log.redelivered, 0);
});

Deno.test("a client's message that workers died of is set aside, and the client goes on", async () => {
  const told: string[] = [];
  await using lines = await LogLines.collect();
  await using cluster = await startCluster({ workers: 0, handler: () => {} });
  let deaths = 0;
  const addDoomed = async () => {
    const born = Promise.withResolvers<() => void>();
    const { kill } = await cluster.addFragileWorker(async (event) => {
      if (event.type !== "message") return;
      const text = event.text();
      if (text !== "poison") {
        told.push(text);
        return text;
      }
      (await born.promise)();
      deaths++;
      return await new Promise(() => {});
    });
    born.resolve(kill);
  };
  await addDoomed();
  const [bad, good] = [await cluster.connect(), await cluster.connect()];

  for (const text of ["before", "poison", "after"]) bad.send(text);
  good.send("one");
  for (let each = 1; each <= 3; each++) {
    await eventually("the worker is lost", () => deaths === each);
    await addDoomed();
  }
  good.send("two");

  assertEquals(await good.hearAll(2), ["one", "two"]);
  await eventually(
    "the message after it is told",
    () => told.includes("after"),
  );
  await eventually(
    "all but one are acknowledged",
    () => cluster.gateway.ledger.inFlight + cluster.gateway.ledger.parked === 0,
  );
  cluster.checkLedgers();
  assertEquals(cluster.gateway.ledger.poisoned, 1);
  assertStringIncludes(
    lines.lines.join("\n"),
    "3 workers were lost while they had it",
  );
  assertEquals((await bad.hearAll(2)).at(-1), "after");
});

Deno.test("a worker that drains gives its idle clients away at once, and keeps the busy one", async () => {
  const finish = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    handler: async (event) => {
      if (event.type !== "message" || event.text() !== "wait") return "done";
      begun.resolve();
      await finish.promise;
      return "finished";
    },
  });
  const clients = await connectAll(cluster);
  for (const client of clients) await client.hear();
  const other = await cluster.addWorker();
  clients[0]?.send("wait");
  await begun.promise;

  const left = cluster.worker.shutdown();

  await eventually(
    "all idle clients are the other worker's",
    () => other.clients === CLIENTS - 1 && cluster.worker.clients === 1,
  );
  finish.resolve();
  assertEquals(await clients[0]?.hear(), "finished");
  await left;
  await eventually("the last one too", () => other.clients === CLIENTS);
});

/** Two clients on two gateways; the first one's messages go to the uid of the second. */
async function startRelay(
  relay: (text: string, cluster: Cluster) => unknown,
) {
  const handler: Handler = async (event, cluster) => {
    if (event.type === "message") await relay(event.text(), cluster);
    if (event.type !== "connect" || event.request?.path !== "/b") return;
    await event.client.bindUid("b");
    return "bound";
  };
  const cluster = await startCluster({ gateways: 2, workers: 0, handler });
  const [near, far] = cluster.gateways as [Gateway, Gateway];
  const leaving = await cluster.addFragileWorker();
  await eventually("it is there", () => near.workers + far.workers === 2);
  const [sender, receiver] = [
    await cluster.connect(near),
    await cluster.connect(far, "/b"),
  ];
  assertEquals(await receiver.hear(), "bound");
  return { cluster, near, far, leaving, sender, receiver };
}

Deno.test("what a leaving worker sent is not overtaken by what its clients send next, by another worker", async () => {
  const sent: string[] = [];
  const { cluster, near, far, leaving, sender, receiver } = await startRelay(
    async (text, cluster) => {
      await cluster.sendToUid("b", text);
      sent.push(text);
    },
  );
  await using _ = cluster;
  sender.send("1");
  assertEquals(await receiver.hear(), "1");

  // The way to the other gateway is slow now, as if that had much to do.
  leaving.freeze(far);
  sender.send("2");
  await eventually("2 is sent", () => sent.length === 2);
  await eventually("2 is done", () => near.ledger.inFlight === 0);
  await cluster.addWorker();
  const left = leaving.worker.shutdown();
  await pause(100);
  sender.send("3");
  await pause(100);
  leaving.thaw();

  assertEquals(await receiver.hear(), "2");
  assertEquals(await receiver.hear(), "3");
  await left;
});

Deno.test("what a worker sends when it leaves already is not overtaken either", async () => {
  const goOn = Promise.withResolvers<void>();
  const { cluster, far, near, leaving, sender, receiver } = await startRelay(
    async (text, cluster) => {
      if (text === "1") await goOn.promise;
      await cluster.sendToUid("b", text);
    },
  );
  await using _ = cluster;
  sender.send("1");
  await eventually("it has 1", () => near.ledger.inFlight === 1);
  await cluster.addWorker();
  const left = leaving.worker.shutdown();
  sender.send("2");
  await eventually("it leaves", () => near.ledger.accepted === 3);
  await pause(50);

  leaving.freeze(far);
  goOn.resolve();
  await pause(100);
  leaving.thaw();

  assertEquals(await receiver.hear(), "1");
  assertEquals(await receiver.hear(), "2");
  await left;
});
