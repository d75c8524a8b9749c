/**
 * Gateways and workers of presence against what is true, with seeds: clients come and go,
 * workers and gateways die, frames come when they like.
 *
 * @module
 */
import { turn, World } from "./_world.ts";

/** As many as take a second or two. */
const SEEDS = 100;

Deno.test("gateways and workers agree with what is true, and handlers are told once or it is marked", async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    using world = new World(seed);
    await world.settle();
    for (let round = 0; round < 6; round++) {
      for (let step = 0; step < 60; step++) {
        world.step();
        if (step % 3 === 0) await turn();
      }
      await world.settle();
      try {
        world.check();
      } catch (error) {
        throw new Error(`seed ${seed}, round ${round}`, { cause: error });
      }
    }
  }
});
