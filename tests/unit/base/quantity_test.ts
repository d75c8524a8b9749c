import { assertEquals, assertThrows } from "@std/assert";
import {
  checkRanges,
  type Quantities,
  withDefaults,
} from "../../../lib/base/quantity.ts";

const SIZES: Quantities<"box" | "pile"> = {
  box: { unit: "bytes", min: 1, max: 8, default: 4 },
  pile: { unit: "things", min: 0, max: Infinity, default: 0 },
};

Deno.test("withDefaults() takes what was given of the quantities, and nothing else", () => {
  const given = { pile: 7, other: "x" };

  assertEquals(withDefaults(SIZES, given), { box: 4, pile: 7 });
});

Deno.test("checkRanges() takes the bounds, and names what is beyond them", () => {
  checkRanges("pack", SIZES, { box: 1, pile: 0 });
  checkRanges("pack", SIZES, { box: 8, pile: 1e12 });
  for (
    const [values, message] of [
      [
        { box: 9, pile: 0 },
        "Cannot pack as box must be 1 to 8: current value is 9",
      ],
      [{ box: NaN, pile: 0 }, "current value is NaN"],
      [{ box: 1, pile: -1 }, "as pile must be >= 0: current value is -1"],
    ] as const
  ) {
    assertThrows(() => checkRanges("pack", SIZES, values), RangeError, message);
  }
});
