import { assertEquals, assertLess } from "@std/assert";
import type { HandlerEvent } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";
import { eventually } from "../_support/eventually.ts";

/** A handler that never finishes for messages that say so, until released. */
class StuckHandler {
  readonly #gate = Promise.withResolvers<void>();
  readonly log = new EventLog();
  stuck = 0;

  readonly handle = async (event: HandlerEvent) => {
    this.log.add(event);
    if (event.type !== "message") return;
    const text = event.text();
    if (text.startsWith("stuck")) {
      this.stuck++;
      await this.#gate.promise;
    }
    return text.slice(0, 10);
  };

  release(): void {
    this.#gate.resolve();
  }
}

Deno.test("a handler that does not finish holds up its own client only", async () => {
  const stuck = new StuckHandler();
  await using cluster = await startCluster({
    gateway: { window: 2_000 },
    handler: stuck.handle,
  });
  const [held, other] = [await cluster.connect(), await cluster.connect()];
  held.send("stuck");
  held.send("behind");
  await eventually("the handler runs", () => stuck.stuck === 1);

  // Many times the window.
  for (let each = 0; each < 200; each++) {
    other.send(String(each).padEnd(200));
  }

  assertEquals((await other.hearAll(200)).length, 200);
  assertEquals(held.messages.size, 0);
  cluster.checkLedgers();
  stuck.release();
  assertEquals(await held.hearAll(2), ["stuck", "behind"]);
  await cluster.settled();
});

Deno.test("several handlers that do not finish hold up nobody else", async () => {
  const stuck = new StuckHandler();
  await using cluster = await startCluster({
    gateway: { window: 1_000 },
    handler: stuck.handle,
  });
  const held = await Promise.all(
    Array.from({ length: 5 }, () => cluster.connect()),
  );
  for (const client of held) client.send("stuck".padEnd(400));
  const other = await cluster.connect();

  other.send("free");

  assertEquals(await other.hear(), "free");
  await eventually("all of them run", () => stuck.stuck === 5);
  stuck.release();
  await cluster.settled();
});

Deno.test("a client whose handler does not finish is not read without end", async () => {
  const stuck = new StuckHandler();
  await using cluster = await startCluster({
    gateway: { window: 10_000, parkBytes: 10_000 },
    handler: stuck.handle,
  });
  const held = await cluster.connect();
  held.send("stuck");
  await eventually("the handler runs", () => stuck.stuck === 1);
  const count = 1_000;

  for (let each = 0; each < count; each++) held.send("x".repeat(20_000));
  const other = await cluster.connect();
  other.send("free");
  assertEquals(await other.hear(), "free");

  assertLess(cluster.gateway.ledger.accepted, count / 2);
  stuck.release();
  await held.hearAll(count + 1);
  await cluster.settled();
});

Deno.test("what was behind a handler that did not finish goes to another worker, in order, when its worker is lost", async () => {
  const stuck = new StuckHandler();
  await using cluster = await startCluster({
    workers: 0,
    handler: stuck.handle,
  });
  const { worker, kill } = await cluster.addFragileWorker();
  const [held, other] = [await cluster.connect(), await cluster.connect()];
  for (const text of ["stuck", "1", "2"]) held.send(text);
  await eventually("the handler runs", () => stuck.stuck === 1);
  // What comes after it can only be acknowledged once it is set aside.
  const { gateway } = cluster;
  await eventually("it is set aside", () => {
    other.send("go on");
    return gateway.ledger.acknowledged > 5;
  });

  held.send("3");
  kill();
  await eventually("the worker noticed", () => worker.gateways === 0);
  stuck.release();
  await cluster.addWorker();

  assertEquals(await held.hearAll(4), ["stuck", "1", "2", "3"]);
  await cluster.settled();
  const calls = [...stuck.log.byClient().values()].find((each) =>
    each.some(({ what }) => what === "stuck")
  );
  assertEquals(calls?.map(({ what, redelivered }) => [what, redelivered]), [
    ["connect", false],
    ["stuck", false],
    ["stuck", true],
    ["1", true],
    ["2", true],
    ["3", false],
  ]);
});

Deno.test("handlers that take long now and then repeat and reorder nothing, and lose nothing with their worker", async () => {
  const log = new EventLog();
  await using cluster = await startCluster({
    gateway: { window: 2_000 },
    workers: 0,
    handler: async (event) => {
      log.add(event);
      // What takes longer than an eighth of the window does is deferred.
      const delay = Math.random() < 0.2 ? 30 * Math.random() : 0;
      if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
      return event.type === "message" ? event.text() : undefined;
    },
  });
  const { kill } = await cluster.addFragileWorker();
  await cluster.addWorker();
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => cluster.connect()),
  );
  const numbers = Array.from({ length: 100 }, (_, index) => String(index));

  for (const number of numbers) {
    for (const client of clients) client.send(number);
    if (number === "50") kill();
    cluster.checkLedgers();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await cluster.settled();

  log.check(numbers);
});
