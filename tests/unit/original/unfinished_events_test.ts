import { assertEquals } from "@std/assert";
import { UnfinishedEvents } from "../../../lib/original/unfinished_events.ts";

/** Whether there is room at this moment. */
async function hasRoom(events: UnfinishedEvents): Promise<boolean> {
  let has = false;
  void events.room().then(() => has = true);
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  return has;
}

Deno.test("UnfinishedEvents has room until so many bytes are told, and again when some are done", async () => {
  const events = new UnfinishedEvents(100);
  events.add(60);
  assertEquals(await hasRoom(events), true);
  events.add(60);
  assertEquals(await hasRoom(events), false);
  events.acknowledge(0, 1);
  assertEquals(await hasRoom(events), true);
});

Deno.test("UnfinishedEvents counts a deferred event until it is released", async () => {
  const events = new UnfinishedEvents(100);
  events.add(120);
  events.add(10);
  events.defer(0, 1);
  events.acknowledge(0, 2);
  assertEquals(await hasRoom(events), false);
  events.release(0, 1);
  assertEquals(await hasRoom(events), true);
});

Deno.test("UnfinishedEvents lets nobody wait after the end", async () => {
  const events = new UnfinishedEvents(1);
  events.add(5);
  const room = events.room();
  events.end();
  await room;
});
