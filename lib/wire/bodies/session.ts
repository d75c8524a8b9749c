/**
 * Sessions as they travel and are kept: a CBOR map, changed key by key.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import {
  type BodyMap,
  bytesField,
  decodeBody,
  decodeMap,
  decodeOwnMap,
  encodeBody,
  textListField,
} from "../body.ts";
import { checkSession, isPlainMap } from "./session_value.ts";

/**
 * A client's session: a plain object. Its values may be texts, numbers, booleans,
 * bigints, dates, bytes and other typed arrays, lists, maps, sets and plain objects.
 */
export type Session = Record<string, unknown>;

/** Most bytes of a session as CBOR that any gateway can be set to take. */
export const MAX_SESSION = 1_048_576;

/** What a CBOR text begins with: its upper three bits. */
const CBOR_TEXT = 0b011;

/** What changed in a session. */
export interface SessionChange {
  /** New values, by key. */
  readonly set: Session;
  /** Keys that are gone. */
  readonly remove: readonly string[];
}

/**
 * Decodes a session; an empty one if there are no bytes. Nothing in it shares memory
 * with the bytes, so that whoever changes it in place changes nothing else.
 *
 * @throws {ProtocolError} If the bytes are none.
 * @throws {TypeError} If it is one that a node of the original stored and that cannot be
 * read here; says why.
 */
export function decodeSession(bytes: Uint8Array | undefined): Session {
  if (bytes === undefined) return {};
  if (isUnreadable(bytes)) throw new TypeError(String(decodeBody(bytes)));
  return { ...decodeOwnMap(bytes) };
}

/**
 * Returns what stands for a session that a node of the original stored and nobody here
 * can read: a text that says why, in place of a map.
 */
export function unreadableSession(why: string): Uint8Array<ArrayBuffer> {
  return encodeBody(why);
}

/** Whether a session is one of {@linkcode unreadableSession}. */
export function isUnreadable(session: Uint8Array): boolean {
  return (session[0] ?? 0) >>> 5 === CBOR_TEXT;
}

/**
 * Checks and encodes a session.
 *
 * @returns Its bytes, `undefined` if it is empty.
 * @throws {TypeError} If it is no plain object, or a value is nothing that a session
 * can hold; names the key.
 * @throws {RangeError} If no gateway takes that many bytes.
 */
export function encodeSession(
  session: Session,
): Uint8Array<ArrayBuffer> | undefined {
  checkSession(session, MAX_SESSION);
  const bytes = encodeKeys(session);
  if (bytes !== undefined) checkSessionLength(bytes.length, MAX_SESSION);
  return bytes;
}

/**
 * Checks the size of a session.
 *
 * @throws {RangeError} If it has more bytes than the limit.
 */
export function checkSessionLength(length: number, limit: number): void {
  if (length <= limit) return;
  throw new RangeError(
    `Cannot store session as it must be at most ${limit} bytes of CBOR: it is ${length}`,
  );
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
  change: SessionChange,
): Uint8Array<ArrayBuffer> | undefined {
  return applyChanges(session, [change]);
}

/** Applies changes, one after another. */
export function applyChanges(
  session: Uint8Array | undefined,
  changes: Iterable<SessionChange>,
): Uint8Array<ArrayBuffer> | undefined {
  const next = decodeSession(session);
  for (const { set, remove } of changes) {
    for (const key of remove) delete next[key];
    Object.assign(next, set);
  }
  return encodeKeys(next);
}

/**
 * Merges new values in, plain objects within plain objects included, as the
 * original's `updateSession` does; lists are replaced.
 */
export function mergeSession(
  session: Uint8Array | undefined,
  update: Session,
): Uint8Array<ArrayBuffer> | undefined {
  return encodeKeys(mergeMaps(decodeSession(session), update));
}

/** Encodes a change. */
export function encodeChange({ set, remove }: SessionChange): Uint8Array {
  checkSession(set, MAX_SESSION);
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

function encodeKeys(session: Session): Uint8Array<ArrayBuffer> | undefined {
  return Object.keys(session).length === 0 ? undefined : encodeBody(session);
}

function mergeMaps(target: Session, update: BodyMap): Session {
  for (const [key, value] of Object.entries(update)) {
    const old = target[key];
    target[key] = isPlainMap(old) && isPlainMap(value)
      ? mergeMaps({ ...old }, value)
      : value;
  }
  return target;
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
