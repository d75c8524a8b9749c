import { CLIENT_OPTIONS, type ClientSettings } from "./client_options.ts";
import { GATEWAY_OPTIONS, type GatewaySettings } from "./gateway_options.ts";
import type { OptionTable } from "./option_spec.ts";
import { PROCESS_OPTIONS, type ProcessSettings } from "./process_options.ts";
import { PUSH_OPTIONS, type PushSettings } from "./push_options.ts";
import { QUESTION_OPTIONS, type QuestionSettings } from "./question_options.ts";
import { REGISTER_OPTIONS, type RegisterSettings } from "./register_options.ts";
import { TRUST_OPTIONS, type TrustSettings } from "./trust_options.ts";
import { WORKER_OPTIONS, type WorkerSettings } from "./worker_options.ts";

export type { OptionSpec } from "./option_spec.ts";

/** Every option of every command, with its value. */
export interface Settings
  extends
    GatewaySettings,
    ClientSettings,
    WorkerSettings,
    RegisterSettings,
    TrustSettings,
    ProcessSettings,
    PushSettings,
    QuestionSettings {}

/** Names a row of {@linkcode OPTIONS}. */
export type OptionKey = keyof Settings;

/** The one place where an option is described. */
export const OPTIONS: OptionTable<Settings> = {
  ...GATEWAY_OPTIONS,
  ...CLIENT_OPTIONS,
  ...WORKER_OPTIONS,
  ...REGISTER_OPTIONS,
  ...TRUST_OPTIONS,
  ...PROCESS_OPTIONS,
  ...PUSH_OPTIONS,
  ...QUESTION_OPTIONS,
};

/** Every key, in the order of the table. */
export const OPTION_KEYS: readonly OptionKey[] = Object.keys(OPTIONS).filter((
  key,
): key is OptionKey => Object.hasOwn(OPTIONS, key));

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
