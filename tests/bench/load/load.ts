// deno-lint-ignore-file no-console -- a program: its result goes to standard output
/**
 * The load generator, a process of its own. Prints one line of JSON.
 *
 * ```sh
 * deno run -A tests/bench/load/load.ts --url 127.0.0.1:8282 --clients 100 --depth 8
 * deno run -A tests/bench/load/load.ts --url 127.0.0.1:8282 --rate 10000 --clients 900
 * deno run -A tests/bench/load/load.ts --url 127.0.0.1:8282 --mode broadcast --depth 16
 * ```
 *
 * @module
 */
import { messageOf } from "../../../lib/base/errors.ts";
import { runConnects, runIdle } from "./connection_load.ts";
import { runLink } from "./link_load.ts";
import {
  type LoadOptions,
  type LoadTarget,
  parseLoadArgs,
} from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";
import { runMesh } from "./mesh_load.ts";
import { runMessages } from "./message_load.ts";

/** Runs one load. */
export function runLoad(
  load: LoadOptions,
  target: LoadTarget,
): Promise<LoadResult> {
  switch (load.mode) {
    case "connect":
      return runConnects(load, target);
    case "idle":
      return runIdle(load, target);
    case "link":
      return runLink(load, target);
    case "mesh":
      return runMesh(load, target);
    default:
      return runMessages(load, target);
  }
}

async function main(): Promise<number> {
  try {
    const { load, target } = parseLoadArgs(Deno.args);
    console.log(JSON.stringify(await runLoad(load, target)));
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return 1;
  }
}

if (import.meta.main) Deno.exitCode = await main();
