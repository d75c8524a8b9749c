import type { Command } from "./command.ts";
import type { CommandLine } from "./command_line.ts";

/**
 * Reads the command line of a supervised child, which `child_command.ts` wrote: the
 * command, flags with `=`, `--`, operands. What people type takes a parser that is
 * loaded for a twentieth of a second.
 *
 * @param args What followed the program's name.
 * @param commands What can be asked for.
 * @returns `undefined` if it was not written by a supervisor.
 */
export function readChildLine(
  [name, ...args]: readonly string[],
  commands: readonly Command[],
): CommandLine | undefined {
  const command = commands.find((each) => each.name === name);
  const end = args.indexOf("--");
  const flags = args.slice(0, Math.max(end, 0));
  const isChild = command !== undefined && flags.includes("--supervised") &&
    flags.every((flag) => flag.startsWith("--"));
  if (!isChild) return undefined;
  const values = new Map(flags.map(toEntry));
  return {
    command,
    operands: args.slice(end + 1),
    mistakes: [],
    flag: (flag) => {
      const value = values.get(flag);
      return value === undefined ? undefined : [value];
    },
  };
}

function toEntry(flag: string): [name: string, value: string] {
  const at = flag.indexOf("=");
  return at < 0
    ? [flag.slice(2), "true"]
    : [flag.slice(2, at), flag.slice(at + 1)];
}
