import { configName, type OptionKey, OPTIONS } from "./option_table.ts";
import { CONFIG_KEYS } from "./settings.ts";

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Describes the configuration file, as a JSON Schema. */
export function configSchema(): Schema {
  // Of commands that call different things the same, "start" has the word.
  const byName = new Map<string, OptionKey>();
  for (const key of CONFIG_KEYS) {
    const name = configName(key);
    if (key !== "config" && !byName.has(name)) byName.set(name, key);
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Configuration of gatewayworker",
    description:
      "Options of cli.ts, given with --config FILE; flags and GATEWAYWORKER_* variables win over it",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      ...Object.fromEntries(
        Array.from(byName, ([name, key]) => [name, toSchema(key)]),
      ),
    },
  };
}

function toSchema(key: OptionKey): Schema {
  const { kind, help, default: usual, defaultText } = OPTIONS[key];
  return {
    description: `${help} (default: ${defaultText ?? JSON.stringify(usual)})`,
    ...(defaultText === undefined ? { default: usual } : {}),
    ...kind.schema,
  };
}
