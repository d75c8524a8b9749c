import { PROPERTIES } from "./properties.ts";

/** Inputs of each property: a second or two of work in all. */
const RUNS = 250;

/** The same inputs each time: new ones are for `deno task fuzz`. */
const SEED = 20_261_127;

for (const { name, run } of PROPERTIES) {
  Deno.test(`fuzz: ${name}`, async () => {
    await run({ numRuns: RUNS, seed: SEED });
  });
}
