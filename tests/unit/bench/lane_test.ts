import { assertEquals, assertFalse } from "@std/assert";
import { Lane, noFaults } from "../../bench/load/lane.ts";

/** One sender to the receivers 1, 4, 7, which has sent `count` messages. */
function laneOf(count: number) {
  const faults = noFaults();
  const route = {
    sender: 0,
    target: 1,
    stride: 3,
    offset: 1,
    receivers: 3,
    depth: 4,
  };
  const lane = new Lane(route, 0, faults);
  for (let i = 0; i < count; i++) lane.take(i);
  return { lane, faults };
}

Deno.test("Lane.accept() takes messages in order from every receiver without a fault", () => {
  const { lane, faults } = laneOf(2);

  for (const receiver of [1, 4, 7]) {
    assertEquals(lane.accept(receiver, 0), true);
    assertEquals(lane.accept(receiver, 1), true);
  }
  lane.close();

  assertEquals(faults, noFaults());
});

Deno.test("Lane.accept() counts a message that comes twice as repeated", () => {
  const { lane, faults } = laneOf(2);
  lane.accept(4, 0);

  assertFalse(lane.accept(4, 0));

  assertEquals(faults.repeated, 1);
});

Deno.test("Lane.accept() counts a late message as disordered and not as lost", () => {
  const { lane, faults } = laneOf(2);

  assertEquals(lane.accept(1, 1), true);
  assertEquals(lane.accept(1, 0), true);

  assertEquals([faults.disordered, faults.repeated], [1, 0]);
  for (const receiver of [4, 7]) {
    for (const number of [0, 1]) lane.accept(receiver, number);
  }
  lane.close();
  assertEquals(faults.lost, 0);
});

Deno.test("Lane.close() counts gaps and missing ends as lost", () => {
  const { lane, faults } = laneOf(4);
  lane.accept(1, 0);
  lane.accept(1, 2);

  lane.close();

  assertEquals(faults.lost, 2 + 4 + 4);
});

Deno.test("Lane.accept() counts strangers and numbers never sent as corrupt", () => {
  const { lane, faults } = laneOf(1);

  assertFalse(lane.accept(2, 0));
  assertFalse(lane.accept(10, 0));
  assertFalse(lane.accept(1, 1));
  assertFalse(lane.accept(1, -1));

  assertEquals(faults.corrupt, 4);
});

Deno.test("Lane.complete() tells the last receiver of a message", () => {
  const { lane } = laneOf(1);

  assertEquals([lane.complete(0), lane.complete(0), lane.complete(0)], [
    false,
    false,
    true,
  ]);
});
