import { assert, assertEquals, assertFalse } from "@std/assert";
import { Pace } from "../../../lib/base/pace.ts";

/** A pace of 100 ms whose clock is set by hand. */
function newPace(): { pace: Pace; clock: { time: number } } {
  const clock = { time: 5_000 };
  return { pace: new Pace(100, () => clock.time), clock };
}

Deno.test("Pace.time is that of the clock while ticks come in time", () => {
  const { pace, clock } = newPace();

  clock.time += 100;
  assert(pace.tick());
  clock.time += 70;

  assertEquals(pace.time, 5_170);
});

Deno.test("Pace.tick() judges, and counts in full, if it is a second late or less", () => {
  const { pace, clock } = newPace();

  clock.time += 1_100;

  assert(pace.tick());
  assertEquals(pace.time, 6_100);
});

Deno.test("Pace.tick() judges nobody after the process stood still, and counts only the tick", () => {
  const { pace, clock } = newPace();

  clock.time += 20_000;

  assert(pace.isCatchingUp);
  assertFalse(pace.tick());
  assertEquals(pace.time, 5_100);
  assert(pace.isCatchingUp);
  clock.time += 100;
  assert(pace.tick());
  assertFalse(pace.isCatchingUp);
  assertEquals(pace.time, 5_200);
});

Deno.test("Pace.resume() counts in full the time in which the timer did not tick", () => {
  const { pace, clock } = newPace();

  clock.time += 20_000;
  pace.resume();

  assertEquals(pace.time, 25_000);
  clock.time += 100;
  assert(pace.tick());
});

Deno.test("Pace.time never goes back, also if it is read before the tick that is late", () => {
  const { pace, clock } = newPace();
  clock.time += 100;
  pace.tick();

  clock.time += 20_000;

  const before = pace.time;
  pace.tick();
  assert(before <= pace.time, `${before} is after ${pace.time}`);
});

Deno.test("Pace.tick() counts every other tick in full where all are late", () => {
  const { pace, clock } = newPace();

  const judged = Array.from({ length: 4 }, () => {
    clock.time += 2_000;
    return pace.tick();
  });

  assertEquals(judged, [false, true, false, true]);
  assertEquals(pace.time, 5_000 + 2 * 100 + 2 * 2_000);
});
