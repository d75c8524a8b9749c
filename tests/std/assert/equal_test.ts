import { assert, assertFalse, assertThrows, equal } from "./mod.ts";

class Point {
  constructor(readonly x: number) {}
}

const loop = () => {
  const start: { next?: object } = {};
  start.next = start;
  return start;
};

/** Pairs of equal values; each call makes new ones. */
const makers: Record<string, () => unknown> = {
  text: () => "a",
  "not a number": () => NaN,
  "a nested object": () => ({ a: { b: [1, { c: undefined }] } }),
  "an object without prototype": () => Object.create(null),
  "a list with holes": () => new Array(3),
  bytes: () => Uint8Array.of(1, 2),
  "bytes in the middle of others": () =>
    new Uint8Array(Uint8Array.of(0, 1, 2).buffer, 1, 1),
  floats: () => Float64Array.of(NaN, 1),
  "a buffer": () => Uint8Array.of(1, 2).buffer,
  "a date": () => new Date(7),
  "an invalid date": () => new Date(NaN),
  "a pattern": () => /a/g,
  "an address": () => new URL("ws://127.0.0.1/"),
  "a map with objects as keys": () => new Map([[{ a: 1 }, [2]]]),
  "a set of objects": () => new Set([{ a: 1 }, { a: 2 }]),
  "an instance": () => new Point(1),
  "an error with a cause": () => new Error("no", { cause: new Error("why") }),
  "a symbol as key": () => ({ [Symbol.for("a")]: 1 }),
  "a cycle": loop,
};

for (const [what, make] of Object.entries(makers)) {
  Deno.test(`equal() says yes to ${what} twice`, () => {
    assert(equal(make(), make()));
  });
}

const unequal: Record<string, [unknown, unknown]> = {
  "a number and its text": [1, "1"],
  "null and undefined": [null, undefined],
  "an object and null": [{}, null],
  "objects that differ deep inside": [{ a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
  "undefined and a missing property": [{ a: undefined }, {}],
  "properties of other names": [{ a: undefined }, { b: undefined }],
  "a list and a longer one": [[1], [1, undefined]],
  "a list and an object": [[], {}],
  "an instance and an object": [new Point(1), { x: 1 }],
  "bytes that differ": [Uint8Array.of(1), Uint8Array.of(2)],
  "bytes of another kind": [Uint8Array.of(1), Int8Array.of(1)],
  "buffers that differ": [new ArrayBuffer(1), new ArrayBuffer(2)],
  "dates that differ": [new Date(1), new Date(2)],
  "patterns that differ": [/a/, /a/i],
  "maps with other values": [new Map([[1, 2]]), new Map([[1, 3]])],
  "sets of other values": [new Set([1, 2]), new Set([1, 3])],
  "sets that need each a partner": [
    new Set([{ a: 1 }, { a: 1 }]),
    new Set([{ a: 1 }, { a: 2 }]),
  ],
  "errors with other messages": [new Error("a"), new Error("b")],
  "other functions": [() => 1, () => 1],
};

for (const [what, [a, b]] of Object.entries(unequal)) {
  Deno.test(`equal() says no to ${what}, either way round`, () => {
    assertFalse(equal(a, b));
    assertFalse(equal(b, a));
  });
}

Deno.test("equal() refuses to compare weak collections", () => {
  assertThrows(
    () => equal(new WeakMap(), new WeakMap()),
    TypeError,
    "Cannot compare WeakMap",
  );
});
