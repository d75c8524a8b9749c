import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { flushInTurn, flushSoon } from "../../../lib/base/flush_soon.ts";

/** Something to flush that writes its name down when it is. */
function target(name: string, log: string[], then?: () => void) {
  return {
    flush() {
      log.push(name);
      then?.();
    },
  };
}

/** Lets one turn of the event loop pass. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets so many rounds of promise jobs pass. */
async function jobs(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) await Promise.resolve();
}

Deno.test("flushSoon() flushes when the code that runs has ended, in order", async () => {
  const log: string[] = [];

  flushSoon(target("a", log));
  flushSoon(target("b", log));
  log.push("still running");
  await jobs(10);

  assertEquals(log, ["still running", "a", "b"]);
});

Deno.test("flushSoon() flushes again after a flush", async () => {
  const log: string[] = [];
  const a = target("a", log);

  flushSoon(a);
  await jobs(10);
  flushSoon(a);
  await jobs(10);

  assertEquals(log, ["a", "a"]);
});

Deno.test("flushSoon() called by a flush flushes in the next round", async () => {
  const log: string[] = [];
  const late = target("late", log);

  flushSoon(target("a", log, () => flushSoon(late)));
  flushSoon(target("b", log));
  await jobs(20);

  assertEquals(log, ["a", "b", "late"]);
});

Deno.test("flushSoon() waits for functions that await what is there already", async () => {
  const log: string[] = [];
  const handle = async () => {
    await Promise.resolve();
    log.push("handled");
  };

  flushSoon(target("a", log));
  await handle();
  await jobs(10);

  assertEquals(log, ["handled", "a"]);
});

Deno.test("flushInTurn() flushes clients after links, in order", async () => {
  const log: string[] = [];

  flushInTurn(target("client 1", log));
  flushSoon(target("link", log));
  flushInTurn(target("client 2", log));
  await jobs(10);

  assertEquals(log, ["link", "client 1", "client 2"]);
});

Deno.test("flushInTurn() flushes a part of many clients in each turn, and links at once", async () => {
  const log: string[] = [];
  const names = Array.from({ length: 200 }, (_, i) => `client ${i}`);
  const rest = names.slice(100);

  for (const name of names.slice(0, 100)) flushInTurn(target(name, log));
  await jobs(10);
  const first = log.length;
  flushSoon(target("link", log));
  for (const name of rest) flushInTurn(target(name, log));
  await jobs(10);
  const second = log.slice(first);
  while (log.length < names.length + 1) await turn();

  assertEquals([first < 100, second], [true, ["link"]]);
  assertEquals(log.filter((name) => name !== "link"), names);
});
