import type { Command } from "../options/command.ts";
import { configSchema } from "../options/config_schema.ts";
import {
  configName,
  type OptionKey,
  OPTIONS,
} from "../options/option_table.ts";
import { CONFIG_KEYS } from "../options/settings.ts";
import { startCommand } from "./start_command.ts";
import { type Column, formatTable } from "../print/table.ts";

/** The value of an option, and where it comes from. */
interface Setting {
  readonly name: string;
  readonly value: unknown;
  readonly origin: string;
  /** A default that its value does not tell. */
  readonly words: string | undefined;
}

const COLUMNS: readonly Column<Setting>[] = [
  { title: "OPTION", text: ({ name }) => name },
  {
    title: "VALUE",
    text: ({ value, words }) =>
      words ?? (typeof value === "string" ? value : JSON.stringify(value)),
  },
  { title: "FROM", text: ({ origin }) => origin },
];

const KEYS = startCommand.options.filter((key) => CONFIG_KEYS.includes(key));

/** Shows the configuration. */
export const configCommand: Command = {
  name: "config",
  operands: [],
  summary: "show the configuration, and where each value comes from",
  description:
    `Shows what "start" would run with, given the same flags, environment and file;
the commands of the single roles take the same values. Secrets are not shown.
Starts nothing.`,
  examples: `
# what the file and the environment come to
deno run -A cli.ts config --config cluster.json
# a schema by which editors complete the file
deno run -A cli.ts config --schema > config-schema.json`,
  options: [...KEYS, "json", "schema"],
  run: ({ settings, origins, output }) => {
    const rows = KEYS.map((key) => ({
      name: configName(key),
      value: OPTIONS[key].secret ? hidden(settings[key]) : settings[key],
      origin: originOf(key, origins),
      words: origins.has(key) ? undefined : OPTIONS[key].defaultText,
    }));
    if (settings.schema) {
      output.out(`${JSON.stringify(configSchema(), undefined, 2)}\n`);
    } else if (settings.json) {
      output.out(`${JSON.stringify(toObject(rows))}\n`);
    } else output.out(formatTable(COLUMNS, rows));
    return Promise.resolve(0);
  },
};

function hidden(value: unknown): string {
  return value === "" ? "" : "(set, not shown)";
}

/** The secret key may be in the file that another option names. */
function originOf(
  key: OptionKey,
  origins: ReadonlyMap<OptionKey, string>,
): string {
  const file = key === "secretKey" ? origins.get("secretKeyFile") : undefined;
  return origins.get(key) ?? file ?? "default";
}

function toObject(rows: readonly Setting[]): Record<string, unknown> {
  return Object.fromEntries(
    rows.map(({ name, value, origin }) => [name, { value, from: origin }]),
  );
}
