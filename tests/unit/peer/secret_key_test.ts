import { assert, assertFalse } from "@std/assert";
import { isSameSecretKey } from "../../../lib/peer/secret_key.ts";

Deno.test("isSameSecretKey() holds for equal keys only", () => {
  assert(isSameSecretKey("", ""));
  assert(isSameSecretKey("schl\u00fcssel", "schl\u00fcssel"));

  for (
    const [given, ours] of [
      ["", "k"],
      ["k", ""],
      ["K", "k"],
      ["kk", "k"],
      ["k", "kk"],
      ["\0", ""],
      ["abc", "abd"],
    ] as const
  ) {
    assertFalse(isSameSecretKey(given, ours), `"${given}" and "${ours}"`);
  }
});
