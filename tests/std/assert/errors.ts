import { AssertionError } from "./assertion_error.ts";
import { withMessage } from "./message.ts";

/** A class of errors. */
export type ErrorClass<E extends Error> = abstract new (
  ...args: never[]
) => E;

/** What is expected of an error; each part may be absent. */
interface Expectation<E extends Error> {
  readonly type: ErrorClass<E> | undefined;
  readonly includes: string | undefined;
  readonly msg: string | undefined;
}

/**
 * Fails unless a function throws.
 *
 * @param fn The function.
 * @param msg What to add to the message of the failure.
 * @returns What was thrown.
 * @throws {AssertionError} If nothing is thrown.
 */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/**
 * Fails unless a function throws an error of a class.
 *
 * @param fn The function.
 * @param errorClass The class.
 * @param msgIncludes A part of the error's message.
 * @param msg What to add to the message of the failure.
 * @returns The error.
 * @throws {AssertionError} If nothing is thrown, or something else.
 */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows<E extends Error>(
  fn: () => unknown,
  ...rest: Rest<E>
): unknown {
  const expected = expectation(rest);
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
    check(thrown, expected);
    return thrown;
  }
  throw new AssertionError(
    withMessage("Expected function to throw", expected.msg),
  );
}

/**
 * Fails unless a function gives a promise that rejects.
 *
 * @param fn The function.
 * @param msg What to add to the message of the failure.
 * @returns What it was rejected with.
 * @throws {AssertionError} If the promise fulfils, or the function throws.
 */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/**
 * Fails unless a function gives a promise that rejects with an error of a class.
 *
 * @param fn The function.
 * @param errorClass The class.
 * @param msgIncludes A part of the error's message.
 * @param msg What to add to the message of the failure.
 * @returns The error.
 * @throws {AssertionError} If the promise fulfils, the function throws, or the
 * error is another.
 */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  ...rest: Rest<E>
): Promise<unknown> {
  const expected = expectation(rest);
  const promise = callForPromise(fn, expected.msg);
  try {
    await promise;
  } catch (error) {
    check(error, expected);
    return error;
  }
  throw new AssertionError(
    withMessage("Expected function to reject", expected.msg),
  );
}

type Rest<E extends Error> = [
  typeOrMsg?: ErrorClass<E> | string,
  includes?: string,
  msg?: string,
];

function expectation<E extends Error>(
  [typeOrMsg, includes, msg]: Rest<E>,
): Expectation<E> {
  return typeof typeOrMsg === "string"
    ? { type: undefined, includes: undefined, msg: typeOrMsg }
    : { type: typeOrMsg, includes, msg };
}

function callForPromise(
  fn: () => PromiseLike<unknown>,
  msg: string | undefined,
): PromiseLike<unknown> {
  try {
    const promise = fn();
    if (typeof promise?.then === "function") return promise;
  } catch (error) {
    throw new AssertionError(
      withMessage("Function throws when expected to reject", msg),
      { cause: error },
    );
  }
  throw new AssertionError(
    withMessage("Expected function to return a promise", msg),
  );
}

function check<E extends Error>(
  thrown: unknown,
  { type, includes, msg }: Expectation<E>,
): void {
  if (type === undefined) return;
  const failure = mismatch(thrown, type, includes);
  if (failure === undefined) return;
  throw new AssertionError(withMessage(failure, msg), { cause: thrown });
}

function mismatch<E extends Error>(
  thrown: unknown,
  type: ErrorClass<E>,
  includes: string | undefined,
): string | undefined {
  if (!(thrown instanceof Error)) {
    return "A non-Error object was thrown or rejected";
  }
  if (!(thrown instanceof type)) {
    return `Expected error to be instance of "${type.name}", but was ` +
      `"${thrown.constructor.name}" with message ${
        JSON.stringify(thrown.message)
      }`;
  }
  if (includes === undefined || thrown.message.includes(includes)) return;
  return `Expected error message to include ${JSON.stringify(includes)}, ` +
    `but got ${JSON.stringify(thrown.message)}`;
}
