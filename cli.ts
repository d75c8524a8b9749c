/**
 * The command line: `start`, `register`, `gateway`, `worker`, `status` and others;
 * each explains itself with `--help`.
 *
 * @example Running everything on this machine
 * ```sh
 * deno run -A jsr:@gatewayworker/core/cli start handler.ts
 * ```
 *
 * @module
 */

import { COMMANDS } from "./lib/cli/commands/commands.ts";
import { runProgram } from "./lib/cli/run/program.ts";
import { readEnv, readEnvNames } from "./lib/cli/options/read_env.ts";
import { leave } from "./lib/process/leave.ts";

/**
 * Does what a command line asks for. Nothing in it ends the process, except a
 * second SIGINT or SIGTERM.
 *
 * @param args What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 wrong usage.
 *
 * @example Usage
 * ```ts ignore
 * import { main } from "@gatewayworker/core/cli";
 *
 * Deno.exitCode = await main(["register", "--register-listen", "127.0.0.1:1236"]);
 * ```
 */
export async function main(args: string[]): Promise<number> {
  return await runProgram(args, COMMANDS, {
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    env: readEnv,
    envNames: readEnvNames,
  });
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args);
  leave();
}
