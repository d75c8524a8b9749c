import {
  assert,
  assertAlmostEquals,
  assertArrayIncludes,
  assertEquals,
  assertExists,
  assertFalse,
  assertGreater,
  assertGreaterOrEqual,
  assertInstanceOf,
  AssertionError,
  assertLess,
  assertLessOrEqual,
  assertMatch,
  assertNotEquals,
  assertNotMatch,
  assertNotStrictEquals,
  assertObjectMatch,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
  fail,
} from "./mod.ts";

/** For each assertion: a call that passes, one that fails, and what it says. */
const calls: Record<string, [() => void, () => void, string]> = {
  assert: [() => assert("a"), () => assert(0, "zero"), "zero"],
  assertFalse: [() => assertFalse(""), () => assertFalse(1, "one"), "one"],
  assertExists: [
    () => assertExists(0),
    () => assertExists(undefined, "why"),
    'actual: "undefined" to not be null or undefined: why',
  ],
  assertInstanceOf: [
    () => assertInstanceOf(new TypeError(), Error),
    () => assertInstanceOf(new Error(), TypeError),
    'instance of "TypeError" but was "Error"',
  ],
  assertEquals: [
    () => assertEquals({ a: [1] }, { a: [1] }),
    () => assertEquals({ a: [1] }, { a: [2] }, "why"),
    "Values are not equal: why",
  ],
  assertNotEquals: [
    () => assertNotEquals([1], [2]),
    () => assertNotEquals([1], [1]),
    "not to be",
  ],
  assertStrictEquals: [
    () => assertStrictEquals(NaN, NaN),
    () => assertStrictEquals([1], [1]),
    "same structure but are not reference-equal",
  ],
  assertNotStrictEquals: [
    () => assertNotStrictEquals([1], [1]),
    () => assertNotStrictEquals(1, 1),
    "to not be strictly equal to: 1",
  ],
  assertMatch: [
    () => assertMatch("abc", /b/),
    () => assertMatch("abc", /d/),
    'Expected actual: "abc" to match: "/d/"',
  ],
  assertNotMatch: [
    () => assertNotMatch("abc", /d/),
    () => assertNotMatch("abc", /b/),
    'Expected actual: "abc" to not match: "/b/"',
  ],
  assertStringIncludes: [
    () => assertStringIncludes("abc", "b"),
    () => assertStringIncludes("abc", "d"),
    'Expected actual: "abc" to contain: "d"',
  ],
  assertArrayIncludes: [
    () => assertArrayIncludes([{ a: 1 }, { a: 2 }], [{ a: 2 }]),
    () => assertArrayIncludes([1, 2], [2, 3]),
    "missing: [\n  3,\n]",
  ],
  assertGreater: [
    () => assertGreater(2, 1),
    () => assertGreater(1, 1),
    "Expect 1 > 1",
  ],
  assertGreaterOrEqual: [
    () => assertGreaterOrEqual(1, 1),
    () => assertGreaterOrEqual(0, 1),
    "Expect 0 >= 1",
  ],
  assertLess: [() => assertLess(1, 2), () => assertLess(1, 1), "Expect 1 < 1"],
  assertLessOrEqual: [
    () => assertLessOrEqual(1, 1),
    () => assertLessOrEqual(1, 0),
    "Expect 1 <= 0",
  ],
  assertAlmostEquals: [
    () => assertAlmostEquals(0.1 + 0.2, 0.3),
    () => assertAlmostEquals(1, 2, 0.5),
    'distance "1" is greater than tolerance "0.5"',
  ],
  assertObjectMatch: [
    () =>
      assertObjectMatch(
        { a: { b: 1, c: 2 }, d: 3, e: [{ f: 4, g: 5 }] },
        { a: { b: 1 }, e: [{ f: 4 }] },
      ),
    () => assertObjectMatch({ a: { b: 1 } }, { a: { c: 1 } }),
    "Values are not equal",
  ],
};

for (const [name, [passes, fails, says]] of Object.entries(calls)) {
  Deno.test(`${name}() passes, and fails with what it found`, () => {
    passes();

    assertThrows(fails, AssertionError, says);
  });
}

Deno.test("fail() throws an AssertionError with its message", () => {
  const error = assertThrows(() => fail("why"), AssertionError);

  assertEquals(error.message, "Failed assertion: why");
  assertEquals(error.name, "AssertionError");
});

Deno.test("assertEquals() shows only the lines that differ twice", () => {
  const error = assertThrows(
    () => assertEquals({ a: 1, b: 2, c: 3 }, { a: 1, b: 5, c: 3 }),
    AssertionError,
  );

  assertStringIncludes(
    error.message,
    "    {\n      a: 1,\n-     b: 2,\n+     b: 5,\n      c: 3,\n    }",
  );
});

Deno.test("assertEquals() can show values of thousands of lines", () => {
  const long = Array.from({ length: 5_000 }, (_, index) => index);

  assertThrows(
    () => assertEquals(long, [...long, 7]),
    AssertionError,
    "+     7,\n    ]",
  );
});
