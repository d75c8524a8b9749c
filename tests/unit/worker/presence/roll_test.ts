import { assertEquals } from "@std/assert";
import {
  Phase,
  type PresenceBlock,
} from "../../../../lib/wire/bodies/presence_rows.ts";
import { Roll } from "../../../../lib/worker/presence/roll.ts";

const GATEWAY = {};

/** What a gateway says: ann has so many clients there. */
function ann(tabs: number): PresenceBlock {
  const row = {
    uid: "ann",
    tabs,
    attached: tabs,
    phase: Phase.Untold,
    turn: 0,
  };
  const rows = [{ ...row, state: undefined, edition: 0, hasLeft: false }];
  return { name: "groom", kind: 0, epoch: 0, count: 0, guests: 0, rows };
}

/** A roll of which a handler was told that ann is there, and she has gone at the time 1,000. */
function rollWithoutAnn(): Roll {
  const roll = new Roll("groom", 2_000);
  roll.activate(0, false);
  roll.take(GATEWAY, ann(1), 0);
  for (const task of roll.takeTasks()) roll.finish(task, 0);
  roll.take(GATEWAY, ann(0), 1_000);
  return roll;
}

Deno.test("who has gone leaves when it was waited for long enough", () => {
  const roll = rollWithoutAnn();
  for (let time = 1_000; time <= 2_900; time += 100) {
    assertEquals(roll.tick(time), false);
  }
  roll.tick(3_000);
  roll.tick(3_100);

  assertEquals(roll.takeTasks().map(({ type }) => type), ["leave"]);
});

Deno.test("who is back has not left, though the worker reads it late", () => {
  const roll = rollWithoutAnn();
  roll.tick(1_100);

  // The worker stood still: that she is back waits to be read.
  roll.tick(5_000);
  roll.take(GATEWAY, ann(1), 5_001);
  roll.tick(5_100);

  assertEquals(roll.takeTasks(), []);
});
