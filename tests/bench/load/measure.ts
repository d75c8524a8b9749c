import { fileURLToPath } from "node:url";
import { FAIR_RUNTIME } from "./fair_runtime.ts";
import {
  formatLoadArgs,
  type LoadOptions,
  type LoadTarget,
} from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";

/** Seconds that a run may take beside warm-up and window: to connect, to drain. */
const SPARE_TIME = 30;

/** Runs the generator in a process of its own, until `stop` or a limit at the latest. */
export async function measure(
  load: LoadOptions,
  target: LoadTarget,
  stop: AbortSignal,
): Promise<LoadResult> {
  const program = fileURLToPath(new URL("load.ts", import.meta.url));
  const limit = load.warmup + load.seconds + SPARE_TIME;
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "-A", program, ...formatLoadArgs(load, target)],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: FAIR_RUNTIME,
    signal: AbortSignal.any([stop, AbortSignal.timeout(limit * 1_000)]),
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    const reason = decoder.decode(stderr).trim() || `nothing within ${limit} s`;
    throw new Deno.errors.Interrupted(`Cannot measure: ${reason}`);
  }
  return JSON.parse(decoder.decode(stdout));
}
