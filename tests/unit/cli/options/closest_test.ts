import { assertEquals } from "@std/assert";
import { closest } from "../../../../lib/cli/options/closest.ts";

Deno.test("closest() finds the word within two slips, the nearest first", () => {
  const words = ["--listen", "--lan-listen", "--lan-ip"];

  assertEquals(closest("--listne", words), "--listen");
  assertEquals(closest("--lanip", words), "--lan-ip");
  assertEquals(closest("--LISTEN", words), "--listen");
  assertEquals(closest("--gateways", words), undefined);
  assertEquals(closest("x", []), undefined);
});
