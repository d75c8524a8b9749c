import { AssertionError } from "./assertion_error.ts";
import { diff } from "./diff.ts";
import { equal } from "./equal.ts";
import { show, withMessage } from "./message.ts";

/**
 * Fails unless two values are equal in all their parts.
 *
 * @param actual The value.
 * @param expected What it should equal.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the values are not equal.
 */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  throw new AssertionError(
    withMessage("Values are not equal", msg) + difference(actual, expected),
  );
}

/**
 * Fails if two values are equal in all their parts.
 *
 * @param actual The value.
 * @param expected What it should not equal.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the values are equal.
 */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  throw new AssertionError(
    withMessage(
      `Expected actual: ${show(actual)} not to be: ${show(expected)}`,
      msg,
    ),
  );
}

/**
 * Fails unless two values are the same value, by `Object.is()`.
 *
 * @param actual The value.
 * @param expected The value it should be.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the values are not the same.
 */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const said = show(actual) === show(expected)
    ? "Values have the same structure but are not reference-equal"
    : "Values are not strictly equal";
  throw new AssertionError(
    withMessage(said, msg) + difference(actual, expected),
  );
}

/**
 * Fails if two values are the same value, by `Object.is()`.
 *
 * @param actual The value.
 * @param expected The value it should not be.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the values are the same.
 */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  throw new AssertionError(
    withMessage(
      `Expected "actual" to not be strictly equal to: ${show(actual)}`,
      msg,
    ),
  );
}

function difference(actual: unknown, expected: unknown): string {
  return `\n\n    [Diff] Actual / Expected\n\n${
    diff(show(actual), show(expected))
  }\n`;
}
