import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type BusinessWorker,
  type Cluster,
  GatewayClient,
  type Handler,
  LinkClosedError,
  LinkFullError,
  type NoticeEvent,
  PartialResultError,
} from "../../mod.ts";
import { TestCluster } from "../../lib/testing/mod.ts";
import {
  startCluster,
  type TestCluster as RealCluster,
} from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";

/** A worker that notes what it is told. */
interface Listener {
  readonly worker: BusinessWorker;
  readonly heard: NoticeEvent[];
  calls: Cluster;
}

/** Joins as a program that waits for no answer for long. */
function impatient(
  { registers }: RealCluster,
  queryTimeout: number,
): Promise<GatewayClient> {
  return GatewayClient.connect({ register: registers, queryTimeout });
}

async function addListener(
  cluster: RealCluster,
  labels: Record<string, string>,
  more: { onNotice?: (event: NoticeEvent) => unknown } = {},
): Promise<Listener> {
  const heard: NoticeEvent[] = [];
  let calls: Cluster | undefined;
  const handler: Handler = async (event, all) => {
    calls = all;
    if (event.type !== "notice") return;
    heard.push(event);
    await more.onNotice?.(event);
  };
  const [name = "any"] = Object.values(labels);
  const worker = await cluster.addWorker(handler, { name, labels });
  assert(calls !== undefined);
  return { worker, heard, calls };
}

Deno.test("sendToWorkers() tells each worker that has the labels once, the sender among them, and no other", async () => {
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: () => {},
  });
  const chess = [
    await addListener(cluster, { game: "chess", zone: "eu" }),
    await addListener(cluster, { game: "chess" }),
  ];
  const go = await addListener(cluster, { game: "go" });
  const [first] = chess;
  const outside = await cluster.outside();

  const confirm = { confirm: true };
  const two = await first?.calls.sendToWorkers("game=chess", "one", confirm);
  const one = await go.calls.sendToWorkers(
    { game: "chess", zone: "eu" },
    new Uint8Array([0, 255]),
    confirm,
  );
  const all = await outside.sendToWorkers({}, '{"four":4}', confirm);
  const none = await outside.sendToWorkers("game=none", "?", confirm);
  assertEquals([two, one, all, none], [2, 1, 3, 0]);

  const texts = (heard: readonly NoticeEvent[]) =>
    heard.map((event) => event.binary ? [...event.bytes()] : event.text());
  await eventually(
    "all are handled",
    () =>
      [...chess, go].every(({ heard }) =>
        heard.at(-1)?.from === "GatewayClient"
      ),
  );
  assertEquals(texts(chess[0]?.heard ?? []), ["one", [0, 255], '{"four":4}']);
  assertEquals(texts(chess[1]?.heard ?? []), ["one", '{"four":4}']);
  assertEquals(texts(go.heard), ['{"four":4}']);
  assertEquals(go.heard[0]?.json(), { four: 4 });
  const [own] = chess[0]?.heard ?? [];
  const [others] = chess[1]?.heard ?? [];
  assertEquals([own?.own, own?.from, others?.own], [true, "chess", false]);
  assertEquals(own?.id, others?.id);
  assertEquals(own?.labels, { game: "chess" });
  const { notices } = first?.worker.report() ?? {};
  assertEquals(notices, {
    sent: 1,
    lost: 0,
    taken: 3,
    repeated: 0,
    refused: 0,
  });
});

Deno.test("sendToWorkers() throws what is a mistake at once", async () => {
  await using cluster = await startCluster({ handler: () => {} });
  const outside = await cluster.outside();

  assertThrows(() => outside.sendToWorkers("chess", "x"), TypeError, "chess");
  assertThrows(() => outside.sendToWorkers("", "x"), TypeError);
  assertThrows(
    () => outside.sendToWorkers({ a: 7 } as unknown as string, "x"),
    TypeError,
  );
  assertThrows(
    () => outside.sendToWorkers({}, 7 as unknown as string),
    TypeError,
  );
  assertThrows(
    () => outside.sendToWorkers({}, "x", null as unknown as undefined),
    TypeError,
  );
});

Deno.test("a notice whose gateway dies before it says that it was taken goes by another one, and is told once", async () => {
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: () => {},
  });
  const chess = await addListener(cluster, { game: "chess" });
  // To this one, what the first gateway answers does not come; what it is sent does.
  const fragile = await cluster.addFragileWorker();
  const calls = fragile.worker.cluster;
  await calls.sendToWorkers("game=chess", "before", { confirm: true });

  const sent: Promise<number | undefined>[] = [];
  for (let each = 0; each < 20; each++) {
    sent.push(
      calls.sendToWorkers("game=chess", `${each}`, { confirm: true }),
    );
    if (each % 5 === 2) fragile.cut();
    await new Promise((resolve) => setTimeout(resolve, 3));
  }

  assertEquals(await Promise.all(sent), sent.map(() => 1));
  await eventually("all are handled", () => chess.heard.length === 21);
  const texts = new Set(chess.heard.map((event) => event.text()));
  assertEquals(texts.size, 21);
  assertEquals(fragile.worker.report().notices?.lost, 0);
});

Deno.test("a notice reaches a worker that only one of the gateways knows", async () => {
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: () => {},
  });
  const heard: string[] = [];
  const fragile = await cluster.addFragileWorker((event) => {
    if (event.type === "notice") heard.push(event.text());
  });
  await using outside = await impatient(cluster, 1_000);
  const [first] = cluster.gateways;
  assert(first !== undefined);

  // Nothing passes to the first, which still counts it among its workers.
  fragile.freeze(first);
  const [one, two] = await Promise.all(
    ["1", "2"].map((text) =>
      outside.sendToWorkers({}, text, { confirm: true })
    ),
  );

  assertEquals([one, two], [1, 1]);
  assertEquals(heard.toSorted(), ["1", "2"]);
  fragile.thaw();
  await eventually(
    "what came late was not told again",
    () =>
      (fragile.worker.report().notices?.repeated ?? 0) > 0 ||
      cluster.gateways.every(({ workers }) => workers === 1),
  );
  assertEquals(heard.length, 2);
});

Deno.test("a worker whose handler does not keep up refuses notices, which are lost after a while, counted and said", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
  });
  const release = Promise.withResolvers<void>();
  const busy = await addListener(cluster, { game: "chess" }, {
    onNotice: () => release.promise,
  });
  const outside = await cluster.outside();
  await using hasty = await impatient(cluster, 250);
  const fill = Array.from(
    { length: 1_000 },
    (_, each) => outside.sendToWorkers({}, `${each}`, { confirm: true }),
  );
  const tooMany = outside.sendToWorkers({}, "too many", { confirm: true });
  await assertRejects(() => tooMany, LinkFullError);
  assertEquals(new Set(await Promise.all(fill)), new Set([1]));
  // One runs, 999 wait.
  assertEquals(await outside.sendToWorkers({}, "last", { confirm: true }), 1);

  const lost = hasty.sendToWorkers({}, "lost", { confirm: true });
  const error = await assertRejects(() => lost, PartialResultError);

  assertEquals([error.partial, error.gateways.length], [0, 1]);
  assertStringIncludes(error.message, "sendToWorkers");
  assert((busy.worker.report().notices?.refused ?? 0) > 1);
  assertStringIncludes(
    log.lines.join("\n"),
    "Lost a notice to all workers, 1 workers",
  );
  release.resolve();
  await eventually("the rest is told", () => busy.heard.length === 1_001);
});

Deno.test("a handler that throws on a notice is counted, and hears the next one", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({ workers: 0, handler: () => {} });
  const chess = await addListener(cluster, { game: "chess" }, {
    onNotice: (event) => {
      if (event.text() === "bad") throw new TypeError("no");
    },
  });

  for (const text of ["bad", "good"]) {
    await chess.calls.sendToWorkers("game=chess", text, { confirm: true });
  }

  await eventually("both are told", () => chess.heard.length === 2);
  assertEquals(chess.worker.thrown, 1);
});

Deno.test("a worker that leaves has handled the notices that it took, and what it said last is on its way", async () => {
  await using cluster = await startCluster({
    workers: 0,
    handler: () => {},
    worker: { drainTimeout: 5_000 },
  });
  const go = await addListener(cluster, { game: "go" });
  const done: string[] = [];
  const chess = await addListener(cluster, { game: "chess" }, {
    onNotice: async (event) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      done.push(event.text());
      void chess.calls.sendToWorkers("game=go", event.text());
    },
  });
  for (const text of ["1", "2", "3"]) {
    await go.calls.sendToWorkers("game=chess", text, { confirm: true });
  }

  await chess.worker.shutdown();

  assertEquals(done, ["1", "2", "3"]);
  await eventually("the other has heard", () => go.heard.length === 3);
  const none = await go.calls.sendToWorkers("game=chess", "?", {
    confirm: true,
  });
  assertEquals(none, 0);
});

Deno.test("sendToWorkers() works in a handler's test, and not before the start event is over", async () => {
  const heard: string[] = [];
  let early: Promise<unknown> | undefined;
  await using cluster = await TestCluster.start((event, calls) => {
    if (event.type === "start") {
      early = calls.sendToWorkers({}, "early", { confirm: true });
    }
    if (event.type === "notice") heard.push(event.text());
  });
  await assertRejects(() => early ?? Promise.resolve(), LinkClosedError);

  const told = await cluster.calls.sendToWorkers({}, "hi", { confirm: true });
  await cluster.settled();

  assertEquals([told, heard], [1, ["hi"]]);
});
