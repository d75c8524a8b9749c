import { assert, assertEquals } from "@std/assert";
import {
  Originals,
  resolveOriginalOptions,
} from "../../../lib/original/originals.ts";

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
