/**
 * Sessions as they travel and are kept: a CBOR map, changed key by key.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import {
  type BodyMap,
  bytesField,
  decodeMap,
  encodeBody,
  textListField,
} from "./body.ts";

/** A client's session: whatever CBOR carries, under text keys. */
export type Session = Record<string, unknown>;

/** What changed in a session. */
export interface SessionChange {
  /** New values, by key. */
  readonly set: Session;
  /** Keys that are gone. */
  readonly remove: readonly string[];
}

/** Decodes a session; an empty one if there are no bytes. */
export function decodeSession(bytes: Uint8Array | undefined): Session {
  return bytes === undefined ? {} : { ...decodeMap(bytes) };
}

/**
 * Encodes a session.
 *
 * @returns Its bytes, `undefined` if it is empty.
 * @throws {TypeError} If a value is nothing that CBOR carries; names the key.
 */
export function encodeSession(
  session: Session,
): Uint8Array<ArrayBuffer> | undefined {
  const keys = Object.keys(session);
  if (keys.length === 0) return undefined;
  for (const key of keys) checkValue(session[key], key);
  return encodeBody(session);
}

/**
 * Compares two sessions key by key.
 *
 * @returns What leads from `before` to `after`; `undefined` if they are equal.
 */
export function diffSessions(
  before: Uint8Array | undefined,
  after: Session,
): SessionChange | undefined {
  const old = decodeSession(before);
  const set: Session = {};
  for (const [key, value] of Object.entries(after)) {
    if (!Object.hasOwn(old, key) || !sameValue(old[key], value)) {
      set[key] = value;
    }
  }
  const remove = Object.keys(old).filter((key) => !Object.hasOwn(after, key));
  if (remove.length === 0 && Object.keys(set).length === 0) return undefined;
  return { set, remove };
}

/** Applies a change, key by key. */
export function applyChange(
  session: Uint8Array | undefined,
  { set, remove }: SessionChange,
): Uint8Array<ArrayBuffer> | undefined {
  const next = decodeSession(session);
  for (const key of remove) delete next[key];
  return encodeSession(Object.assign(next, set));
}

/**
 * Merges new values in, maps within maps included, as the original's
 * `updateSession` does; lists are replaced.
 */
export function mergeSession(
  session: Uint8Array | undefined,
  update: Session,
): Uint8Array<ArrayBuffer> | undefined {
  return encodeSession(mergeMaps(decodeSession(session), update));
}

/** Encodes a change. */
export function encodeChange({ set, remove }: SessionChange): Uint8Array {
  for (const key of Object.keys(set)) checkValue(set[key], key);
  return encodeBody({ set: encodeBody(set), remove });
}

/**
 * Decodes a change.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeChange(bytes: Uint8Array): SessionChange {
  const body = decodeMap(bytes);
  const set = bytesField(body, "set");
  if (set === undefined) {
    throw new ProtocolError('Cannot decode session change: "set" is missing');
  }
  return { set: { ...decodeMap(set) }, remove: textListField(body, "remove") };
}

function mergeMaps(target: Session, update: Session): Session {
  for (const [key, value] of Object.entries(update)) {
    const old = target[key];
    target[key] = isPlainMap(old) && isPlainMap(value)
      ? mergeMaps({ ...old }, value)
      : value;
  }
  return target;
}

function isPlainMap(value: unknown): value is BodyMap {
  return typeof value === "object" && value !== null &&
    (Object.getPrototypeOf(value) === Object.prototype ||
      Object.getPrototypeOf(value) === null);
}

function sameValue(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object") return Object.is(a, b);
  return sameBytes(encodeBody(a), encodeBody(b));
}

/** Compares bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index++) {
    if (a[index] !== b[index]) return false;
  }
  return true;
}

function checkValue(value: unknown, key: string): void {
  if (typeof value === "function" || typeof value === "symbol") {
    throw new TypeError(
      `Cannot store session as "${key}" must be a value that CBOR carries: found a ${typeof value}`,
    );
  }
  if (Array.isArray(value)) {
    for (const item of value) checkValue(item, key);
  } else if (isPlainMap(value)) {
    for (const [name, item] of Object.entries(value)) {
      checkValue(item, `${key}.${name}`);
    }
  }
}
