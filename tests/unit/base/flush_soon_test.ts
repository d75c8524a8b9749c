import { assertEquals } from "@std/assert";
import { flushSoon } from "../../../lib/base/flush_soon.ts";

/** Something to flush that writes its name down when it is. */
function target(name: string, log: string[], then?: () => void) {
  return {
    flush() {
      log.push(name);
      then?.();
    },
  };
}

Deno.test("flushSoon() flushes when the code that runs has ended, in order", async () => {
  const log: string[] = [];

  flushSoon(target("a", log));
  flushSoon(target("b", log));
  log.push("still running");
  await Promise.resolve();

  assertEquals(log, ["still running", "a", "b"]);
});

Deno.test("flushSoon() flushes again after a flush", async () => {
  const log: string[] = [];
  const a = target("a", log);

  flushSoon(a);
  await Promise.resolve();
  flushSoon(a);
  await Promise.resolve();

  assertEquals(log, ["a", "a"]);
});

Deno.test("flushSoon() called by a flush flushes in the next round", async () => {
  const log: string[] = [];
  const late = target("late", log);

  flushSoon(target("a", log, () => flushSoon(late)));
  flushSoon(target("b", log));
  await Promise.resolve();
  await Promise.resolve();

  assertEquals(log, ["a", "b", "late"]);
});
