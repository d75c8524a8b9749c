import { assertLess, assertThrows } from "@std/assert";
import { processorTimeOf } from "../../_support/processor_time.ts";
import { checkName, encodeMessage } from "../../../lib/cluster/arguments.ts";

Deno.test("encodeMessage() refuses a giant text without encoding it", () => {
  const giant = "x".repeat(500_000_000);

  const time = processorTimeOf(() =>
    assertThrows(
      () => encodeMessage(giant),
      RangeError,
      "at most 67108864 bytes: it is 500000000",
    )
  );

  assertLess(time, 100);
});

Deno.test("checkName() says that a surrogate is alone, not that the name is empty", () => {
  assertThrows(
    () => checkName("uid", "a\ud800"),
    TypeError,
    'must be well-formed Unicode: a surrogate of "a\\ud800" is alone',
  );
});
