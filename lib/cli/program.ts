import config from "../../deno.json" with { type: "json" };
import { type SyncWriter, writeAll } from "../process/write_all.ts";
import type { Command, Output } from "./command.ts";
import { type CommandLine, readCommandLine } from "./command_line.ts";
import { COMMON_OPTIONS } from "./option_table.ts";
import { type Resolved, resolveSettings } from "./settings.ts";

/** What the program runs in; the process's own unless a test says otherwise. */
export interface Surroundings {
  /** URL of the module that a child process runs. */
  readonly entry: string;
  /** Takes results. */
  readonly stdout: SyncWriter;
  /** Takes complaints. */
  readonly stderr: SyncWriter;
  /** The value of a variable. */
  env(name: string): string | undefined;
}

const USAGE_EXIT_CODE = 2;

/**
 * Does what a command line asks for.
 *
 * @param args What followed the program's name.
 * @param commands What can be asked for.
 * @param surroundings What to run in.
 * @returns The exit code.
 */
export async function runProgram(
  args: readonly string[],
  commands: readonly Command[],
  surroundings: Surroundings,
): Promise<number> {
  const output = toOutput(surroundings);
  const line = await readCommandLine(args, {
    version: config.version,
    commands,
  });
  if ("code" in line) {
    if (line.code === 0) output.out(line.text);
    else output.error(line.text);
    return line.code;
  }
  const { settings, mistakes } = resolve(line, surroundings);
  if (mistakes.length > 0) {
    for (const mistake of mistakes) output.error(`${mistake}\n`);
    return USAGE_EXIT_CODE;
  }
  const { command, operands } = line;
  const { entry } = surroundings;
  return await command.run({ settings, operands, entry, output });
}

/**
 * Reads a variable, if this process may: without the permission, nothing is set
 * as far as it knows, and nobody is asked.
 */
export function readEnv(name: string): string | undefined {
  const permission = Deno.permissions.querySync({
    name: "env",
    variable: name,
  });
  return permission.state === "granted" ? Deno.env.get(name) : undefined;
}

function resolve(line: CommandLine, { env }: Surroundings): Resolved {
  const { command } = line;
  const keys = [...command.options, ...COMMON_OPTIONS, "supervised" as const];
  const resolved = resolveSettings(keys, {
    flag: line.flag,
    env,
    readText: Deno.readTextFileSync,
  });
  return {
    settings: resolved.settings,
    mistakes: [...line.mistakes, ...resolved.mistakes],
  };
}

function toOutput({ stdout, stderr }: Surroundings): Output {
  return {
    out: (text) => writeAll(stdout, text),
    error: (text) => writeAll(stderr, text),
  };
}
