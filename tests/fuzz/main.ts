// deno-lint-ignore-file no-console -- a program: the report goes to standard output
/**
 * Fuzzes all decoders for a while, with new inputs at every run, and prints the seed
 * and the smallest counterexample of what fails.
 *
 *     deno task fuzz                 a minute
 *     deno task fuzz 600             ten minutes
 *     deno task fuzz 60 -123456      again with a seed that was printed
 *
 * @module
 */
import { PROPERTIES } from "./properties.ts";

/** Inputs between two looks at the clock. */
const BATCH = 2_000;

async function main(seconds: number, seed: number): Promise<number> {
  const deadline = Date.now() + seconds * 1_000;
  let failures = 0;
  for (const [index, { name, run }] of PROPERTIES.entries()) {
    const share = (deadline - Date.now()) / (PROPERTIES.length - index);
    const end = Date.now() + share;
    let [inputs, next] = [0, seed];
    try {
      do {
        await run({ numRuns: BATCH, seed: next++ });
        inputs += BATCH;
      } while (Date.now() < end);
      console.log(`ok      ${name}: ${inputs} inputs`);
    } catch (error) {
      failures++;
      console.log(`FAILED  ${name}: ${error}`);
    }
  }
  return failures;
}

if (import.meta.main) {
  const [seconds = "60", seed = String(Date.now() | 0)] = Deno.args;
  console.log(`seed ${seed}`);
  Deno.exitCode = await main(Number(seconds), Number(seed)) === 0 ? 0 : 1;
}
