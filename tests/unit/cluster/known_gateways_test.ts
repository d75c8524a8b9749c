import { assertEquals } from "@std/assert";
import { KnownGateways } from "../../../lib/cluster/known_gateways.ts";

const ADDRESS = "127.0.0.1:2900";
const REFUSED = new Deno.errors.ConnectionRefused();

function oneListed(): KnownGateways {
  const known = new KnownGateways();
  known.list(new Set([ADDRESS]));
  known.add(ADDRESS);
  return known;
}

Deno.test("KnownGateways is complete when each one listed was tried, however that went", async () => {
  const known = oneListed();
  assertEquals(known.isComplete, false);

  known.onFailed(ADDRESS, REFUSED);
  known.onTried(ADDRESS);
  known.onTried(ADDRESS);

  assertEquals(known.isComplete, true);
  await known.attempted();
});

Deno.test("KnownGateways is not complete without a list", () => {
  assertEquals(new KnownGateways().isComplete, false);
});

Deno.test("KnownGateways knows who refused the last connection, and no earlier one", () => {
  const known = oneListed();

  known.onFailed(ADDRESS, REFUSED);
  assertEquals(known.isRefusing(ADDRESS), true);
  known.onFailed(ADDRESS, new Deno.errors.TimedOut());
  assertEquals(known.isRefusing(ADDRESS), false);
  known.onFailed(ADDRESS, REFUSED);
  known.onReached(ADDRESS);

  assertEquals(known.isRefusing(ADDRESS), false);
});

Deno.test("KnownGateways takes nobody for gone who has failed just now, or was forgotten", () => {
  const known = oneListed();
  known.onFailed(ADDRESS, REFUSED);
  known.list(new Set());
  assertEquals(known.isGone(ADDRESS), false);

  known.forget(ADDRESS);

  assertEquals(known.isGone(ADDRESS), false);
  assertEquals(known.isComplete, true);
});
