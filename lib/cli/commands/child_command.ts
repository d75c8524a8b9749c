import type { ChildSpec } from "../../process/child.ts";
import type { Command } from "../options/command.ts";
import { words } from "../options/option_kind.ts";
import type { ModuleWorld } from "../world/world_files.ts";
import {
  COMMON_OPTIONS,
  envName,
  HANDED_OVER,
  type OptionKey,
  OPTIONS,
  type OptionSpec,
  type Settings,
} from "../options/option_table.ts";

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
  /** What it may do, as flags of Deno: no more than it needs. */
  readonly permissions: readonly string[];
  /** Variables that it is given. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Files that it must read, beside those that options name. */
  readonly files: readonly string[];
  /** Where what it runs finds what it imports; where Deno looks, if left out. */
  readonly world?: ModuleWorld;
}

/** Options that the supervisor has followed, or that travel another way. */
const KEPT_BACK: readonly OptionKey[] = [
  "admin",
  "alone",
  "apiToken",
  "config",
  "count",
  "hangTimeout",
  "runtimeDir",
  ...HANDED_OVER,
  "stopDelay",
  "v8Flags",
  "workerPermissions",
];

/** Returns how to run a command of this program as a supervised child. */
export function childSpec(child: ChildCommand): ChildSpec {
  const { name, command, operands, entry, environment = {}, world } = child;
  const settings = { ...child.settings, supervised: true };
  const keys = [...command.options, ...COMMON_OPTIONS, "supervised" as const];
  const flags = keys
    .filter((key) => !KEPT_BACK.includes(key))
    .flatMap((key) => toFlags(OPTIONS[key], settings[key]));
  const { v8Flags, reusePort } = settings;
  return {
    name,
    command: [
      Deno.execPath(),
      "run",
      "--no-prompt",
      ...(world?.flags ?? []),
      ...permissionsOf(child),
      ...(reusePort ? ["--unstable-net"] : []),
      ...(v8Flags === "" ? [] : [`--v8-flags=${words(v8Flags).join(",")}`]),
      entry,
      command.name,
      ...flags,
      "--",
      ...operands,
    ],
    // Not a flag: everybody on the machine can read a command line.
    env: {
      ...environment,
      [envName("secretKey")]: settings.secretKeyFile ? "" : settings.secretKey,
      ...(settings.phpSecretKey !== "" && {
        [envName("phpSecretKey")]: settings.phpSecretKey,
      }),
    },
    ...(world === undefined ? {} : { prepare: () => world.restore() }),
  };
}

/** What the child may do, and with it the variable and the files that it is told of. */
function permissionsOf(
  { permissions, files, command, settings }: ChildCommand,
): string[] {
  if (permissions.some((flag) => flag === "-A" || flag === "--allow-all")) {
    return [...permissions];
  }
  const read = command.options
    .filter((key) => OPTIONS[key].readsFile === true)
    .map((key) => settings[key])
    .concat(files)
    .filter((path): path is string => typeof path === "string" && path !== "");
  const withEnv = allow(
    permissions,
    "--allow-env",
    HANDED_OVER
      .filter((key) => key === "secretKey" || settings[key] !== "")
      .map((key) => envName(key)),
  );
  return allow(withEnv, "--allow-read", read);
}

/** Adds values to a permission, unless it is given for everything. */
function allow(
  permissions: readonly string[],
  flag: string,
  values: readonly string[],
): string[] {
  if (values.length === 0 || permissions.includes(flag)) {
    return [...permissions];
  }
  const isOurs = (each: string) => each.startsWith(`${flag}=`);
  const given = permissions.filter(isOurs)
    .map((each) => each.slice(flag.length + 1));
  return [
    ...permissions.filter((each) => !isOurs(each)),
    `${flag}=${[...given, ...values].join(",")}`,
  ];
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
