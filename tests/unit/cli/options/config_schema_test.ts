import { assert, assertEquals } from "@std/assert";
import { configSchema } from "../../../../lib/cli/options/config_schema.ts";
import {
  configName,
  OPTIONS,
} from "../../../../lib/cli/options/option_table.ts";
import { CONFIG_KEYS } from "../../../../lib/cli/options/settings.ts";

const FILE = new URL("../../../../config-schema.json", import.meta.url);

Deno.test("config-schema.json is what config --schema prints", async () => {
  const text = await Deno.readTextFile(FILE);

  assertEquals(JSON.parse(text), JSON.parse(JSON.stringify(configSchema())));
});

Deno.test("configSchema() has every option of a file and nothing that only a flag can say", () => {
  const { properties } = configSchema();
  assert(typeof properties === "object" && properties !== null);

  const names = CONFIG_KEYS.filter((key) => key !== "config").map(configName);

  assertEquals(
    Object.keys(properties).toSorted(),
    [...new Set(["$schema", ...names])].toSorted(),
  );
  assertEquals(Object.hasOwn(properties, "json"), false);
});

Deno.test("every kind of option describes values that it accepts", () => {
  for (const { kind, default: usual } of Object.values(OPTIONS)) {
    const { type, pattern } = kind.schema;
    if (type === undefined || usual === "") continue;
    const is = { integer: "number" }[String(type)] ?? type;
    assertEquals(typeof usual, is);
    if (typeof pattern === "string") {
      assert(new RegExp(pattern).test(String(usual)));
    }
  }
});
