import { assertEquals } from "@std/assert";
import { COMMANDS } from "../../../../lib/cli/commands/commands.ts";
import { childSpec } from "../../../../lib/cli/commands/child_command.ts";
import { gatewayCommand } from "../../../../lib/cli/commands/gateway_command.ts";
import { readChildLine } from "../../../../lib/cli/options/child_line.ts";
import { readCommandLine } from "../../../../lib/cli/options/command_line.ts";
import {
  OPTION_KEYS,
  OPTIONS,
} from "../../../../lib/cli/options/option_table.ts";
import { resolveSettings } from "../../../../lib/cli/options/settings.ts";

/** Settings as they are without any option, but for a few. */
function settings() {
  const { settings } = resolveSettings(gatewayCommand.options, {
    flag: (name) =>
      name === "listen"
        ? ["ws://127.0.0.1:1", "text://127.0.0.1:2"]
        : name === "name"
        ? ["a=b c"]
        : undefined,
    env: () => undefined,
    envNames: () => [],
    readText: () => "",
    isMissing: () => false,
  });
  return settings;
}

Deno.test("readChildLine() reads what childSpec() wrote, as the parser for people does", async () => {
  const { command: [, ...args] } = childSpec({
    name: "gateway 0",
    command: gatewayCommand,
    operands: ["--odd", "operand"],
    settings: settings(),
    entry: "cli.ts",
    permissions: [],
    files: [],
  });
  const line = args.slice(args.indexOf("cli.ts") + 1);

  const read = readChildLine(line, COMMANDS);
  const expected = await readCommandLine(line, {
    version: "",
    commands: COMMANDS,
  });

  if (read === undefined || "code" in expected) throw new TypeError("not read");
  assertEquals(read.command, expected.command);
  assertEquals(read.operands, expected.operands);
  for (const key of OPTION_KEYS) {
    const { name } = OPTIONS[key];
    assertEquals([name, read.flag(name)], [name, expected.flag(name)]);
  }
});

Deno.test("readChildLine() leaves to the parser what a person typed", () => {
  for (
    const line of [
      [],
      ["gateway"],
      ["gateway", "--supervised"],
      ["gateway", "--count", "2", "--"],
      ["gateway", "--supervised", "--count", "2", "--"],
      ["dance", "--supervised", "--"],
      ["send", "--", "--supervised"],
    ]
  ) {
    assertEquals(readChildLine(line, COMMANDS), undefined);
  }
});
