/**
 * Requests over real sockets: of clients that lose them, of workers that are lost, and
 * of handlers that stream to clients that do not read.
 *
 * @module
 */
import { assert, assertEquals, assertLess } from "@std/assert";
import { defineHandler, type HandlerCallbacks } from "@gatewayworker/core";
import {
  type ClusterOptions,
  startCluster,
  type TestCluster,
} from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { LogLines } from "../../_support/log_lines.ts";

async function start(
  callbacks: HandlerCallbacks,
  options: Partial<ClusterOptions> = {},
): Promise<TestCluster> {
  const gateway = { resume: {}, ...options.gateway };
  const handler = defineHandler(callbacks);
  return await startCluster({ ...options, handler, gateway });
}

/** Resolves when a signal is aborted. */
function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true })
  );
}

Deno.test("a client on a socket asks, is answered, streamed to and told events", async () => {
  await using cluster = await start({
    request: async (event) => {
      if (event.name === "bytes") return new TextEncoder().encode("raw");
      if (event.name !== "count") return undefined;
      for (let each = 1; each < 3; each++) await event.part(each);
      event.client.notify("counted", event.data());
      return 3;
    },
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;

  await client.say(
    'qa count\n{"to":3}',
    "qb other\n1",
    "qc bytes\n",
    "q0 x\n1",
  );
  await client.expect(
    "sa\n1",
    "sa\n2",
    'q0 counted\n{"to":3}',
    "ra\n3",
    "eb unknown\nnull",
    "2:c\nraw",
  );
});

Deno.test("an answer that is due while its client is away waits for it, counted", async () => {
  const gate = Promise.withResolvers<string>();
  await using cluster = await start({
    request: () => gate.promise,
  });
  const { addr } = cluster.gateway;
  const [first, welcome] = await LastingClient.connect(addr);
  await first.say("qa x\n1");
  await eventually("it runs", () => cluster.worker.report().queued === 1);
  first[Symbol.dispose]();
  await eventually(
    "it is away",
    () => cluster.gateway.report().resume?.away === 1,
  );
  gate.resolve("late");
  await cluster.settled();

  const [second, back] = await LastingClient.connect(addr, { t: welcome.t });
  using _ = second;
  assertEquals([back.resumed, back.in, back.gap], [true, 1, 0]);
  await second.expect('ra\n"late"');
});

Deno.test("a request that is taken back aborts its handler at once, and that is no fault", async () => {
  const reasons: string[] = [];
  const begun = Promise.withResolvers<void>();
  await using cluster = await start({
    request: async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      reasons.push((signal.reason as Error).message);
      throw signal.reason;
    },
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1", "mbehind it");
  await begun.promise;
  await client.say("ka", "ka", "knobody");

  await client.expect("ea cancelled\nnull");
  assertEquals(reasons, ["The client took it back"]);
  assertEquals(cluster.worker.thrown, 0);
  await cluster.settled();
});

Deno.test("a request that is taken back while its answer is on its way is answered once", async () => {
  await using cluster = await start({ request: (event) => event.data() });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  for (let each = 0; each < 20; each++) {
    await client.say(`qa${each} x\n${each}`, `ka${each}`);
  }

  for (let each = 0; each < 20; each++) {
    const frame = await client.hearBut("a", "p");
    assert(
      frame === `ra${each}\n${each}` || frame === `ea${each} cancelled\nnull`,
      frame,
    );
  }
  await client.say("qlast x\n1");
  await client.expect("rlast\n1");
});

Deno.test("a client cannot have more requests open than it may by one id for all", async () => {
  await using cluster = await start(
    { request: (event) => event.detach(aborted(event.signal)) },
    { gateway: { maxPendingRequests: 3 } },
  );
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1", "qa x\n2");

  assertEquals(
    await client.hearBut("a"),
    "[1002 the id of a request is that of another one]",
  );
  client[Symbol.dispose]();
  await eventually("it is gone", () => cluster.gateway.clients === 0);
  await cluster.settled();
});

Deno.test("a client has no more requests open than it may", async () => {
  const gate = Promise.withResolvers<number>();
  await using cluster = await start(
    { request: (event) => event.detach(gate.promise) },
    { gateway: { maxPendingRequests: 3 } },
  );
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1", "qb x\n1", "qc x\n1", "qd x\n1");
  await client.expect("ed too-many\nnull");
  await eventually(
    "the worker has them",
    () => cluster.worker.report().requests?.detached === 3,
  );
  const { gateway, worker } = cluster;
  const atGateway = { open: 3, answered: 0, failed: 1, asks: 0 };
  assertEquals(gateway.report().requests, atGateway);
  gate.resolve(7);
  await client.expect("ra\n7", "rb\n7", "rc\n7");
  await client.say("qe x\n1");
  await client.expect("re\n7");
  const done = { open: 0, answered: 4 };
  assertEquals(worker.report().requests, { ...done, detached: 0, failed: 0 });
  assertEquals(gateway.report().requests, { ...done, failed: 1, asks: 0 });
});

Deno.test("a worker that is lost over a request: another one is told it again, marked", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await start(
    { request: (event) => ({ again: event.redelivered }) },
    { workers: 0 },
  );
  const begun = Promise.withResolvers<void>();
  const lost = Promise.withResolvers<string>();
  const fragile = await cluster.addFragileWorker(defineHandler({
    request: async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      lost.resolve((signal.reason as Error).name);
    },
  }));
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1");
  await begun.promise;
  fragile.kill();
  await cluster.addWorker();

  await client.expect('ra\n{"again":true}');
  assertEquals(await lost.promise, "LinkClosedError");
  await cluster.settled();
});

Deno.test("a worker that is lost over a detached request: its client is told", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await start({}, { workers: 0 });
  const begun = Promise.withResolvers<void>();
  const fragile = await cluster.addFragileWorker(defineHandler({
    request: (event) => {
      event.detach();
      begun.resolve();
    },
  }));
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1");
  await begun.promise;
  await cluster.settled();
  fragile.kill();

  await client.expect("ea lost\nnull");
});

Deno.test("a worker that leaves finishes detached requests, and fails those that take too long", async () => {
  const gate = Promise.withResolvers<string>();
  const signals: AbortSignal[] = [];
  await using cluster = await start({}, { workers: 0 });
  const leaving = await cluster.addWorker(defineHandler({
    request: (event) => {
      if (event.name === "finish") return event.detach(gate.promise);
      signals.push(event.signal);
      return event.detach();
    },
  }));
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa finish\n1", "qb never\n1");
  await eventually("it has both", () => signals.length === 1);
  await cluster.addWorker(defineHandler({ request: () => "the other" }));
  const left = leaving.shutdown();
  await eventually(
    "it is draining",
    () => cluster.gateway.report().links.some(({ draining }) => draining),
  );
  // The client is the other worker's already, while this one works for it.
  await client.say("qc x\n1");
  await client.expect('rc\n"the other"');
  gate.resolve("done");

  await client.expect('ra\n"done"', "eb lost\nnull");
  await left;
  assertEquals(signals.map(({ aborted }) => aborted), [true]);
});

Deno.test("a worker that leaves in the middle of a request: another one is told it again", async () => {
  const begun = Promise.withResolvers<void>();
  const reason = Promise.withResolvers<string>();
  await using cluster = await start({}, { workers: 0 });
  const leaving = await cluster.addWorker(defineHandler({
    request: async ({ signal }) => {
      begun.resolve();
      await aborted(signal);
      reason.resolve((signal.reason as Error).message);
      await new Promise(() => {});
    },
  }));
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1");
  await begun.promise;
  await cluster.addWorker(defineHandler({
    request: (event) => ({ again: event.redelivered }),
  }));
  await leaving.shutdown();

  await client.expect('ra\n{"again":true}');
  assertEquals(await reason.promise, "The worker ends");
});

Deno.test("a client that is gone aborts what runs for it, and its close event comes after", async () => {
  const seen: string[] = [];
  await using cluster = await start({
    request: async ({ signal }) => {
      seen.push("begun");
      await aborted(signal);
      seen.push((signal.reason as Error).message);
    },
    close: () => void seen.push("close"),
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  await client.say("qa x\n1");
  await eventually("it runs", () => seen.length === 1);
  await client.say("b");
  assertEquals((await client.hearBut("a", "p")).charAt(0), "[");
  client[Symbol.dispose]();

  await eventually("all is over", () => seen.length === 3);
  assertEquals(seen, ["begun", "The client is gone", "close"]);
});

Deno.test("who streams to a client that does not read is made to wait, and loses nothing", async () => {
  const text = "x".repeat(10_000);
  const PARTS = 600;
  let sent = 0;
  await using cluster = await start({
    request: async (event) => {
      for (; sent < PARTS; sent++) await event.part(text);
      return "end";
    },
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await client.say("qa x\n1");
  let before = -1;
  await eventually("it waits", () => {
    const isStill = before === sent && sent > 0;
    before = sent;
    return isStill;
  });
  assertLess(sent, PARTS);
  for (let each = 0; each < PARTS; each++) {
    assertEquals(await client.hearBut("a", "p"), `sa\n"${text}"`);
  }
  await client.expect('ra\n"end"');
});

Deno.test("clients on sockets are asked, those that are away when they come back", async () => {
  await using cluster = await start({});
  const { addr } = cluster.gateway;
  await using outside = await cluster.outside();
  const [first, welcome] = await LastingClient.connect(addr);
  await cluster.settled();
  const [id = ""] = await outside.getAllClientIdList();

  const answer = outside.ask({ client: id }, "sure", [1]);
  const question = await first.hearBut("a", "p");
  const [, askId] = /^q(\.\S+) sure\n\[1\]$/.exec(question) ?? [];
  await first.say(`r${askId}\ntrue`);
  assertEquals((await answer).results, [{ clientId: id, value: true }]);
  // Nobody waits for it any more, and nobody was asked under that id.
  await first.say(`r${askId}\nfalse`, "r.nobody-1\nfalse");

  first[Symbol.dispose]();
  await eventually(
    "it is away",
    () => cluster.gateway.report().resume?.away === 1,
  );
  assertEquals(await outside.isOnline(id, { attached: true }), false);
  const later = outside.ask({ client: id }, "still", 2);
  const [second] = await LastingClient.connect(addr, { t: welcome.t, r: 1 });
  using _ = second;
  const again = await second.hearBut("a", "p");
  const [, laterId] = /^q(\.\S+) still\n2$/.exec(again) ?? [];
  await second.say(`e${laterId} busy\n"later"`);
  assertEquals((await later).results, [
    { clientId: id, error: { code: "busy", data: "later" } },
  ]);
  const timedOut = await outside.ask({ client: id }, "hm", 3, { timeout: 50 });
  assertEquals(timedOut, { results: [], missing: [id] });
});
