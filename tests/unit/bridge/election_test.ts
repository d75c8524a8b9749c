import { assert, assertEquals, assertGreater } from "@std/assert";
import { Cells } from "../../../lib/bridge/cells/cells.ts";
import { Election } from "../../../lib/bridge/cells/election.ts";
import type { Heartbeat } from "../../../lib/bridge/cells/heartbeat.ts";
import { FakeClock } from "../../_support/fake_clock.ts";

/** A standby of cell eu, the active bridge beside it, and what of both comes back. */
class Stage {
  readonly cells = new Cells("eu", "standby", 1);
  readonly election = new Election(this.cells);
  #number = 0;
  #time = 0;

  constructor(readonly clock: FakeClock) {}

  /** Lets time pass, in which each says a heartbeat a second if it is heard. */
  pass(
    milliseconds: number,
    heard: { readonly standby: boolean; readonly active: boolean },
  ): string[] {
    const decisions: string[] = [];
    for (let passed = 0; passed < milliseconds; passed += 100) {
      this.clock.standStill(100);
      const time = this.#time += 100;
      // The active one speaks 900 ms before the standby does.
      if (heard.active && time % 1_000 === 100) this.#hear("active", 5);
      if (heard.standby && time % 1_000 === 0) this.#hear("standby", 0);
      decisions.push(this.election.decide(0, 0));
    }
    return decisions;
  }

  #hear(instance: string, epoch: number): void {
    const heartbeat: Heartbeat = {
      instance,
      cell: "eu",
      number: ++this.#number,
      time: 0,
      epochs: [epoch],
      generations: [0],
      isLeaving: false,
      version: "0.0.0",
    };
    this.cells.hear(heartbeat, 0);
  }
}

const BOTH = { standby: true, active: true };
const NOBODY = { standby: false, active: false };

Deno.test("Election takes over from a bridge that falls silent while it hears itself", () => {
  using clock = new FakeClock();
  const stage = new Stage(clock);

  assertEquals(stage.pass(5_000, BOTH).includes("take"), false);
  const decisions = stage.pass(5_000, { standby: true, active: false });

  assertEquals(decisions.slice(0, 20).includes("take"), false);
  assertEquals(decisions.includes("take"), true);
});

Deno.test("Election takes over from nobody where everybody falls silent, however long, and all come back", () => {
  for (const silence of [1_000, 2_000, 3_000, 4_000, 8_000, 30_000]) {
    using clock = new FakeClock();
    const stage = new Stage(clock);
    stage.pass(5_000, BOTH);

    const decisions = [
      ...stage.pass(silence, NOBODY),
      // The active one needs two seconds more to come back.
      ...stage.pass(2_000, { standby: true, active: false }),
      ...stage.pass(10_000, BOTH),
    ];

    assertEquals(decisions.includes("take"), false, `${silence} ms`);
  }
});

Deno.test("Election lets none of two bridges go on that took a shard in the same millisecond", () => {
  using clock = new FakeClock();
  const stage = new Stage(clock);
  stage.pass(1_000, BOTH);

  assertEquals([4, 5, 6].map((epoch) => stage.election.decide(0, epoch)), [
    "leave",
    "leave",
    "stay",
  ]);
});

Deno.test("Election rarely takes the epoch that another bridge takes in the same millisecond", () => {
  using clock = new FakeClock();
  const { election } = new Stage(clock);
  const began = Date.now();
  const epochs = Array.from({ length: 100 }, () => election.newEpoch(0));

  assertGreater(new Set(epochs).size, 80);
  assert(epochs.every((epoch) => epoch >= began && epoch < Date.now() + 1_000));
});
