import { assertEquals } from "@std/assert";
import { soak } from "../soak/soak.ts";

/** The short form: what each visitor leaves behind adds up to more than noise. */
const ROUNDS = 12;
const VISITS = 300;

/** Bytes of live objects: rounds that are all alike grow by half of that at most. */
const NOISE = 400_000;

Deno.test("a cluster that clients come to and leave keeps its size and forgets them all", async () => {
  const { findings, tally } = await soak({
    rounds: ROUNDS,
    round: { visits: VISITS },
    clients: 30,
    liveNoise: NOISE,
    log: () => {},
  });

  assertEquals(findings, []);
  assertEquals(tally.visits, ROUNDS * VISITS);
});
