import { parseJson } from "../../base/parse_json.ts";
import { textOf } from "../../php/text.ts";
import { MAX_NAME } from "../../wire/bodies/name.ts";

/** A session of PHP without members. */
const EMPTY_SESSIONS: readonly string[] = ["", "N;", "a:0:{}"];

/** Longest serialized value that can be an empty session. */
const LONGEST_EMPTY = 6;

/** Whether what PHP stored as a session says that there is none, or nothing in it. */
export function isPhpEmpty(session: Uint8Array): boolean {
  return session.length <= LONGEST_EMPTY &&
    EMPTY_SESSIONS.includes(textOf(session));
}

/**
 * Reads the name of a uid or group.
 *
 * @param extra What a packet has of it.
 * @throws {TypeError} If it is what PHP takes for none, or too long.
 */
export function nameFrom(extra: Uint8Array): string {
  const name = textOf(extra);
  if (name !== "" && name !== "0" && name.length <= MAX_NAME) return name;
  throw new TypeError(
    `Cannot address uid or group as it must be a text of 1 to ${MAX_NAME} characters, and not "0": found ${
      name.length > MAX_NAME ? `${name.length} characters` : `"${name}"`
    }`,
  );
}

/** Reads JSON of a packet; what is none is `undefined`. */
export function jsonFrom(extra: Uint8Array): unknown {
  try {
    return parseJson(textOf(extra));
  } catch {
    // The original goes on as if nothing had been said.
    return undefined;
  }
}

/** Reads a list, or the values of an object in its place; anything else is an empty one. */
export function valuesOf(value: unknown): unknown[] {
  return typeof value === "object" && value !== null
    ? Object.values(value)
    : [];
}

/**
 * Returns the key that PHP makes of a value in JSON when it looks something up, as text;
 * `undefined` for what can be none.
 */
export function keyOf(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
      return String(Math.trunc(value));
    case "boolean":
      return value ? "1" : "0";
    default:
      return value === null ? "" : undefined;
  }
}

/** Returns connection ids out of a list, or the values of an object. */
export function idsOf(value: unknown): number[] {
  return valuesOf(value).map(Number).filter(isConnectionId);
}

/** Returns the connection ids that are keys of an object or list, those of null apart. */
export function keyIdsOf(value: unknown): number[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value)
    .filter(([, entry]) => entry !== null)
    .map(([key]) => Number(key))
    .filter(isConnectionId);
}

function isConnectionId(id: number): boolean {
  return Number.isInteger(id) && id > 0 && id <= 0xffff_ffff;
}
