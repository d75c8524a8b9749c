import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { configCommand } from "../../../../lib/cli/commands/config_command.ts";
import {
  type OptionKey,
  OPTIONS,
  type Settings,
} from "../../../../lib/cli/options/option_table.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(OPTIONS).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings;

async function print(
  changes: Partial<Settings>,
  origins: [OptionKey, string][] = [],
): Promise<string> {
  let text = "";
  await configCommand.run({
    settings: { ...DEFAULTS, ...changes },
    origins: new Map(origins),
    operands: [],
    output: { out: (part) => text += part, error: () => {} },
  });
  return text;
}

Deno.test("config shows each value and where it comes from", async () => {
  const text = await print({ window: 5, lanIp: "10.0.0.5" }, [
    ["window", "GATEWAYWORKER_WINDOW"],
    ["lanIp", '"lanIp" in cluster.json'],
  ]);

  assertMatch(text, /^window +5 +GATEWAYWORKER_WINDOW$/m);
  assertMatch(text, /^lanIp +10\.0\.0\.5 +"lanIp" in cluster\.json$/m);
  assertMatch(text, /^parkTimeout +30 +default$/m);
  assertMatch(text, /^workers +cores - 1, at least 1 +default$/m);
});

Deno.test("config shows no secret", async () => {
  const secrets = { secretKey: "hush", apiToken: "hush" };
  const origins: [OptionKey, string][] = [[
    "secretKeyFile",
    "--secret-key-file",
  ]];

  const text = await print(secrets, origins);
  const json = await print({ ...secrets, json: true }, origins);

  assertFalse(`${text}${json}`.includes("hush"));
  assertEquals(JSON.parse(json).secretKey, {
    value: "(set, not shown)",
    from: "--secret-key-file",
  });
});

Deno.test("config --schema prints the schema", async () => {
  const schema = JSON.parse(await print({ schema: true }));

  assert(Object.hasOwn(schema.properties, "lanIp"));
});
