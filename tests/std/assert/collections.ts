import { AssertionError } from "./assertion_error.ts";
import { equal } from "./equal.ts";
import { assertEquals } from "./equality.ts";
import { show, withMessage } from "./message.ts";

/**
 * Fails unless a pattern matches a text.
 *
 * @param actual The text.
 * @param expected The pattern.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the pattern does not match.
 */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  throw new AssertionError(
    withMessage(`Expected actual: "${actual}" to match: "${expected}"`, msg),
  );
}

/**
 * Fails if a pattern matches a text.
 *
 * @param actual The text.
 * @param expected The pattern.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the pattern matches.
 */
export function assertNotMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (!expected.test(actual)) return;
  throw new AssertionError(
    withMessage(
      `Expected actual: "${actual}" to not match: "${expected}"`,
      msg,
    ),
  );
}

/**
 * Fails unless a text is within another.
 *
 * @param actual The whole.
 * @param expected The part.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the part is missing.
 */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  throw new AssertionError(
    withMessage(`Expected actual: "${actual}" to contain: "${expected}"`, msg),
  );
}

/**
 * Fails unless each of some values has an equal in a list.
 *
 * @param actual The list.
 * @param expected The values, in any order.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If one is missing.
 */
export function assertArrayIncludes<T>(
  actual: ArrayLike<T>,
  expected: ArrayLike<T>,
  msg?: string,
): void {
  const there = Array.from(actual);
  const missing = Array.from(expected)
    .filter((wanted) => !there.some((value) => equal(wanted, value)));
  if (missing.length === 0) return;
  throw new AssertionError(
    withMessage(
      `Expected actual: "${show(actual)}" to include: "${show(expected)}"`,
      msg,
    ) + `\nmissing: ${show(missing)}`,
  );
}

/**
 * Fails unless an object has at least the given properties, at every depth.
 *
 * @param actual The object.
 * @param expected What it should have.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If a property is missing or different.
 */
export function assertObjectMatch(
  actual: object,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
): void {
  assertEquals<unknown>(pick(actual, expected, new Map()), expected, msg);
}

/** Gives the part of a value that a pattern speaks of. */
function pick(
  value: unknown,
  pattern: unknown,
  seen: Map<unknown, object>,
): unknown {
  const known = seen.get(pattern);
  if (known !== undefined) return known;
  if (Array.isArray(value) && Array.isArray(pattern)) {
    return value.length === pattern.length
      ? value.map((item, index) => pick(item, pattern[index], seen))
      : value;
  }
  if (!isPlain(pattern) || typeof value !== "object" || value === null) {
    return value;
  }
  const part: object = Object.create(Object.getPrototypeOf(pattern));
  seen.set(pattern, part);
  for (const key of Reflect.ownKeys(pattern)) {
    if (!(key in value)) continue;
    Reflect.set(
      part,
      key,
      pick(Reflect.get(value, key), Reflect.get(pattern, key), seen),
    );
  }
  return part;
}

function isPlain(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
