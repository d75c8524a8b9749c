import type { ChildSpec } from "../process/child.ts";
import type { Command } from "./command.ts";
import {
  COMMON_OPTIONS,
  envName,
  type OptionKey,
  OPTIONS,
  type OptionSpec,
  type Settings,
} from "./option_table.ts";

/** A command to run as a child process. */
export interface ChildCommand {
  /** What people call the child: `gateway 0`. */
  readonly name: string;
  /** The command, with its operands. */
  readonly command: Pick<Command, "name" | "options">;
  /** What follows the command's name. */
  readonly operands: readonly string[];
  /** All that it is told. */
  readonly settings: Settings;
  /** URL of the module to run. */
  readonly entry: string;
}

/** Options that the supervisor has followed, or that travel another way. */
const KEPT_BACK: readonly OptionKey[] = [
  "config",
  "count",
  "secretKey",
  "secretKeyFile",
];

/** Returns how to run a command of this program as a supervised child. */
export function childSpec(child: ChildCommand): ChildSpec {
  const { name, command, operands, entry } = child;
  const settings = { ...child.settings, supervised: true };
  const keys = [...command.options, ...COMMON_OPTIONS, "supervised" as const];
  const flags = keys
    .filter((key) => !KEPT_BACK.includes(key))
    .flatMap((key) => toFlags(OPTIONS[key], settings[key]));
  return {
    name,
    command: [
      Deno.execPath(),
      "run",
      "-A",
      ...(settings.reusePort ? ["--unstable-net"] : []),
      entry,
      command.name,
      ...flags,
      "--",
      ...operands,
    ],
    // Not a flag: everybody on the machine can read a command line.
    env: { [envName("secretKey")]: settings.secretKey },
  };
}

/** Flags for what differs from the default. */
function toFlags(
  { name, default: usual }: OptionSpec<unknown>,
  value: Settings[OptionKey],
): string[] {
  if (JSON.stringify(value) === JSON.stringify(usual)) return [];
  if (value === true) return [`--${name}`];
  return [`--${name}=${Array.isArray(value) ? value.join(",") : value}`];
}
