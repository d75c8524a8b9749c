import type { QueuePolicy } from "../../../../lib/transport/connection.ts";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ENTRY_COST } from "../../../../lib/base/entry_cost.ts";
import {
  MessageQueue,
} from "../../../../lib/transport/outgoing/message_queue.ts";
import { bytes, text } from "../_feed.ts";
import { processorTimeOf } from "../../../_support/processor_time.ts";

/** The limit of a queue for so many messages that are so long together. */
function roomFor(count: number, bytes: number): number {
  return count * ENTRY_COST + bytes;
}

/** Holds these messages, each with the policy that drops the oldest. */
function queueOf(limit: number, ...messages: string[]): MessageQueue {
  const queue = new MessageQueue(limit);
  for (const message of messages) queue.offer(bytes(message), 0, "drop-oldest");
  return queue;
}

function drain(queue: MessageQueue): string[] {
  const messages: string[] = [];
  while (queue.length > 0) messages.push(text(queue.shift() ?? bytes("none")));
  return messages;
}

Deno.test("MessageQueue gives back in order what it took", () => {
  const queue = queueOf(roomFor(3, 4), "a", "bb", "c");

  assertEquals([queue.length, queue.bytes, queue.dropped], [3, 4, 0]);
  assertEquals(drain(queue), ["a", "bb", "c"]);
  assertEquals([queue.length, queue.bytes], [0, 0]);
  assertEquals(queue.shift(), undefined);
});

for (
  const [policy, admission, left] of [
    ["close", "taken", ["bbbbbbbbbb", "c"]],
    ["drop-newest", "dropped", ["aaaaaaaaaa", "bbbbbbbbbb"]],
    ["drop-oldest", "taken", ["bbbbbbbbbb", "c"]],
    ["latest", "taken", ["bbbbbbbbbb", "c"]],
  ] as const
) {
  Deno.test(`MessageQueue that is full does what "${policy}" says`, () => {
    const queue = queueOf(roomFor(2, 20), "aaaaaaaaaa", "bbbbbbbbbb");

    assertEquals(queue.offer(bytes("c"), 0, policy, "key"), admission);

    assertEquals(queue.dropped, 1);
    assertEquals(drain(queue), [...left]);
  });
}

Deno.test("MessageQueue takes up to its limit, with what is queued before it", () => {
  const queue = new MessageQueue(roomFor(2, 20));

  assertEquals(queue.offer(bytes("12345"), 15, "close"), "taken");
  assertEquals(queue.offer(bytes("1"), 15, "close"), "overflow");
  assertEquals(queue.offer(bytes("1"), 14, "close"), "taken");
});

Deno.test("MessageQueue counts an empty message as what it takes, and a key as well", () => {
  const queue = new MessageQueue(roomFor(10, 3));
  const empty = new Uint8Array(0);

  for (let i = 0; i < 100; i++) queue.offer(empty, 0, "drop-oldest");
  assertEquals([queue.length, queue.bytes], [10, 0]);
  queue.offer(empty, 0, "latest", "key");
  assertEquals([queue.length, queue.load], [10, roomFor(10, 3)]);
  queue.offer(empty, 0, "latest", "yes");

  assertEquals([queue.length, queue.bytes], [9, 0]);
});

Deno.test("MessageQueue puts the latest of a key where the older one stood", () => {
  const queue = new MessageQueue(roomFor(2, 20));
  queue.offer(bytes("eur 1"), 0, "latest", "eur");
  queue.offer(bytes("usd 1"), 0, "latest", "usd");

  queue.offer(bytes("eur 22"), 0, "latest", "eur");

  assertEquals([queue.length, queue.bytes, queue.dropped], [2, 11, 1]);
  assertEquals(drain(queue), ["eur 22", "usd 1"]);
});

Deno.test("MessageQueue puts the latest of a key last if it is too long for its place", () => {
  const queue = queueOf(roomFor(2, 20), "0123456789");
  queue.offer(bytes("eur"), 0, "latest", "eur");

  assertEquals(queue.offer(bytes("eur 45678901"), 0, "latest", "eur"), "taken");

  assertEquals(queue.dropped, 2);
  assertEquals(drain(queue), ["eur 45678901"]);
});

Deno.test("MessageQueue never drops what must not be dropped, nor what was told to stay", () => {
  const queue = new MessageQueue(roomFor(3, 20));
  queue.offer(bytes("close"), 0, "close");
  queue.offer(bytes("drop-newest"), 0, "drop-newest");
  queue.offer(bytes("old"), 0, "drop-oldest");

  assertEquals(queue.offer(bytes("new"), 0, "drop-oldest"), "taken");
  assertEquals(queue.offer(bytes("newer"), 0, "drop-oldest"), "dropped");

  assertEquals(queue.dropped, 3);
  assertEquals(drain(queue), ["close", "drop-newest"]);
});

Deno.test("MessageQueue takes one message that is larger than its limit, not two", () => {
  const limit = roomFor(1, 20);
  const queue = new MessageQueue(limit);
  const large = "x".repeat(limit + 1);

  assertEquals(queue.offer(bytes(large), 0, "close"), "taken");
  assertEquals(queue.offer(bytes("small"), 0, "close"), "taken");
  assertEquals(queue.offer(bytes(large), 0, "close"), "overflow");
  assertEquals(queue.offer(bytes(large), 0, "drop-newest"), "dropped");

  assertEquals(drain(queue), [large, "small"]);
  assertEquals(queue.offer(bytes(large), 0, "close"), "taken");
});

const LIMIT = roomFor(4, 20);

/** What waits, in a plain array: slow, and plain to see. */
class Model {
  entries: { message: string; policy: QueuePolicy; key: string }[] = [];
  dropped = 0;

  get bytes(): number {
    return this.entries.reduce((sum, { message }) => sum + message.length, 0);
  }

  get cost(): number {
    return this.entries.reduce(
      (sum, { message, key }) => sum + message.length + key.length,
      this.entries.length * ENTRY_COST,
    );
  }

  offer(message: string, before: number, policy: QueuePolicy, key: string) {
    const cost = message.length + key.length + ENTRY_COST;
    const fits = () => before + this.cost + cost <= LIMIT;
    const isDroppable = ({ policy }: { policy: QueuePolicy }) =>
      policy === "latest" || policy === "drop-oldest";
    const drop = (at: number) => {
      this.entries.splice(at, 1);
      this.dropped++;
    };
    const old = policy !== "latest"
      ? -1
      : this.entries.findIndex((entry) =>
        entry.policy === "latest" && entry.key === key
      );
    const oldLength = this.entries[old]?.message.length ?? 0;
    if (old >= 0 && before + this.cost + message.length - oldLength <= LIMIT) {
      this.entries[old] = { message, policy, key };
      this.dropped++;
      return "taken";
    }
    if (old >= 0 && message.length <= oldLength) {
      this.entries[old] = { message, policy, key };
      this.dropped++;
      return "taken";
    }
    if (old >= 0) drop(old);
    while (!fits() && policy !== "drop-newest") {
      const oldest = this.entries.findIndex(isDroppable);
      if (oldest < 0) break;
      drop(oldest);
    }
    if (!fits()) {
      if (policy === "close") return "overflow";
      this.dropped++;
      return "dropped";
    }
    this.entries.push({ message, policy, key });
    return "taken";
  }
}

Deno.test("MessageQueue does what a plain array of messages would do", () => {
  const offer = fc.record({
    message: fc.string({ maxLength: 12, unit: "grapheme-ascii" }),
    before: fc.oneof(
      fc.integer({ min: 0, max: 25 }),
      fc.integer({ min: 0, max: LIMIT + 5 }),
    ),
    policy: fc.constantFrom<QueuePolicy>(
      "close",
      "drop-oldest",
      "drop-newest",
      "latest",
    ),
    key: fc.constantFrom("a", "b", "c"),
  });
  const step = fc.oneof(
    { weight: 4, arbitrary: offer },
    fc.constant("shift" as const),
  );

  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const queue = new MessageQueue(LIMIT);
    const model = new Model();
    for (const step of steps) {
      if (step === "shift") {
        const message = model.entries.shift()?.message;
        const frame = queue.shift();
        assertEquals(frame === undefined ? undefined : text(frame), message);
        continue;
      }
      const { message, before, policy, key } = step;
      assertEquals(
        queue.offer(bytes(message), before, policy, key),
        model.offer(message, before, policy, key),
      );
      assertEquals([queue.bytes, queue.load], [model.bytes, model.cost]);
      assertEquals(queue.length, model.entries.length);
      assertEquals(queue.dropped, model.dropped);
    }
    assertEquals(drain(queue), model.entries.map(({ message }) => message));
  }));
});

Deno.test("MessageQueue drops from a long queue as quickly as from a short one", () => {
  const queue = new MessageQueue(roomFor(100_000, 1_000_000));
  const frame = bytes("0123456789");
  for (let i = 0; i < 50_000; i++) queue.offer(frame, 0, "close");
  for (let i = 0; i < 50_000; i++) queue.offer(frame, 0, "drop-oldest");

  const time = processorTimeOf(() => {
    for (let i = 0; i < 50_000; i++) queue.offer(frame, 0, "drop-oldest");
  });

  assertEquals(queue.dropped, 50_000);
  assert(time < 2_000, `took ${time} ms`);
});

Deno.test("MessageQueue says in each dropped frame's place that it was dropped", () => {
  const gap = (count: number) => bytes(`gap ${count}`);
  const queue = new MessageQueue(roomFor(3, 30), { gap, onReplaced() {} });
  for (const each of ["1", "2", "3", "4", "5"]) {
    const policy = each === "3" ? "close" : "drop-oldest";
    queue.offer(bytes(each.repeat(10)), 0, policy);
  }
  queue.offer(bytes("6".repeat(10)), 0, "drop-newest");
  queue.offer(bytes("7".repeat(10)), 0, "drop-newest");

  assertEquals(drain(queue), ["gap 2", "3333333333", "gap 4"]);
  assertEquals(queue.dropped, 6);
});

Deno.test("MessageQueue has each frame where a ring of them has it, or a gap", () => {
  const step = fc.oneof(
    fc.constant("shift" as const),
    fc.record({
      policy: fc.constantFrom<QueuePolicy[]>(
        "close",
        "drop-oldest",
        "drop-newest",
        "latest",
        "latest",
      ),
      key: fc.constantFrom("a", "b", "c"),
      length: fc.integer({ min: 1, max: 400 }),
    }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const ring: (Uint8Array | undefined)[] = [];
    const gaps = new Map<Uint8Array, number>();
    const queue = new MessageQueue(1_500, {
      gap: (count) => {
        const frame = new Uint8Array(0);
        gaps.set(frame, count);
        return frame;
      },
      onReplaced: (older, newest) => {
        assertEquals(ring.at(-1), newest);
        ring[ring.indexOf(older)] = newest;
        ring[ring.length - 1] = undefined;
      },
    });
    let at = 0;
    const take = () => {
      const frame = queue.shift();
      if (frame === undefined) return;
      const missing = gaps.get(frame);
      if (missing === undefined) assert(ring[at] === frame, `at ${at}`);
      at += missing ?? 1;
    };
    for (const each of steps) {
      if (each === "shift") take();
      else {
        const frame = new Uint8Array(each.length);
        ring.push(frame);
        const { policy, key } = each;
        // Whoever overflows is closed, and has all from the ring when it is back.
        if (queue.offer(frame, 0, policy, key) === "overflow") return;
      }
    }
    while (queue.length > 0) take();
    assertEquals(at, ring.length);
    const missing = [...gaps.values()].reduce((sum, count) => sum + count, 0);
    assertEquals(missing, queue.dropped);
  }));
});
