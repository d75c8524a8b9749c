import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { FAULT_KINDS, planFaults } from "../../chaos/plan.ts";
import { Random } from "../../chaos/random.ts";

const OPTIONS = {
  duration: 60_000,
  gap: [500, 2_500],
  kinds: FAULT_KINDS,
} as const;

Deno.test("planFaults() makes the same plan of the same seed, and another one of another seed", () => {
  const plan = planFaults(OPTIONS, new Random(42));

  assertEquals(planFaults(OPTIONS, new Random(42)), plan);
  assertNotEquals(planFaults(OPTIONS, new Random(43)), plan);
});

Deno.test("planFaults() keeps to the time and to the gap between two faults", () => {
  const plan = planFaults(OPTIONS, new Random(7));

  let last = 0;
  for (const { at, roll } of plan) {
    assert(at - last >= 500 && at - last <= 2_500 && at < 60_000);
    assert(roll >= 0 && roll < 1);
    last = at;
  }
});

Deno.test("planFaults() has every kind before it has any twice", () => {
  for (let seed = 0; seed < 20; seed++) {
    const plan = planFaults(OPTIONS, new Random(seed));
    const first = plan.slice(0, FAULT_KINDS.length).map(({ kind }) => kind);

    assertEquals(new Set(first).size, first.length);
  }
});

Deno.test("planFaults() plans nothing if nothing may happen", () => {
  assertEquals(planFaults({ ...OPTIONS, kinds: [] }, new Random(1)), []);
});
