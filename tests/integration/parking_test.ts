import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { defineHandler } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";
import { eventually } from "../_support/eventually.ts";
import { Inbox } from "../_support/inbox.ts";

const NUMBERS = Array.from({ length: 50 }, (_, index) => String(index));

Deno.test("without a worker clients stay, and their messages wait for one", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    workers: 0,
    handler: (event) => {
      log.add(event);
      return event.type === "message" ? event.text() : undefined;
    },
  });
  const clients = [await cluster.connect(), await cluster.connect()];
  for (const client of clients) NUMBERS.forEach((each) => client.send(each));
  const expected = clients.length * (NUMBERS.length + 1);
  await eventually(
    "all events are parked",
    () => cluster.gateway.ledger.parked === expected,
  );
  cluster.checkLedgers();

  await cluster.addWorker();

  for (const client of clients) {
    assertEquals(await client.hearAll(NUMBERS.length), NUMBERS);
  }
  await cluster.settled();
  log.check(NUMBERS);
  assertEquals(log.redelivered, 0);
});

Deno.test("when the last worker leaves, messages wait for the next one", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    handler: (event) => {
      log.add(event);
      return event.type === "message" ? event.text() : undefined;
    },
  });
  const client = await cluster.connect();
  client.send("0");
  await client.hear();

  await cluster.worker.shutdown();
  client.send("1");
  client.send("2");
  await eventually("they wait", () => cluster.gateway.ledger.parked === 2);
  await cluster.addWorker();

  assertEquals(await client.hearAll(2), ["1", "2"]);
  log.check(["0", "1", "2"]);
});

Deno.test("a client whose messages waited for too long is closed with 4013", async () => {
  await using cluster = await startCluster({
    gateway: { parkTimeout: 1 },
    handler: () => {},
  });
  const client = await cluster.connect();
  await cluster.settled();

  await cluster.worker.shutdown();
  client.send("is anybody there?");

  assertEquals(await client.closed, {
    code: 4013,
    reason: "no worker available",
  });
  await eventually("it is given up", () => cluster.gateway.ledger.expired > 0);
  cluster.checkLedgers();
});

Deno.test("a client that a worker knows stays without one while it is silent, and its end is told", async () => {
  const closes = new Inbox<string>();
  await using cluster = await startCluster({
    gateway: { parkTimeout: 1 },
    handler: defineHandler({
      connect: ({ client }) => client.id,
      close: ({ client }) => closes.push(client.id),
    }),
  });
  const [silent, talking] = [await cluster.connect(), await cluster.connect()];
  const ids = [await silent.hear(), await talking.hear()];

  await cluster.worker.shutdown();
  talking.send("hello?");
  assertEquals((await talking.closed).code, 4013);
  await eventually("one is left", () => cluster.gateway.clients === 1);
  await cluster.addWorker();

  assertEquals(await closes.next(), ids[1]);
  await silent.close();
  assertEquals(await closes.next(), ids[0]);
  cluster.checkLedgers();
});

Deno.test("clients that come and go while there is no worker leave nothing behind", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    workers: 0,
    gateway: { parkTimeout: 1_500 },
    handler: log.add.bind(log),
  });
  for (let each = 0; each < 5; each++) {
    const client = await cluster.connect();
    client.send("anybody there?");
    await client.close();
  }

  await eventually("all is given up", () => {
    cluster.checkLedgers();
    const { accepted, expired } = cluster.gateway.ledger;
    return accepted > 10 && expired === accepted;
  });
  await cluster.addWorker();
  const last = await cluster.connect();
  last.send("yes");
  await eventually("it is told", () => log.calls.length === 2);

  log.check(["yes"]);
});

Deno.test("a client that sends more than may wait is not read any more", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    workers: 0,
    gateway: { parkBytes: 1_000 },
    handler: log.add.bind(log),
  });
  const client = await cluster.connect();
  const count = 2_000;

  for (let each = 0; each < count; each++) client.send("x".repeat(10_000));
  await eventually("it is parked", () => cluster.gateway.ledger.parked > 1);
  const other = await cluster.connect();
  await eventually(
    "another one is served",
    () => cluster.gateway.clients === 2,
  );
  await other.close();
  const { parked } = cluster.gateway.ledger;
  assert(parked < count / 2, `${parked} messages were read`);
  await cluster.addWorker();

  await eventually("all is handled", () => log.calls.length >= count + 3);
  assertStringIncludes(log.calls.at(-1)?.what ?? "", "x");
  await cluster.settled();
});
