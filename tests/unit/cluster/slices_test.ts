import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Slices } from "../../../lib/cluster/slices.ts";

/** Work of so many steps; `onStep` is called with each. */
function* work(count: number, onStep = () => {}): Generator<void, void> {
  for (let step = 0; step < count; step++) yield onStep();
}

Deno.test("Slices does short work at once", () => {
  let steps = 0;

  assertEquals(new Slices().run(work(10, () => steps++)), undefined);

  assertEquals(steps, 10);
});

Deno.test("Slices does long work in slices, and lets others run in between", async () => {
  const slices = new Slices();
  let stepsAtOnce = 0;
  let most = 0;
  let isDone = false;
  const busy = () => {
    most = Math.max(most, ++stepsAtOnce);
    for (const end = performance.now() + 1; performance.now() < end;);
  };

  const done = slices.run(work(60, busy))?.then(() => isDone = true);
  stepsAtOnce = most = 0;
  while (!isDone) {
    stepsAtOnce = 0;
    await new Promise((resolve) => setTimeout(resolve));
  }
  await done;

  // The clock is looked at every eight steps.
  assert(most <= 8, `${most} steps were made without a pause`);
});

Deno.test("Slices does one work after another, in order", async () => {
  const slices = new Slices();
  const seen: string[] = [];

  await Promise.all([
    slices.run(work(100, () => seen.push("a"))),
    slices.run(work(1, () => seen.push("b"))),
  ]);

  assertEquals(seen.at(-1), "b");
  assertEquals(seen.length, 101);
});

Deno.test("Slices throws what the first steps throw, and rejects with what later ones do", async () => {
  const slices = new Slices();
  const failing = (at: number) => {
    let steps = 0;
    return work(100, () => {
      if (steps++ === at) throw new RangeError(`step ${at}`);
    });
  };

  assertThrows(() => slices.run(failing(0)), RangeError, "step 0");
  const later = slices.run(failing(50)) ?? Promise.resolve();
  await assertRejects(() => later, RangeError, "step 50");
  assertEquals(slices.run(work(1)), undefined);
});
