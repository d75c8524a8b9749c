/**
 * A stand-in for `jsr:@std/assert`, so that tests run where the registry of
 * `jsr:` cannot be reached. It has the calls that our tests make, and behaves
 * as the real package does.
 *
 * @module
 */

export * from "./assertion_error.ts";
export * from "./collections.ts";
export * from "./comparisons.ts";
export * from "./equal.ts";
export * from "./equality.ts";
export * from "./errors.ts";
export * from "./truth.ts";
