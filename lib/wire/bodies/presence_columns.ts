/**
 * Reads the columns of rows of presence.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { toNumber } from "../body.ts";

/** @throws {ProtocolError} If the value is no list. */
export function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrong("a list");
}

/** @throws {ProtocolError} If the value is no text. */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw wrong("a text");
}

/** @throws {ProtocolError} If the value is no finite number. */
export function numberOf(value: unknown): number {
  const number = toNumber(value);
  if (Number.isFinite(number)) return number as number;
  throw wrong("a number");
}

/** What is thrown where something else was expected. */
export function wrong(expected: string): ProtocolError {
  return new ProtocolError(`Cannot read presence: expected ${expected}`);
}
