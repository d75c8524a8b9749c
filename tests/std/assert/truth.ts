import { AssertionError } from "./assertion_error.ts";
import { show, withMessage } from "./message.ts";

/** The values that count as false. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/**
 * Fails unless a value is truthy.
 *
 * @param expr The value.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `expr` is falsy.
 */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/**
 * Fails unless a value is falsy.
 *
 * @param expr The value.
 * @param msg The message of the failure.
 * @throws {AssertionError} If `expr` is truthy.
 */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/**
 * Fails unless a value is neither `null` nor `undefined`.
 *
 * @param actual The value.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If `actual` is `null` or `undefined`.
 */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual !== undefined && actual !== null) return;
  throw new AssertionError(
    withMessage(
      `Expected actual: "${actual}" to not be null or undefined`,
      msg,
    ),
  );
}

/**
 * Fails unless a value was made by a class or one that extends it.
 *
 * @param actual The value.
 * @param expectedType The class.
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} If `actual` is not an instance of `expectedType`.
 */
export function assertInstanceOf<T>(
  actual: unknown,
  expectedType: abstract new (...args: never[]) => T,
  msg?: string,
): asserts actual is T {
  if (actual instanceof expectedType) return;
  throw new AssertionError(
    withMessage(
      `Expected object to be an instance of "${expectedType.name}" but was ${
        kindOf(actual)
      }`,
      msg,
    ),
  );
}

/**
 * Fails always.
 *
 * @param msg What to add to the message of the failure.
 * @throws {AssertionError} Always.
 */
export function fail(msg?: string): never {
  throw new AssertionError(withMessage("Failed assertion", msg));
}

function kindOf(value: unknown): string {
  if (typeof value === "function") return "function";
  if (typeof value !== "object" || value === null) return show(value);
  const maker: unknown = value.constructor;
  return typeof maker === "function" ? `"${maker.name}"` : '"Object"';
}
