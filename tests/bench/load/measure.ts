import { fileURLToPath } from "node:url";
import { FAIR_RUNTIME } from "./fair_runtime.ts";
import {
  formatLoadArgs,
  type LoadOptions,
  type LoadTarget,
} from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";

/** Seconds that a run may take beside warm-up and window: to connect, to drain. */
const SPARE_TIME = 60;

/** Runs the generator in a process of its own, until `stop` or a limit at the latest. */
export async function measure(
  load: LoadOptions,
  target: LoadTarget,
  stop: AbortSignal,
): Promise<LoadResult> {
  const program = fileURLToPath(new URL("load.ts", import.meta.url));
  const limit = load.warmup + load.seconds + SPARE_TIME;
  const args = formatLoadArgs(load, target);
  return await runGenerator(program, args, { limit, stop });
}

/** How {@linkcode runGenerator} runs a program. */
export interface GeneratorOptions {
  /** Most seconds that it may take. */
  readonly limit: number;
  /** Ends it when aborted. */
  readonly stop: AbortSignal;
  /** Variables that it gets beside those that every generator gets. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * Runs a program that prints its result as one line of JSON.
 *
 * @throws {Deno.errors.Interrupted} If it fails or takes too long.
 */
export async function runGenerator<Result>(
  program: string,
  args: readonly string[],
  { limit, stop, env = {} }: GeneratorOptions,
): Promise<Result> {
  const { success, stdout, stderr } = await new Deno.Command("deno", {
    args: ["run", "-A", program, ...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { ...FAIR_RUNTIME, ...env },
    signal: AbortSignal.any([stop, AbortSignal.timeout(limit * 1_000)]),
  }).output();
  const decoder = new TextDecoder();
  if (!success) {
    const reason = decoder.decode(stderr).trim() || `nothing within ${limit} s`;
    throw new Deno.errors.Interrupted(`Cannot measure: ${reason}`);
  }
  return JSON.parse(decoder.decode(stdout));
}
