import { assertEquals, assertGreater } from "@std/assert";
import {
  type Inflatable,
  InflateQueue,
} from "../../../../../lib/transport/websocket/deflate/inflate_queue.ts";

/** A queue whose clock and turns are the test's. */
function manual() {
  const clock = { now: 0 };
  let turn: (() => void) | undefined;
  const queue = new InflateQueue({
    now: () => clock.now,
    schedule: (next) => {
      turn = next;
      return () => turn = undefined;
    },
  });
  return {
    clock,
    queue,
    /** Whether there will be another turn. */
    isScheduled: () => turn !== undefined,
    takeTurn: () => {
      const due = turn;
      turn = undefined;
      due?.();
    },
  };
}

type Manual = ReturnType<typeof manual>;

/** A message of so many steps, each of which takes a while. */
function message(
  { clock }: Manual,
  name: string,
  said: string[],
  { steps = 1, time = 1, room = 10 } = {},
): Inflatable {
  let left = steps;
  return {
    room,
    begin: (target) => said.push(`${name} begins with ${target.length}`),
    step: () => {
      clock.now += time;
      said.push(`${name} steps`);
      return --left === 0;
    },
    finish: () => said.push(`${name} ends`),
  };
}

Deno.test("InflateQueue takes messages one after another, in the order they came", () => {
  const parts = manual();
  const said: string[] = [];

  parts.queue.add(message(parts, "a", said, { steps: 2 }));
  parts.queue.add(message(parts, "b", said));
  assertEquals([parts.queue.length, said.length], [2, 0]);
  for (let i = 0; i < 3; i++) parts.takeTurn();

  assertEquals(said, [
    "a begins with 10",
    "a steps",
    "a steps",
    "a ends",
    "b begins with 10",
    "b steps",
    "b ends",
  ]);
  assertEquals([parts.queue.length, parts.isScheduled()], [0, false]);
});

Deno.test("InflateQueue gives way after each turn, which lasts as long as all else did", () => {
  const parts = manual();
  const said: string[] = [];
  const steps = () => said.splice(0).filter((line) => line.endsWith("steps"));
  parts.queue.add(message(parts, "a", said, { steps: 1_000, time: 0.03 }));

  parts.takeTurn();
  const alone = steps().length;
  parts.clock.now += 0.2;
  parts.takeTurn();
  const afterMuch = steps().length;
  parts.clock.now += 50;
  parts.takeTurn();
  const afterVeryMuch = steps().length;

  assertEquals([alone, afterMuch, afterVeryMuch], [4, 7, 10]);
  assertEquals(parts.isScheduled(), true);
});

Deno.test("InflateQueue.remove() goes on with the next message", () => {
  const parts = manual();
  const said: string[] = [];
  const first = message(parts, "a", said, { steps: 9 });
  parts.queue.add(first);
  parts.queue.add(message(parts, "b", said));
  parts.takeTurn();

  parts.queue.remove(first);
  parts.takeTurn();

  assertEquals(said.slice(1), [
    "a steps",
    "b begins with 10",
    "b steps",
    "b ends",
  ]);
});

Deno.test("InflateQueue.remove() takes no further turn for nothing", () => {
  const parts = manual();
  const said: string[] = [];
  const only = message(parts, "a", said);
  parts.queue.add(only);

  parts.queue.remove(only);
  parts.queue.remove(only);

  assertEquals([parts.isScheduled(), said], [false, []]);
});

Deno.test("InflateQueue lets the end of a message bring the next", () => {
  const parts = manual();
  const said: string[] = [];
  const next = message(parts, "b", said);
  const first = message(parts, "a", said);
  parts.queue.add({ ...first, finish: () => parts.queue.add(next) });

  parts.takeTurn();
  assertEquals([parts.queue.length, parts.isScheduled()], [1, true]);
  parts.takeTurn();

  assertEquals(said.at(-1), "b ends");
  assertEquals([parts.queue.length, parts.isScheduled()], [0, false]);
});

Deno.test("InflateQueue has room for the largest message", () => {
  const parts = manual();
  const said: string[] = [];

  for (const room of [10, 30, 20]) {
    parts.queue.add(message(parts, "a", said, { room }));
    parts.takeTurn();
  }

  assertEquals(
    said.filter((line) => line.includes("begins")),
    ["a begins with 10", "a begins with 30", "a begins with 30"],
  );
});

Deno.test("InflateQueue lets the event loop serve others between two turns", async () => {
  const queue = new InflateQueue();
  let steps = 0;
  const endless: Inflatable = {
    room: 1,
    begin: () => {},
    step: () => ++steps < 0,
    finish: () => {},
  };
  queue.add(endless);

  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepted = listener.accept();
  using near = await Deno.connect({ hostname: "127.0.0.1", port });
  using far = await accepted;
  for (let i = 0; i < 5; i++) {
    await near.write(Uint8Array.of(i));
    assertEquals(await far.read(new Uint8Array(1)), 1);
  }

  assertGreater(steps, 0);
  assertEquals(queue.length, 1);
  queue.remove(endless);
});
