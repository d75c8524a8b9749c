import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Cluster, Handler, HandlerEvent } from "../../mod.ts";
import { PartialResultError } from "../../mod.ts";
import { endsWithin } from "../../lib/base/pause.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { FakeClock } from "../_support/fake_clock.ts";

const HOUR = 3_600_000;

/** Long enough for every timer that looks at deadlines to do so twice. */
const LOOKS = 450;

/** Shorter than the steps, longer than the time-outs that must be kept. */
const PATIENCE = 5_000;

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Answers, except that what is to be slow waits for a gate; notes ends. */
class GatedHandler {
  readonly #gate = Promise.withResolvers<void>();
  readonly closed: string[] = [];
  cluster: Cluster | undefined;
  running = 0;

  readonly handle: Handler = async (event: HandlerEvent, cluster: Cluster) => {
    this.cluster = cluster;
    if (event.type === "close") this.closed.push(event.reason);
    if (event.type !== "message") return;
    if (event.text() === "slow" && !event.redelivered) {
      this.running++;
      await this.#gate.promise;
    }
    return event.text();
  };

  release(): void {
    this.#gate.resolve();
  }
}

for (const [step, size] of [["ahead", HOUR], ["back", -HOUR]] as const) {
  Deno.test(`a question is answered though the clock is set an hour ${step} meanwhile`, async () => {
    using clock = new FakeClock();
    await using cluster = await startCluster({ handler: () => {} });
    await cluster.connect();
    const program = await cluster.outside();

    for (let each = 0; each < 10; each++) {
      const answer = program.getAllClientIdCount();
      clock.step(size);
      assertEquals(await answer, 1);
    }
  });

  Deno.test(`a question to a gateway that does not answer times out though the clock is set an hour ${step}`, async () => {
    using clock = new FakeClock();
    const handler = new GatedHandler();
    await using cluster = await startCluster({
      workers: 0,
      handler: handler.handle,
      worker: { queryTimeout: 300 },
    });
    const { freeze, thaw } = await cluster.addFragileWorker();
    freeze(cluster.gateway);

    const asked = handler.cluster?.getAllClientIdCount();
    clock.step(size);

    const start = performance.now();
    await assertRejects(() => within(asked), PartialResultError);
    assert(performance.now() - start > 200);
    thaw();
  });

  Deno.test(`a client waits for a worker as long as it should though the clock is set an hour ${step}`, async () => {
    using clock = new FakeClock();
    await using cluster = await startCluster({
      workers: 0,
      handler: (event) => event.type === "message" ? event.text() : undefined,
      gateway: { parkTimeout: 1_000 },
    });
    const patient = await cluster.connect();
    patient.send("hello");

    clock.step(size);
    await pause(LOOKS);
    const worker = await cluster.addWorker();
    assertEquals(await patient.hear(), "hello");

    await worker.shutdown();
    patient.send("nobody hears this");
    await eventually("it waits", () => cluster.gateway.ledger.parked === 1);
    clock.step(size);
    const { code } = await within(patient.closed);
    assertEquals(code, 4013);
  });

  Deno.test(`a handler has its time though the clock is set an hour ${step}, and no more`, async () => {
    using clock = new FakeClock();
    const handler = new GatedHandler();
    await using cluster = await startCluster({
      handler: handler.handle,
      worker: { handlerTimeout: 1_000 },
    });
    const client = await cluster.connect();
    client.send("slow");
    client.send("next");
    await eventually("the handler runs", () => handler.running === 1);

    clock.step(size);
    await pause(LOOKS);

    assertEquals(cluster.worker.timedOut, 0);
    assertEquals(client.messages.size, 0);
    assertEquals(await within(client.hear()), "next");
    assertEquals(cluster.worker.timedOut, 1);
    handler.release();
  });

  Deno.test(`a worker stops in time though the clock is set an hour ${step} meanwhile`, async () => {
    using clock = new FakeClock();
    const handler = new GatedHandler();
    await using cluster = await startCluster({
      handler: handler.handle,
      worker: { drainTimeout: 700 },
    });
    const client = await cluster.connect();
    client.send("slow");
    await eventually("the handler runs", () => handler.running === 1);

    const stopped = cluster.worker.shutdown();
    clock.step(size);

    assertEquals(await endsWithin(stopped, LOOKS), false);
    await within(stopped);
    handler.release();
  });

  Deno.test(`an event that a worker was lost with has its last chance though the clock is set an hour ${step}`, async () => {
    using clock = new FakeClock();
    const handler = new GatedHandler();
    await using cluster = await startCluster({
      workers: 0,
      handler: handler.handle,
      gateway: { maxDeliveries: 2 },
    });
    const { kill } = await cluster.addFragileWorker();
    const client = await cluster.connect();
    client.send("slow");
    await eventually("the handler runs", () => handler.running === 1);
    await cluster.addWorker();

    kill();
    await eventually("it is lost", () => cluster.gateway.workers === 1);
    clock.step(size);

    assertEquals(await within(client.hear()), "slow");
    handler.release();
  });

  Deno.test(`the clients of a gateway that dies are closed though the clock was set an hour ${step} before`, async () => {
    using clock = new FakeClock();
    const handler = new GatedHandler();
    await using cluster = await startCluster({
      workers: 0,
      handler: handler.handle,
    });
    const { loseGateways } = await cluster.addFragileWorker();
    const client = await cluster.connect();
    client.send("hello");
    await client.hear();

    clock.step(size);
    await pause(LOOKS);
    loseGateways();

    await eventually("the client is closed", () => handler.closed.length === 1);
    assertEquals(handler.closed, ["gateway lost"]);
  });
}

Deno.test("a worker that stood still goes on with its clients, and closes those of a gateway that dies later", async () => {
  using clock = new FakeClock();
  const handler = new GatedHandler();
  await using cluster = await startCluster({
    workers: 0,
    handler: handler.handle,
    worker: { handlerTimeout: 10_000 },
  });
  const { loseGateways, worker } = await cluster.addFragileWorker();
  const client = await cluster.connect();
  client.send("slow");
  client.send("next");
  await eventually("the handler runs", () => handler.running === 1);

  clock.standStill(HOUR);
  await pause(LOOKS);

  assertEquals(worker.timedOut, 0);
  handler.release();
  assertEquals(await client.hearAll(2), ["slow", "next"]);
  loseGateways();
  await eventually("the client is closed", () => handler.closed.length === 1);
});

Deno.test("a gateway that stood still closes no client that waits for a worker", async () => {
  using clock = new FakeClock();
  await using cluster = await startCluster({
    workers: 0,
    handler: (event) => event.type === "message" ? event.text() : undefined,
    gateway: { parkTimeout: 10_000, pingNotResponseLimit: 1, pingInterval: 1 },
  });
  const client = await cluster.connect();
  client.send("hello");
  await eventually("it waits", () => cluster.gateway.ledger.parked === 2);

  clock.standStill(HOUR);
  await pause(LOOKS);
  await cluster.addWorker();

  assertEquals(await client.hear(), "hello");
});

Deno.test("a gateway that stood still does not take clients for too fast, though all that they sent comes at once", async () => {
  using clock = new FakeClock();
  await using cluster = await startCluster({
    handler: (event) => event.type === "message" ? event.text() : undefined,
    gateway: {
      maxMessageRate: 10,
      ratePolicy: "close",
      handshakeTimeout: 2_000,
    },
  });
  const client = await cluster.connect();

  clock.standStill(20_000);
  for (let each = 0; each < 50; each++) client.send("once in a while");

  assertEquals((await client.hearAll(50)).length, 50);
  await pause(1_500);
  for (let each = 0; each < 50; each++) client.send("at once");
  assertEquals((await within(client.closed)).code, 1008);
});

/** Waits, but not for as long as it would take if the clock counted. */
async function within<T>(promise: Promise<T> | undefined): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new RangeError(`Nothing came within ${PATIENCE} ms`)),
    PATIENCE,
  );
  try {
    if (promise === undefined) throw new RangeError("Nothing was asked");
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
