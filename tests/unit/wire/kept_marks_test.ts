import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  decodeBody,
  decodeOwnMap,
  encodeBody,
} from "../../../lib/wire/body.ts";
import { keepMarks } from "../../../lib/wire/kept_marks.ts";

const marked = fc.string({ unit: "grapheme", maxLength: 300 })
  .map((rest) => `\ufeff${rest}`);

Deno.test("decodeBody() keeps U+FEFF at the beginning of texts of any length", () => {
  const value = fc.array(fc.oneof(
    marked,
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.dictionary(marked, fc.array(marked, { maxLength: 3 }), { maxKeys: 3 }),
  ));
  fc.assert(fc.property(value, (sent) => {
    const expected = JSON.parse(JSON.stringify(sent));

    assertEquals(decodeBody(encodeBody(expected)), expected);
  }));
});

Deno.test("decodeBody() keeps U+FEFF beside bytes, dates and large texts", () => {
  for (const length of [62, 63, 254, 65_534, 70_000]) {
    const value = {
      text: `\ufeff${"x".repeat(length)}`,
      bytes: new TextEncoder().encode(`\ufeff${"y".repeat(length)}`),
      date: new Date(1_700_000_000_123),
      large: 2n ** 63n,
      nothing: undefined,
    };

    assertEquals(decodeBody(encodeBody(value)), value);
    assertEquals<unknown>(decodeOwnMap(encodeBody(value)), value);
  }
});

Deno.test("keepMarks() leaves bytes alone that have no long text with a mark", () => {
  for (
    const value of ["\ufeffshort", `，${"x".repeat(100)}`, "x".repeat(100)]
  ) {
    const bytes = encodeBody({ value, more: "y".repeat(100) });

    assertStrictEquals(keepMarks(bytes), bytes);
  }
});

Deno.test("keepMarks() takes any bytes, and leaves what is cut off to the decoder", () => {
  const whole = encodeBody([`\ufeff${"x".repeat(100)}`]);
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    assertStrictEquals(keepMarks(cut), cut);
  }
  fc.assert(fc.property(fc.uint8Array({ minLength: 65 }), (bytes) => {
    bytes[0] = 0xef;
    assertEquals(keepMarks(bytes) instanceof Uint8Array, true);
  }));
});
