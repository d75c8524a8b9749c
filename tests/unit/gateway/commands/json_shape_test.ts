import { assertEquals } from "@std/assert";
import { shapeOfJson } from "../../../../lib/gateway/commands/json_shape.ts";

function shape(value: unknown): string | undefined {
  return shapeOfJson(new TextEncoder().encode(JSON.stringify(value)));
}

Deno.test("shapeOfJson() has keys and types, and nothing of any value", () => {
  assertEquals(
    shape({ name: "Ann", age: 7, ok: true, none: null, list: [{ id: "x" }] }),
    '{"name": string, "age": number, "ok": boolean, "none": null, "list": list(1) of {"id": string}}',
  );
});

Deno.test("shapeOfJson() is bounded in depth, in keys and in what it reads", () => {
  const keys = Object.fromEntries(
    Array.from({ length: 20 }, (_, i) => [`k${i}`, i]),
  );
  assertEquals(shape(keys)?.endsWith('"k15": number, 4 more}'), true);
  assertEquals(
    shape({ a: { b: { c: { d: 1 } } } }),
    '{"a": {"b": {"c": object(1)}}}',
  );
  assertEquals(
    shape({ ["k".repeat(50)]: 1 }),
    `{"${"k".repeat(32)}…": number}`,
  );
  assertEquals(shape({ long: "x".repeat(9_000) }), undefined);
});

Deno.test("shapeOfJson() tells nothing of what is no object or list", () => {
  const texts = ['"a secret"', "42", "{broken", "[1", ""];
  assertEquals(
    texts.map((text) => shapeOfJson(new TextEncoder().encode(text))),
    texts.map(() => undefined),
  );
});
