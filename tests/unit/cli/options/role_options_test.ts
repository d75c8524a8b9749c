/** Every option of a role is a flag, and both have the same default. @module */

import { assertEquals } from "@std/assert";
import { resolveGatewayOptions } from "../../../../lib/gateway/options.ts";
import { resolveRegisterOptions } from "../../../../lib/register/options.ts";
import { resolveWorkerOptions } from "../../../../lib/worker/options.ts";
import {
  gatewayOptions,
  registerOptions,
  stopTimeoutOf,
  workerOptions,
} from "../../../../lib/cli/options/role_options.ts";
import {
  OPTIONS,
  type Settings,
} from "../../../../lib/cli/options/option_table.ts";

const DEFAULTS = Object.fromEntries(
  Object.entries(OPTIONS).map(([key, { default: value }]) => [key, value]),
) as unknown as Settings;

const handler = () => {};

/** What the command line has no word for: it is made, or travels another way. */
const UNNAMED = ["signal", "handler", "authorize"];

Deno.test("gatewayOptions() of the defaults resolve to the defaults of a gateway", () => {
  const { secretKey: _, ...options } = gatewayOptions(DEFAULTS);

  assertEquals(resolveGatewayOptions(options), resolveGatewayOptions({}));
});

Deno.test("registerOptions() of the defaults resolve to the defaults of a Register", () => {
  const { secretKey: _, ...options } = registerOptions(DEFAULTS);

  assertEquals(resolveRegisterOptions(options), resolveRegisterOptions({}));
});

Deno.test("workerOptions() of the defaults resolve to the defaults of a worker", () => {
  const { secretKey: _, ...options } = workerOptions(DEFAULTS);

  assertEquals(
    resolveWorkerOptions({ ...options, handler }),
    resolveWorkerOptions({ handler }),
  );
});

for (
  const [role, resolved, given] of [
    ["gateway", resolveGatewayOptions({}), gatewayOptions],
    ["Register", resolveRegisterOptions({}), registerOptions],
    ["worker", resolveWorkerOptions({ handler }), workerOptions],
  ] as const
) {
  Deno.test(`every option of a ${role} has a flag`, () => {
    // With every text given, so that none is left out for being empty.
    const settings = Object.fromEntries(
      Object.entries(DEFAULTS).map(([key, value]) => [key, value || "x"]),
    ) as unknown as Settings;

    const known = Object.keys(given(settings));
    const missing = Object.keys(resolved).filter((key) =>
      !known.includes(key) && !UNNAMED.includes(key)
    );

    assertEquals(missing, []);
  });
}

Deno.test("stopTimeoutOf() leaves the roles the time that they are given", () => {
  const settings = { ...DEFAULTS, drainTimeout: 100, closeTimeout: 20 };

  assertEquals(stopTimeoutOf(settings), 125_000);
  assertEquals(stopTimeoutOf({ ...settings, stopTimeout: 7 }), 7_000);
});

Deno.test("no two options of a command have the same name", async () => {
  const { COMMANDS } = await import("../../../../lib/cli/commands/commands.ts");

  for (const { name, options } of COMMANDS) {
    const names = options.map((key) => OPTIONS[key].name);
    assertEquals([name, new Set(names).size], [name, names.length]);
    // A project is made of nothing that could be told.
    assertEquals([name, names.length === 0], [name, name === "init"]);
  }
});

Deno.test("gatewayOptions() compresses as the flags say, and not without the first", () => {
  const flags = {
    compressionThreshold: 5,
    compressionLevel: 1,
    compressionContextTakeover: true,
    compressionWindowBits: 9,
  };

  const without = gatewayOptions({ ...DEFAULTS, ...flags });
  const options = gatewayOptions({ ...DEFAULTS, ...flags, compression: true });

  assertEquals(without.compression, undefined);
  assertEquals(options.compression, {
    threshold: 5,
    level: 1,
    contextTakeover: true,
    windowBits: 9,
  });
});
