import { BRIDGE_OPTIONS } from "./bridge_options.ts";
import { CLIENT_OPTIONS } from "./client_options.ts";
import { GATEWAY_OPTIONS } from "./gateway_options.ts";
import { NATS_OPTIONS } from "./nats_options.ts";
import type { Kind } from "./option_kind.ts";
import type { OptionEntry, OptionSpec } from "./option_spec.ts";
import { PROCESS_OPTIONS } from "./process_options.ts";
import { PUSH_OPTIONS } from "./push_options.ts";
import { QUESTION_OPTIONS } from "./question_options.ts";
import { REGISTER_OPTIONS } from "./register_options.ts";
import { PHP_OPTIONS } from "./php_options.ts";
import { TRUST_OPTIONS } from "./trust_options.ts";
import { WORKER_OPTIONS } from "./worker_options.ts";

export type { OptionSpec } from "./option_spec.ts";

const ENTRIES = {
  ...GATEWAY_OPTIONS,
  ...CLIENT_OPTIONS,
  ...WORKER_OPTIONS,
  ...REGISTER_OPTIONS,
  ...TRUST_OPTIONS,
  ...PHP_OPTIONS,
  ...BRIDGE_OPTIONS,
  ...NATS_OPTIONS,
  ...PROCESS_OPTIONS,
  ...PUSH_OPTIONS,
  ...QUESTION_OPTIONS,
};

/** Names an option. */
export type OptionKey = keyof typeof ENTRIES;

/** Options that belong together, in the order of the documentation. */
export const OPTION_GROUPS: readonly {
  /** What they are about. */
  readonly title: string;
  /** Which they are. */
  readonly keys: readonly OptionKey[];
}[] = [
  { title: "Gateways", keys: keysOf(GATEWAY_OPTIONS) },
  { title: "Clients", keys: keysOf(CLIENT_OPTIONS) },
  { title: "Workers", keys: keysOf(WORKER_OPTIONS) },
  { title: "Registers", keys: keysOf(REGISTER_OPTIONS) },
  { title: "Trust", keys: keysOf(TRUST_OPTIONS) },
  { title: "Nodes of PHP", keys: keysOf(PHP_OPTIONS) },
  { title: "Bridges", keys: keysOf(BRIDGE_OPTIONS) },
  { title: "NATS", keys: keysOf(NATS_OPTIONS) },
  { title: "Processes", keys: keysOf(PROCESS_OPTIONS) },
  { title: "Pushing and asking", keys: keysOf(PUSH_OPTIONS) },
  { title: "One call of a command", keys: keysOf(QUESTION_OPTIONS) },
];

type ValueOf<Entry> = Entry extends { readonly kind: Kind<infer Value> } ? Value
  : never;

/** Every option of every command, with its value. */
export type Settings = {
  -readonly [Key in OptionKey]: ValueOf<(typeof ENTRIES)[Key]>;
};

/** Also checks that every default is of its option's kind. */
const CHECKED: { readonly [Key in OptionKey]: OptionEntry<Settings[Key]> } =
  ENTRIES;

/** What a supervisor hands its children by the environment, as it is nobody else's to see. */
export const HANDED_OVER: readonly OptionKey[] = [
  "secretKey",
  "phpSecretKey",
];

/** Every key, in the order of the table. */
export const OPTION_KEYS: readonly OptionKey[] = keysOf(ENTRIES);

/** The one place where an option is described. */
export const OPTIONS: {
  readonly [Key in OptionKey]: OptionSpec<Settings[Key]>;
} = withNames();

/** The keys of a table. */
export function keysOf<Table extends object>(
  table: Table,
): (keyof Table & string)[] {
  return Object.keys(table).filter((key): key is keyof Table & string =>
    Object.hasOwn(table, key)
  );
}

function withNames(): typeof OPTIONS {
  const specs = OPTION_KEYS.map((key) =>
    [key, {
      ...CHECKED[key],
      name: CHECKED[key].flag ?? toFlagName(key),
    }] as const
  );
  // One for each key, of the key's kind: Object.fromEntries() forgets which.
  return Object.fromEntries(specs) as unknown as typeof OPTIONS;
}

/** `lan-ip` for `lanIp`. */
function toFlagName(key: OptionKey): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionKey[] = [
  "config",
  "logLevel",
  "logFormat",
];

/** Name of an option in a configuration file: `lanIp`. */
export function configName(key: OptionKey): string {
  return toConfigName(OPTIONS[key].name);
}

/** The same for a name in kebab case. */
export function toConfigName(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Name of an option in the environment: `GATEWAYWORKER_LAN_IP`. */
export function envName(key: OptionKey): string {
  return toEnvName(OPTIONS[key].name);
}

/** The same for a name in kebab case. */
export function toEnvName(name: string): string {
  return `GATEWAYWORKER_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** The name that an option of a command had, if no other one of it has that now. */
export function formerNameOf(
  key: OptionKey,
  keys: readonly OptionKey[],
): string | undefined {
  const { formerName } = OPTIONS[key];
  return keys.some((other) => OPTIONS[other].name === formerName)
    ? undefined
    : formerName;
}
