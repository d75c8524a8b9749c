import { assertEquals, assertGreaterOrEqual } from "@std/assert";
import {
  becomesSo,
  endsWithin,
  patience,
  pause,
} from "../../../lib/base/pause.ts";
import { FakeClock } from "../../_support/fake_clock.ts";

Deno.test("pause() ends early when its signal aborts, before or after", async () => {
  const stop = new AbortController();
  const paused = pause(60_000, stop.signal);

  stop.abort();

  await paused;
  await pause(60_000, stop.signal);
});

Deno.test("endsWithin() tells whether a promise resolved in time", async () => {
  assertEquals(await endsWithin(Promise.resolve(), 60_000), true);
  assertEquals(await endsWithin(new Promise(() => {}), 1), false);
});

Deno.test("endsWithin() does not count the time that the process stood still", async () => {
  using clock = new FakeClock();
  const { promise, resolve } = Promise.withResolvers<void>();
  const inTime = endsWithin(promise, 3_000);

  clock.standStill(20_000);
  setTimeout(resolve, 1_050);

  assertEquals(await inTime, true);
});

Deno.test("patience() waits as long as it is told, and ends early when its signal aborts", async () => {
  const start = performance.now();
  await patience(30);
  assertGreaterOrEqual(performance.now() - start, 29);

  await patience(60_000, AbortSignal.abort());
});

Deno.test("becomesSo() looks until it is so, or the time is over", async () => {
  let looks = 0;

  assertEquals(await becomesSo(() => ++looks === 3, 60_000, 1), true);
  assertEquals(looks, 3);
  assertEquals(await becomesSo(() => false, 5, 1), false);
});
