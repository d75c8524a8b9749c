/**
 * Whatever the network, the gateway and the page do, what a client claims is true.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { runModel } from "./_model_run.ts";

/** Set for more than the seeds that always run. */
const SEEDS = Number(Deno.env.get("MODEL_SEEDS") ?? 1000);

const STEPS = 100;

Deno.test("Client claims nothing that is not so, whatever breaks, in 1000 runs by seeds", async () => {
  const sums: Record<string, number> = {};
  const wrong: string[] = [];
  for (let seed = 1; seed <= SEEDS && wrong.length < 10; seed++) {
    const outcome = await runModel(seed, STEPS);
    wrong.push(...outcome.wrong.map((claim) => `seed ${seed}: ${claim}`));
    for (const [name, count] of Object.entries(outcome.counts)) {
      sums[name] = (sums[name] ?? 0) + count;
    }
  }
  assertEquals(wrong, []);
  // Nothing is proved by what did not happen.
  for (const [name, count] of Object.entries(sums)) assert(count > 0, name);
});
