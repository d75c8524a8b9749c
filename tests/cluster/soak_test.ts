import { assertEquals, assertGreater } from "@std/assert";
import { soak } from "../soak/soak.ts";

/** Milliseconds of the short form. */
const DURATION = 60_000;
const ROUND = 5_000;

Deno.test("a cluster that clients come to and leave keeps its size and forgets them all", async () => {
  const { findings, tally } = await soak({
    duration: DURATION,
    round: ROUND,
    clients: 30,
    log: () => {},
  });

  assertEquals(findings, []);
  assertGreater(tally.visits, 1_200);
});
