import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { hashOf, TokenMint } from "../../../../lib/transport/lasting/token.ts";

Deno.test("TokenMint tells its own tokens from an earlier instance's and from others'", () => {
  let keys = ["old"];
  const mint = new TokenMint({ gatewayId: "7f0000010b54", keys: () => keys });
  const earlier = new TokenMint({
    gatewayId: "7f0000010b54",
    keys: () => keys,
  });
  const other = new TokenMint({ gatewayId: "7f0000010b55", keys: () => keys });
  const alien = new TokenMint({
    gatewayId: "7f0000010b54",
    keys: () => ["another cluster's"],
  });
  const tokens = [mint, earlier, other, alien].map((each) => each.make());
  const origins = () => tokens.map((token) => mint.originOf(token));

  assertEquals(origins(), ["here", "earlier", "elsewhere", "elsewhere"]);
  // The key is changed between two welcomes.
  keys = ["new", "old"];
  assertEquals(origins(), ["here", "earlier", "elsewhere", "elsewhere"]);
  assertEquals(mint.originOf("x".repeat(100)), "elsewhere");
});

Deno.test("a token tells nothing of where it was made, and none is made twice", () => {
  const options = { gatewayId: "7f0000010b54", keys: () => ["key"] };
  const mint = new TokenMint(options);
  const [one, two] = [mint.make(), mint.make()];

  assertMatch(one, /^[A-Za-z0-9_-]{54}$/);
  assertNotEquals(one, two);
  assertNotEquals(hashOf(one), hashOf(two));
  assertEquals(hashOf(one).length, 32);
});
