import { assertEquals, assertThrows } from "@std/assert";
import { parseRange } from "../../../lib/original/range.ts";

Deno.test("parseRange() reads an address with all ports, one, or some", () => {
  const hostname = "10.0.0.5";
  assertEquals(parseRange("10.0.0.5"), { hostname, first: 1, last: 65_535 });
  assertEquals(parseRange("10.0.0.5:2900"), {
    hostname,
    first: 2900,
    last: 2900,
  });
  assertEquals(parseRange("10.0.0.5:2900-2903"), {
    hostname,
    first: 2900,
    last: 2903,
  });
});

for (
  const name of [
    "",
    "host",
    "host:1",
    "10.0.0.5:0",
    "10.0.0.5:5-4",
    "10.0.0.5:70000",
    "[::1]:1",
  ]
) {
  Deno.test(`parseRange() refuses "${name}"`, () => {
    assertThrows(() => parseRange(name), TypeError, "by this name");
  });
}
