import { assert, assertEquals } from "@std/assert";
import { Throttle } from "../../../../lib/transport/admission/throttle.ts";
import { TokenBucket } from "../../../../lib/transport/admission/token_bucket.ts";
import { Parting } from "../../../../lib/transport/socket/parting.ts";

function newParting(discards = new TokenBucket(Infinity, 0)): Parting {
  return new Parting(1_000, 0, { throttle: new Throttle(), discards });
}

/** How many periods a parting goes on, if this is what each of them finds. */
function periods(
  look: (period: number) => { queued: number; activity: number },
): number {
  const parting = newParting();
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
  const parting = newParting();
  for (let each = 0; each < 5; each++) parting.goesOn(10, 0);

  parting.drained();

  for (let each = 0; each < 5; each++) assertEquals(parting.goesOn(0, 0), true);
  assertEquals(parting.goesOn(0, 0), false);
});

Deno.test("Parting.ignore() takes 32 MiB and not a byte more", () => {
  const parting = newParting();

  assertEquals(parting.ignore(32 * 1_048_576), true);
  assertEquals(parting.ignore(1), false);
});

/** Throws bytes away; returns whether there is a rest behind them. */
function isTired(parting: Parting, count: number): boolean {
  parting.ignore(count);
  parting.rest(() => {});
  return parting.isResting;
}

Deno.test("Parting rests behind each 128 KiB of a flood, but not before 256 KiB", async () => {
  const parting = newParting();
  assert(!isTired(parting, 200_000));
  parting.ignore(100_000);
  await new Promise<void>((resolve) => parting.rest(resolve));
  assert(!parting.isResting);
  assert(!isTired(parting, 131_071));
  assert(isTired(parting, 1));
  parting.end();
});

Deno.test("Parting rests for as long as others have used up what may be thrown away", () => {
  const discards = new TokenBucket(200_000, 0);
  const [one, other] = [newParting(discards), newParting(discards)];
  assert(isTired(one, 300_000) && isTired(other, 300_000));

  assert(one.tryAgain(0) && other.tryAgain(0));
  assert(isTired(one, 131_072) && isTired(other, 131_072));
  assert(!one.tryAgain(0) && !other.tryAgain(0));
  assert(one.tryAgain(1_000) && !one.isResting);

  one.end();
  other.end();
});
