import { configName, type OptionKey, OPTIONS } from "./option_table.ts";
import { CONFIG_KEYS } from "./settings.ts";

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>;

/** Describes the configuration file, as a JSON Schema. */
export function configSchema(): Schema {
  const keys = CONFIG_KEYS.filter((key) =>
    key !== "config" && key !== "registerListen"
  );
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
        keys.map((key) => [configName(key), toSchema(key)]),
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
