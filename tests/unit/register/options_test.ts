import { assertEquals, assertThrows } from "@std/assert";
import { resolveRegisterOptions } from "../../../lib/register/options.ts";

Deno.test("resolveRegisterOptions() fills in the documented defaults", () => {
  assertEquals(resolveRegisterOptions({}), {
    listen: { hostname: "127.0.0.1", port: 1236 },
    acceptPlainKey: false,
    phpPeers: false,
    phpSecretKey: "",
    maxConnections: 10_000,
    identifyTimeout: 10_000,
    staleTimeout: 90_000,
    signal: undefined,
  });
});

Deno.test("resolveRegisterOptions() names the option that is out of range", () => {
  assertThrows(
    () => resolveRegisterOptions({ maxConnections: 0 }),
    RangeError,
    "maxConnections must be >= 1: current value is 0",
  );
  assertThrows(
    () => resolveRegisterOptions({ identifyTimeout: NaN }),
    RangeError,
    "identifyTimeout",
  );
  assertThrows(
    () => resolveRegisterOptions({ staleTimeout: -1 }),
    RangeError,
    "staleTimeout",
  );
});

Deno.test("resolveRegisterOptions() refuses an address it cannot read", () => {
  assertThrows(
    () => resolveRegisterOptions({ listen: "1236" }),
    TypeError,
    '"1236"',
  );
});
