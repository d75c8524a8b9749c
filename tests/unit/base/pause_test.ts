import { assertEquals } from "@std/assert";
import { endsWithin, pause } from "../../../lib/base/pause.ts";

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
