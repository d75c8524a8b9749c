import { assert, assertEquals, assertGreater } from "@std/assert";
import { type Sabotage, Saboteur } from "../chaos/link_frames.ts";
import { FAKE_TIME_LIBRARY } from "../_support/fake_time.ts";
import { FAULT_KINDS, LONG_FAULTS, planFaults } from "../chaos/plan.ts";
import { Random } from "../chaos/random.ts";
import { reportOf } from "../chaos/report.ts";
import { run, type RunOptions, type RunResult } from "../chaos/run.ts";

/** Milliseconds for which the rest is waited where a message is missing, in vain. */
const IN_VAIN = 500;

const SMALL: Omit<RunOptions, "folder"> = {
  seed: 1,
  duration: 1_500,
  plan: [],
  reloadInterval: 0,
  clients: 20,
  rate: 5,
  churn: 0,
  registers: 1,
  gateways: 1,
  workers: 1,
  settleTimeout: 15_000,
  say: () => {},
};

async function runInTemporaryFolder(
  options: Partial<RunOptions>,
): Promise<RunResult> {
  const folder = await Deno.makeTempDir();
  try {
    return await run({ ...SMALL, ...options, folder });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function runSabotaged(sabotage: Sabotage): Promise<RunResult> {
  const saboteur = new Saboteur(sabotage, 50);
  const result = await runInTemporaryFolder({
    saboteur,
    settleTimeout: IN_VAIN,
  });
  assert(saboteur.isDone);
  return result;
}

Deno.test("a cluster keeps its promises while processes are killed, stopped, frozen and replaced, and links break", async () => {
  const kinds = FAULT_KINDS.filter((kind) => !LONG_FAULTS.includes(kind));
  const duration = 10_000;
  const plan = planFaults(
    { duration, gap: [500, 1_500], kinds },
    new Random(1),
  );

  const result = await runInTemporaryFolder({
    plan,
    duration,
    overtime: 60_000,
    clients: 100,
    rate: 2,
    churn: 2,
    registers: 2,
    gateways: 2,
    workers: 3,
    gatewayOptions: { maxDeliveries: 20 },
    settleTimeout: 15_000,
  });

  assertEquals(result.findings, [], reportOf("seed 1", result));
  assertGreater(result.tally.handled, 0);
  // Clocks are set only where there is a library for it.
  const planned = new Set(plan.map(({ kind }) => kind));
  assertEquals(
    [...planned].filter((kind) => !result.done.has(kind)),
    FAKE_TIME_LIBRARY === undefined ? ["step-clock"] : [],
  );
  assertGreater(planned.size, 8);
});

Deno.test("the chaos suite finds nothing in a run without faults", async () => {
  const result = await runInTemporaryFolder({});

  assertEquals(result.findings, [], reportOf("no faults", result));
  assertGreater(result.tally.handled, 100);
  assertEquals(result.tally.sent, result.tally.handled);
});

Deno.test("the chaos suite finds a message that was dropped on its way to a worker", async () => {
  const { counts } = await runSabotaged("drop");

  assertGreater(counts.get("order") ?? 0, 0);
  assertGreater(counts.get("lost") ?? 0, 0);
});

Deno.test("the chaos suite finds two messages that were swapped on their way to a worker", async () => {
  const { counts } = await runSabotaged("swap");

  assertGreater(counts.get("order") ?? 0, 0);
});

Deno.test("the chaos suite finds a message that came twice to a worker", async () => {
  const { counts } = await runSabotaged("duplicate");

  assertGreater(counts.get("unmarked") ?? 0, 0);
});
