import { PROPERTIES } from "./properties.ts";

/** Inputs of each property: a second or two of work in all. */
const RUNS = 250;

for (const { name, run } of PROPERTIES) {
  Deno.test(`fuzz: ${name}`, async () => {
    await run({ numRuns: RUNS });
  });
}
