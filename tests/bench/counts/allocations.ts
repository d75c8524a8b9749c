import { pause } from "../load/stopwatch.ts";

/** Variable that tells a process with the probe where to write its answers. */
export const ANSWER_FOLDER = "BENCH_ANSWER_FOLDER";

/** Longest wait for an answer, in milliseconds. */
const PATIENCE = 5_000;

/**
 * Asks a process that has loaded `allocation_probe.ts` how many bytes it has allocated
 * in the heap of V8 since it began. What lies outside of that heap, such as the contents
 * of buffers, is not in it.
 *
 * @throws {Deno.errors.TimedOut} If it does not answer.
 */
export async function allocatedBytes(pid: number): Promise<number> {
  const path = `${Deno.env.get(ANSWER_FOLDER)}/${pid}`;
  Deno.kill(pid, "SIGUSR2");
  const end = performance.now() + PATIENCE;
  while (performance.now() < end) {
    const text = await readIfThere(path);
    if (text !== undefined) {
      await Deno.remove(path);
      return Number(text);
    }
    await pause(0.002);
  }
  throw new Deno.errors.TimedOut(
    `Cannot count allocations: process ${pid} does not answer`,
  );
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
