import { AssertionError } from "./assertion_error.ts";
import { show, withMessage } from "./message.ts";

/**
 * Fails unless `actual > expected`.
 *
 * @param actual The value.
 * @param expected The bound.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `actual` is not greater.
 */
export function assertGreater<T>(actual: T, expected: T, msg?: string): void {
  if (actual > expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} > ${show(expected)}`);
}

/**
 * Fails unless `actual >= expected`.
 *
 * @param actual The value.
 * @param expected The bound.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `actual` is less.
 */
export function assertGreaterOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual >= expected) return;
  throw new AssertionError(
    msg ?? `Expect ${show(actual)} >= ${show(expected)}`,
  );
}

/**
 * Fails unless `actual < expected`.
 *
 * @param actual The value.
 * @param expected The bound.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `actual` is not less.
 */
export function assertLess<T>(actual: T, expected: T, msg?: string): void {
  if (actual < expected) return;
  throw new AssertionError(msg ?? `Expect ${show(actual)} < ${show(expected)}`);
}

/**
 * Fails unless `actual <= expected`.
 *
 * @param actual The value.
 * @param expected The bound.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `actual` is greater.
 */
export function assertLessOrEqual<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (actual <= expected) return;
  throw new AssertionError(
    msg ?? `Expect ${show(actual)} <= ${show(expected)}`,
  );
}

/**
 * Fails unless two numbers are nearly the same.
 *
 * @param actual The number.
 * @param expected The number it should be near to.
 * @param tolerance How far it may be; a ten-millionth of `expected` by default.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If the numbers are further apart than `tolerance`.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const allowed = tolerance ??
    (Number.isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const distance = Math.abs(expected - actual);
  if (distance <= allowed) return;
  throw new AssertionError(
    withMessage(
      `Expected actual: "${actual}" to be close to "${expected}": ` +
        `distance "${distance}" is greater than tolerance "${allowed}"`,
      msg,
    ),
  );
}
