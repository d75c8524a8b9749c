import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Deque } from "../../../lib/base/deque.ts";

Deno.test("Deque has neither first nor last item while it is empty", () => {
  const deque = new Deque<number>();

  assertEquals(deque.length, 0);
  assertEquals(deque.first, undefined);
  assertEquals(deque.last, undefined);
  assertEquals(deque.shift(), undefined);
  assertEquals([...deque], []);
});

/** What can be done to a deque, and to a list. */
const STEPS = fc.array(
  fc.oneof(
    fc.record({ does: fc.constant("push" as const), item: fc.nat() }),
    fc.record({ does: fc.constant("unshift" as const), item: fc.nat() }),
    fc.record({ does: fc.constant("shift" as const) }),
    fc.record({
      does: fc.constant("prepend" as const),
      items: fc.array(fc.nat(), { maxLength: 20 }),
    }),
    fc.record({ does: fc.constant("clear" as const) }),
  ),
  { maxLength: 200, size: "max" },
);

Deno.test("Deque holds what a list would, whatever is done to it", () => {
  fc.assert(fc.property(STEPS, (steps) => {
    const deque = new Deque<number>();
    const list: number[] = [];
    for (const step of steps) {
      if (step.does === "push") {
        deque.push(step.item);
        list.push(step.item);
      } else if (step.does === "unshift") {
        deque.unshift(step.item);
        list.unshift(step.item);
      } else if (step.does === "shift") {
        assertEquals(deque.shift(), list.shift());
      } else if (step.does === "prepend") {
        deque.prepend(step.items);
        list.unshift(...step.items);
      } else {
        deque.clear();
        list.length = 0;
      }
      assertEquals(deque.length, list.length);
      assertEquals(deque.first, list[0]);
      assertEquals(deque.last, list.at(-1));
    }
    assertEquals([...deque], list);
  }));
});

Deno.test("Deque takes and prepends a million items without moving the others", () => {
  const items = Array.from({ length: 1_000_000 }, (_, index) => index);
  const deque = new Deque<number>();
  deque.push(-1);

  deque.prepend(items);

  assertEquals(deque.length, 1_000_001);
  for (let index = 0; index < 1_000_000; index++) {
    assert(deque.shift() === index);
  }
  assertEquals(deque.shift(), -1);
});
