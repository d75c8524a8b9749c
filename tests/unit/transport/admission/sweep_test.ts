import { assertEquals } from "@std/assert";
import { Sweep } from "../../../../lib/transport/admission/sweep.ts";
import { FakeClock } from "../../../_support/fake_clock.ts";

/** Counts how often it was late. */
class Late {
  deadline = Infinity;
  times = 0;
  onDeadline(): void {
    this.times++;
  }
}

Deno.test("Sweep.look() tells a target at its deadline, not before, and once", () => {
  let now = 0;
  using sweep = new Sweep({ now: () => now });
  const target = new Late();
  sweep.watch(target, 100);

  now = 99;
  sweep.look();
  assertEquals(target.times, 0);

  now = 100;
  sweep.look();
  sweep.look();
  assertEquals(target.times, 1);
  assertEquals(sweep.size, 0);
});

Deno.test("Sweep.watch() replaces the deadline that a target had", () => {
  let now = 0;
  using sweep = new Sweep({ now: () => now });
  const target = new Late();
  sweep.watch(target, 100);
  sweep.watch(target, 200);

  now = 150;
  sweep.look();

  assertEquals(target.times, 0);
});

Deno.test("Sweep.unwatch() forgets a target", () => {
  let now = 0;
  using sweep = new Sweep({ now: () => now });
  const target = new Late();
  sweep.watch(target, 100);
  sweep.unwatch(target);

  now = 1_000;
  sweep.look();

  assertEquals(target.times, 0);
});

Deno.test("Sweep looks by itself", async () => {
  using sweep = new Sweep({ period: 5 });
  const { promise, resolve } = Promise.withResolvers<void>();

  sweep.watch({ deadline: 0, onDeadline: resolve }, 1);

  await promise;
});

Deno.test("Sweep tells nobody who had time left that it is late just after the process stood still", async () => {
  using clock = new FakeClock();
  using sweep = new Sweep({ period: 5 });
  const { promise, resolve } = Promise.withResolvers<void>();
  const patient = new Late();
  sweep.watch(patient, 10_000);
  sweep.watch({ deadline: 0, onDeadline: resolve }, 20);

  clock.standStill(20_000);
  await promise;

  assertEquals(patient.times, 0);
});
