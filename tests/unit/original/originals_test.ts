import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Originals,
  parseRange,
  resolveOriginalOptions,
} from "../../../lib/original/originals.ts";

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

Deno.test("Originals has gateways that are named, and no others", () => {
  const originals = new Originals(
    resolveOriginalOptions({ phpGateways: ["10.0.0.5:2900-2901"] }),
  );
  assert(originals.at("10.0.0.5:2901"));
  assertEquals(originals.at("10.0.0.5:2902"), undefined);
  originals.list(new Set(["10.0.0.6:2900"]));
  assertEquals(originals.at("10.0.0.6:2900"), undefined);
});

Deno.test("Originals believes a Register only if it was told to", () => {
  const originals = new Originals(resolveOriginalOptions({ phpPeers: true }));
  originals.list(new Set(["10.0.0.6:2900"]));
  assert(originals.at("10.0.0.6:2900"));
  originals.list(new Set());
  assertEquals(originals.at("10.0.0.6:2900"), undefined);
});
