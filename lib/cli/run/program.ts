import { messageOf } from "../../base/errors.ts";
import { VERSION } from "../../base/version.ts";
import { roomLogger } from "../../observe/logger.ts";
import { startLogging } from "../../process/logging.ts";
import { type SyncWriter, writeAll } from "../../process/write_all.ts";
import {
  type Command,
  type Output,
  USAGE_EXIT_CODE,
} from "../options/command.ts";
import { readChildLine } from "../options/child_line.ts";
import type { CommandLine, Information } from "../options/command_line.ts";
import { COMMON_OPTIONS, type Settings } from "../options/option_table.ts";
import { isMissing } from "../options/is_missing.ts";
import { type Resolved, resolveSettings } from "../options/settings.ts";

const logger = roomLogger("cli");

/** What the program runs in; the process's own unless a test says otherwise. */
export interface Surroundings {
  /** Takes results. */
  readonly stdout: SyncWriter;
  /** Takes complaints. */
  readonly stderr: SyncWriter;
  /** The value of a variable. */
  env(name: string): string | undefined;
  /** The names of all variables that this process may see. */
  envNames(): readonly string[];
}

const FAILURE_EXIT_CODE = 1;

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
  const line = readChildLine(args, commands) ??
    await readLine(args, commands);
  if ("code" in line) {
    if (line.code === 0) output.out(line.text);
    else output.error(line.text);
    return line.code;
  }
  const { settings, origins, mistakes, warnings } = resolve(
    line,
    surroundings,
  );
  if (mistakes.length > 0) {
    for (const mistake of mistakes) output.error(`${mistake}\n`);
    return USAGE_EXIT_CODE;
  }
  const { command, operands } = line;
  warn(warnings, { settings, who: command.name, output: surroundings.stderr });
  try {
    return await command.run({ settings, origins, operands, output });
  } catch (error) {
    output.error(`${toLine(command.name, error)}\n`);
    return FAILURE_EXIT_CODE;
  }
}

/** Reads what a person typed. */
async function readLine(
  args: readonly string[],
  commands: readonly Command[],
): Promise<CommandLine | Information> {
  const { readCommandLine } = await import("../options/command_line.ts");
  return await readCommandLine(args, { version: VERSION, commands });
}

/** Warns in the look that was asked for: whoever reads JSON lines wants nothing else. */
function warn(
  warnings: readonly string[],
  { settings: { logLevel: levels, logFormat: format }, who, output }: {
    readonly settings: Settings;
    readonly who: string;
    readonly output: SyncWriter;
  },
): void {
  if (warnings.length === 0) return;
  using _logging = startLogging({ levels, format, who, output });
  for (const warning of warnings) logger.warn("{warning}", { warning });
}

/** An error in our grammar is a sentence already; the runtime's is not. */
function toLine(command: string, error: unknown): string {
  const message = messageOf(error).replaceAll("\n", " ");
  return /^(Cannot|Nothing) /.test(message)
    ? message
    : `Cannot run "${command}": ${message}`;
}

function resolve(line: CommandLine, surroundings: Surroundings): Resolved {
  const { env, envNames } = surroundings;
  const { command } = line;
  const keys = [...command.options, ...COMMON_OPTIONS, "supervised" as const];
  const resolved = resolveSettings(keys, {
    flag: line.flag,
    env,
    envNames,
    readText: Deno.readTextFileSync,
    isMissing,
  });
  return {
    ...resolved,
    mistakes: [...line.mistakes, ...resolved.mistakes],
  };
}

function toOutput({ stdout, stderr }: Surroundings): Output {
  return {
    out: (text) => writeAll(stdout, text),
    error: (text) => writeAll(stderr, text),
  };
}
