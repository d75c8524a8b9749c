/**
 * Typed frames as those write and read them who have a value that JSON is made of.
 *
 * @module
 */

import { concat } from "../../base/concat.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Returns the frame of a request; with the id `0` it is an event that nobody answers. */
export function requestText(id: string, name: string, data: unknown): string {
  return `q${id} ${name}\n${toJson(data)}`;
}

/** Returns a request without what a gateway puts before it: its letter and its id. */
export function questionText(name: string, data: unknown): string {
  return `${name}\n${toJson(data)}`;
}

/** Returns the frame of an answer: JSON, but bytes as they are. */
export function replyFrame(
  id: string,
  value: unknown,
): string | Uint8Array {
  if (!(value instanceof Uint8Array)) return `r${id}\n${toJson(value)}`;
  return concat(encoder.encode(`\x02${id}\n`), value);
}

/** Returns the frame of a part of an answer. */
export function partText(id: string, value: unknown): string {
  return `s${id}\n${toJson(value)}`;
}

/** Returns the frame that says that there is no answer. */
export function failureText(id: string, code: string, data?: unknown): string {
  return `e${id} ${code}\n${toJson(data)}`;
}

/**
 * Returns the value of a frame's JSON; `undefined` if it has none.
 *
 * @throws {SyntaxError} If it is not JSON.
 */
export function readJson(bytes: Uint8Array): unknown {
  return bytes.length === 0 ? undefined : JSON.parse(decoder.decode(bytes));
}

/**
 * Returns a value as JSON; `null` for what JSON has no word for.
 *
 * @throws {TypeError} If it goes in a circle, or holds a bigint.
 */
function toJson(value: unknown): string {
  return JSON.stringify(value) ?? "null";
}
