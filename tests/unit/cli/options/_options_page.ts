/**
 * Makes the page of all options in the documentation. Run it to print the page.
 *
 * @module
 */
import { COMMANDS } from "../../../../lib/cli/commands/commands.ts";
import {
  COMMON_OPTIONS,
  envName,
  OPTION_GROUPS,
  type OptionKey,
  OPTIONS,
} from "../../../../lib/cli/options/option_table.ts";

const HEAD = `# Options

Made of the table that the command line reads, by \`deno task schema\`. Every
option but those of one call may also come from the environment (\`${
  envName("lanIp")
}\` for \`--lan-ip\`) or from the \`--config\` file (\`"lanIp"\`). A flag wins over the
environment, the environment over the file. What does not fit is refused before
anything starts.
`;

const COLUMNS = ["Option", "It is", "Default", "Meaning", "Commands"];

/** The page, in Markdown that is not formatted yet. */
export function optionsPage(): string {
  return [
    HEAD,
    ...OPTION_GROUPS.map(({ title, keys }) =>
      [
        `## ${title}\n`,
        toRow(COLUMNS),
        toRow(COLUMNS.map(() => "---")),
        ...keys.filter((key) => !OPTIONS[key].internal).map(rowOf),
        "",
      ].join("\n")
    ),
  ].join("\n");
}

function rowOf(key: OptionKey): string {
  const { name, kind, default: usual, defaultText, help } = OPTIONS[key];
  const flag = `\`--${name}${
    kind.placeholder === "" ? "" : ` ${kind.placeholder}`
  }\``;
  const rule = kind.placeholder === "" ? "a flag" : kind.rule;
  const usually = kind.placeholder === ""
    ? defaultText ?? "off"
    : defaultText ??
      `\`${String(usual)}\``;
  return toRow([flag, rule, usually, help, commandsOf(key)]);
}

function commandsOf(key: OptionKey): string {
  if (COMMON_OPTIONS.includes(key)) return "all";
  return COMMANDS.filter(({ name, options }) =>
    name !== "config" && options.includes(key)
  ).map(({ name }) => name).join(", ") || "config";
}

function toRow(cells: readonly string[]): string {
  const escaped = cells.map((cell) =>
    cell.startsWith("`") ? cell : cell.replace(/[|*<_]/g, "\\$&")
  );
  return `| ${escaped.join(" | ")} |`;
}

if (import.meta.main) {
  // deno-lint-ignore no-console
  console.log(optionsPage());
}
