/**
 * A handler's beginning and end: neither takes for ever, and nothing follows the end.
 *
 * @module
 */
import {
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { BusinessWorker, type HandlerEvent } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { handlerPath } from "../_support/commands.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";
import { startCli } from "../_support/processes.ts";

const register = ["127.0.0.1:9"];

function never(): Promise<never> {
  return new Promise(() => {});
}

Deno.test("BusinessWorker.start() rejects if the handler never finishes its start event", async () => {
  await assertRejects(
    () => BusinessWorker.start({ handler: never, register, startTimeout: 20 }),
    Deno.errors.TimedOut,
    "the handler was not done with its start event within 20 ms",
  );
});

Deno.test("BusinessWorker.start() says where the handler's module, or what it imports, throws", async () => {
  await using log = await LogLines.collect();
  const handler = new URL(
    "../_support/handlers/throws_at_load.ts",
    import.meta.url,
  ).href;

  const error = await assertRejects(
    () => BusinessWorker.start({ handler, register }),
    TypeError,
    'throws_at_load.ts": RangeError: no database at open (',
  );

  assertStringIncludes(error.message, "throws_at_load/database.ts:3:9)");
  assertStringIncludes(log.lines[0] ?? "", "Handler threw as it was loaded");
  assertMatch(log.text, /at open .*database\.ts:3:9.*database\.ts:7:25/);
});

Deno.test("BusinessWorker says what the handler throws on start and on stop, and where", async () => {
  await using log = await LogLines.collect();
  const throwOn = (wanted: string) => (event: HandlerEvent) => {
    if (event.type === wanted) throw new RangeError(`not on ${wanted}`);
  };

  await assertRejects(
    () => BusinessWorker.start({ handler: throwOn("start"), register }),
    RangeError,
    "not on start",
  );
  const worker = await BusinessWorker.start({
    handler: throwOn("stop"),
    register,
  });
  await worker.shutdown();

  for (const [index, type] of ["start", "stop"].entries()) {
    assertMatch(
      log.lines[index] ?? "",
      new RegExp(
        `^Handler threw on ${type}: RangeError: not on ${type} at .*handler_life_test\\.ts:`,
      ),
    );
  }
});

Deno.test("BusinessWorker says what a call of the cluster that is returned on stop rejects with", async () => {
  await using log = await LogLines.collect();
  const worker = await BusinessWorker.start({
    handler: (event, cluster) =>
      event.type === "stop" ? cluster.isUidOnline("ann") : undefined,
    register,
    queryTimeout: 20,
  });

  await worker.shutdown();

  assertStringIncludes(
    log.lines.join("\n"),
    "Handler threw on stop: Cannot ask the gateways: ",
  );
});

Deno.test("BusinessWorker says what a handler waits for that is not ready after some seconds", async () => {
  await using log = await LogLines.collect();

  await assertRejects(
    () => BusinessWorker.start({ handler: never, register, startTimeout: 20 }),
    Deno.errors.TimedOut,
  );

  assertEquals(log.lines, [
    "Handler is not done with its start event after 10 ms: what it returned on start has not resolved",
  ]);
});

Deno.test("BusinessWorker.start() rejects if it is aborted while the handler starts", async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const started = BusinessWorker.start({ handler: never, register, signal });

  abort.abort(new TypeError("no more"));

  await assertRejects(() => started, TypeError, "no more");
});

Deno.test("worker ends in time, and at once when it is told to, though its handler's module never loads", async () => {
  const args = ["worker", handlerPath("never_loads"), "--alone"];
  await using late = startCli([...args, "--start-timeout=0.5"]);
  await using told = startCli([...args]);
  const [line = ""] = await late.errorLines(/^Cannot/, 1);
  await told.errorLines(/handler is being loaded/, 1);

  told.signal("SIGTERM");
  const codes = [await late.code(), await told.code()];

  assertStringIncludes(line, "the handler was not loaded within 500 ms");
  assertEquals(codes, [1, 0]);
});

Deno.test("BusinessWorker.shutdown() ends though the handler never finishes its stop event", async () => {
  await using log = await LogLines.collect();
  const worker = await BusinessWorker.start({
    handler: (event) => event.type === "stop" ? never() : undefined,
    register,
    drainTimeout: 1,
  });

  const start = performance.now();
  await worker.shutdown();

  assertLess(performance.now() - start, 20_000);
  assertEquals(
    log.lines.at(-1),
    "Handler still runs after 2000 ms on stop: ending without it",
  );
});

Deno.test("a handler is told nothing after its stop event, also if the gateway leaves just then", async () => {
  await using _log = await LogLines.collect();
  const [first, stop] = [0, 0].map(() => Promise.withResolvers<void>());
  const told: string[] = [];
  const handler = async (event: HandlerEvent) => {
    told.push(event.type === "message" ? event.text() : event.type);
    if (event.type === "stop") await stop?.promise;
    else if (event.type === "message") await first?.promise;
  };
  await using cluster = await startCluster({
    handler,
    worker: { drainTimeout: 50 },
    gateway: { stopTimeout: 100 },
  });
  const [worker] = cluster.workers;
  const client = await cluster.connect();
  for (const text of ["one", "two", "three"]) client.send(text);
  await eventually("all are there", () => worker?.report().queued === 3);

  const stopped = worker?.shutdown();
  await eventually("it is told to stop", () => told.includes("stop"));
  await cluster.gateway.shutdown();
  first?.resolve();
  await new Promise((resolve) => setTimeout(resolve, 20));
  stop?.resolve();
  await stopped;

  assertEquals(told, ["start", "connect", "one", "stop"]);
});
