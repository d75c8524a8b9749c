import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseJson } from "../../../lib/base/parse_json.ts";

function nested(depth: number): string {
  return "[".repeat(depth) + "]".repeat(depth);
}

Deno.test("parseJson() reads what JSON.parse() does, whatever stands in its strings", () => {
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
    const text = JSON.stringify(value);
    assertEquals(parseJson(text), JSON.parse(text));
  }));
  const brackets = ["[".repeat(1_000), '\\"[{'.repeat(100), "]}\\\\"];
  assertEquals(parseJson(JSON.stringify(brackets)), brackets);
});

Deno.test("parseJson() throws RangeError for lists or objects too deep within each other", () => {
  assertEquals(Array.isArray(parseJson(nested(64))), true);
  assertThrows(() => parseJson(nested(65)), RangeError, "64 deep");
  assertThrows(() => parseJson(nested(1_000_000)), RangeError);
  assertThrows(() => parseJson('{"a":'.repeat(65)), RangeError);
  assertThrows(() => parseJson(`"a\\\\"${"[".repeat(65)}`), RangeError);
});

Deno.test("parseJson() throws SyntaxError for what is not JSON", () => {
  for (const text of ["", "{", '"', '"\\', "]]", "[}", '{"a":1]']) {
    assertThrows(() => parseJson(text), SyntaxError);
  }
});
