import { assert, assertEquals } from "@std/assert";
import { Parting } from "../../../../lib/transport/socket/parting.ts";

/** How many periods a parting goes on, if this is what each of them finds. */
function periods(
  look: (period: number) => { queued: number; activity: number },
): number {
  const parting = new Parting(1_000, 0);
  for (let period = 1; period <= 1_000; period++) {
    const { queued, activity } = look(period);
    if (!parting.goesOn(queued, activity)) return period;
  }
  return Infinity;
}

Deno.test("Parting waits one period for a client that has all and says nothing", () => {
  assertEquals(periods(() => ({ queued: 0, activity: 0 })), 1);
});

Deno.test("Parting waits a period after the last byte from a client, and six in all", () => {
  const speaksFor = (last: number) =>
    periods((period) => ({ queued: 0, activity: Math.min(period, last) }));

  assertEquals(speaksFor(3), 4);
  assertEquals(speaksFor(1_000), 6);
});

Deno.test("Parting waits six periods for a client that takes nothing of what waits for it", () => {
  assertEquals(periods(() => ({ queued: 10, activity: 0 })), 6);
});

Deno.test("Parting waits six periods after the last byte that a client took, and 24 in all", () => {
  const takesFor = (last: number) =>
    periods((period) => ({
      queued: 10_000 - Math.min(period, last),
      activity: 0,
    }));

  assertEquals(takesFor(1), 6);
  assertEquals(takesFor(4), 10);
  assertEquals(takesFor(1_000), 24);
});

Deno.test("Parting begins a period when everything has left", () => {
  const parting = new Parting(1_000, 0);
  for (let each = 0; each < 5; each++) parting.goesOn(10, 0);

  parting.drained();

  for (let each = 0; each < 5; each++) assertEquals(parting.goesOn(0, 0), true);
  assertEquals(parting.goesOn(0, 0), false);
});

Deno.test("Parting.ignore() takes 32 MiB and not a byte more", () => {
  const parting = new Parting(1_000, 0);

  assertEquals(parting.ignore(32 * 1_048_576), true);
  assertEquals(parting.ignore(1), false);
});

Deno.test("Parting rests behind each 64 KiB of a flood, but not before 256 KiB", async () => {
  const parting = new Parting(1_000, 0);
  const takes = (count: number) => {
    parting.ignore(count);
    parting.rest(() => {});
    return parting.isResting;
  };
  assert(!takes(200_000));
  parting.ignore(100_000);
  await new Promise<void>((resolve) => parting.rest(resolve));
  assert(!parting.isResting);
  assert(!takes(65_535));
  assert(takes(1));
  parting.end();
});
