import { NO_BYTES } from "../base/no_bytes.ts";
import {
  arrayOf,
  intOf,
  isInt,
  isList,
  type PhpArray,
  PhpFloat,
  PhpOpaque,
  type PhpValue,
} from "./php_value.ts";
import { serialize } from "./serialize.ts";
import { bytesOf, isBinary, textOf } from "./text.ts";
import { unserialize } from "./unserialize.ts";

/** Lists and objects within each other that a value of ours may have. */
const MAX_DEPTH = 64;

/**
 * Returns a value of PHP as handlers see it: floats as numbers, arrays as lists if
 * their keys are 0, 1, 2 and so on (an empty one is a list), as objects otherwise, and
 * strings that are no UTF-8 as bytes.
 *
 * @param value The value.
 * @param path What the value is called in errors.
 * @throws {TypeError} If it holds what has no form here: an object, an enum, a
 * reference, or a key that is no UTF-8.
 */
export function toJs(value: PhpValue, path = "value"): unknown {
  if (typeof value === "string") {
    return isBinary(value) ? bytesOf(value) : value;
  }
  if (value instanceof PhpFloat) return value.value;
  if (value instanceof PhpOpaque) {
    throw new TypeError(
      `Cannot read ${path} of a PHP session as it must be null, a boolean, a number, a string or an array: it is PHP's ${value.kind}`,
    );
  }
  if (!(value instanceof Map)) return value;
  if (!isList(value)) return toRecord(value, path);
  return [...value.values()].map((item, i) => toJs(item, `${path}.${i}`));
}

/**
 * Returns a value of ours as PHP gets it. Whole numbers that a double holds exactly
 * become integers, other numbers floats, bytes a string, `undefined` null (as a member
 * of an object it is left out), dates ISO 8601 text, maps and sets arrays.
 *
 * @param value The value.
 * @param path What the value is called in errors.
 * @throws {TypeError} If PHP has no such value.
 */
export function fromJs(
  value: unknown,
  path = "value",
  depth: number = MAX_DEPTH,
): PhpValue {
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value.toWellFormed();
    case "undefined":
      return null;
    case "number":
      return isPhpInt(value) ? value : new PhpFloat(value);
    case "bigint":
      if (isInt(value)) return intOf(value);
      return refuse(path, "an integer of more than 64 bits");
    case "object":
      if (depth === 0) return refuse(path, "nested too deep");
      return value === null ? null : fromObject(value, path, depth - 1);
    default:
      return refuse(path, `a ${typeof value}`);
  }
}

/**
 * Reads a session that PHP stored, as handlers see it.
 *
 * @param bytes What is stored; no bytes for no session.
 * @throws {ProtocolError} If it is no serialized value.
 * @throws {TypeError} If it is no array, or holds what has no form here.
 */
export function sessionToJs(bytes: Uint8Array): Record<string, unknown> {
  if (bytes.length === 0) return {};
  const value = unserialize(bytes);
  if (value instanceof Map) return toRecord(value, "session");
  if (value === null) return {};
  throw new TypeError(
    `Cannot read a PHP session as it must be an array or null: it is a ${typeof value}`,
  );
}

/**
 * Writes a session of ours as PHP stores it.
 *
 * @param session The session.
 * @returns The bytes; none for one without members.
 * @throws {TypeError} If PHP has no such value.
 */
export function sessionFromJs(
  session: Readonly<Record<string, unknown>>,
): Uint8Array<ArrayBuffer> {
  const value = fromJs(session, "session");
  return value instanceof Map && value.size > 0 ? serialize(value) : NO_BYTES;
}

function toRecord(array: PhpArray, path: string): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [key, item] of array) {
    if (isBinary(key)) {
      throw new TypeError(
        `Cannot read ${path} of a PHP session as keys must be UTF-8: one is not`,
      );
    }
    // Not assigned: that would make "__proto__" something else.
    Object.defineProperty(record, key, {
      value: toJs(item, `${path}.${key}`),
      configurable: true,
      enumerable: true,
      writable: true,
    });
  }
  return record;
}

function fromObject(value: object, path: string, depth: number): PhpValue {
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof Date) {
    return Number.isNaN(value.getTime()) ? null : value.toISOString();
  }
  if (Array.isArray(value) || value instanceof Set) {
    return arrayOfEntries([...value].entries(), path, depth);
  }
  if (value instanceof Map) return arrayOfEntries(value, path, depth);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined);
  return arrayOfEntries(entries, path, depth);
}

function arrayOfEntries(
  entries: Iterable<readonly [unknown, unknown]>,
  path: string,
  depth: number,
): PhpArray {
  const array = arrayOf({});
  for (const [key, item] of entries) {
    if (typeof key !== "string" && typeof key !== "number") {
      refuse(path, `a map with a ${typeof key} as key`);
    }
    const name = String(key).toWellFormed();
    array.set(name, fromJs(item, `${path}.${name}`, depth));
  }
  return array;
}

function isPhpInt(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

function refuse(path: string, what: string): never {
  throw new TypeError(
    `Cannot store ${path} for PHP as it must be null, a boolean, a number, a string, bytes, a list or an object: it is ${what}`,
  );
}
