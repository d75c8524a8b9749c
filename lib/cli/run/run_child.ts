import { leave } from "../../process/leave.ts";
import type { Command } from "../options/command.ts";
import { readEnv, readEnvNames } from "../options/read_env.ts";
import { runProgram } from "./program.ts";

/**
 * Does what the command line of a supervised child asks for, and ends the process.
 *
 * @param role The only command that it can ask for.
 */
export async function runChild(
  role: Pick<Command, "name" | "options" | "run">,
): Promise<void> {
  const command: Command = {
    ...role,
    operands: [],
    summary: "what a supervisor runs",
    description: "",
    examples: "",
  };
  Deno.exitCode = await runProgram(Deno.args, [command], {
    stdout: Deno.stdout,
    stderr: Deno.stderr,
    env: readEnv,
    envNames: readEnvNames,
  });
  leave();
}
