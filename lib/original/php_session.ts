/**
 * Sessions of the original as handlers see them, and what handlers change in them.
 *
 * @module
 */
import { NO_BYTES } from "../base/no_bytes.ts";
import { fromJs, toJs } from "../php/convert.ts";
import {
  hasReference,
  type PhpArray,
  type PhpValue,
} from "../php/php_value.ts";
import { serialize } from "../php/serialize.ts";
import { unserialize } from "../php/unserialize.ts";
import { encodeSession, type Session } from "../wire/bodies/session.ts";
import { isBinary } from "../php/text.ts";

/** A session as a handler is told it. */
export interface ReadSession {
  /** As CBOR; `undefined` if it is empty. */
  readonly session: Uint8Array<ArrayBuffer> | undefined;
  /** What was left out as only PHP can read it, with the reason; nothing if all is there. */
  readonly leftOut: string | undefined;
}

/**
 * Reads a session. Keys whose values only PHP can read are left out: they stay in the
 * session when the handler changes others.
 *
 * @param bytes As the gateway has it; no bytes for no session.
 */
export function readSession(bytes: Uint8Array): ReadSession {
  const session: Session = {};
  let leftOut: string | undefined;
  try {
    for (const [key, value] of treeOf(bytes)) {
      const name = isBinary(key) ? "a key that is no UTF-8" : key;
      try {
        if (isBinary(key)) throw new TypeError("keys must be UTF-8");
        session[key] = toJs(value, key);
      } catch (error) {
        leftOut ??= `${name}: ${(error as Error).message}`;
      }
    }
    return { session: encodeSession(session), leftOut };
  } catch (error) {
    return { session: undefined, leftOut: (error as Error).message };
  }
}

/**
 * Reads all of a session.
 *
 * @throws {TypeError} If something in it only PHP can read; names it.
 * @throws {RangeError} If it is too large.
 */
export function readWholeSession(
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const { session, leftOut } = readSession(bytes);
  if (leftOut === undefined) return session;
  throw new TypeError(`Cannot read the session: ${leftOut}`);
}

/**
 * Makes a handler's changes in a session, key by key: whatever else is in it stays as
 * it is.
 *
 * @param bytes As the gateway has it.
 * @param set New values, by key.
 * @param remove Keys that are gone.
 * @returns What the gateway is to have; no bytes for no session.
 * @throws {TypeError} If PHP has no such value, or something in the session counts what
 * stands before it, so that it would mean something else afterwards.
 */
export function changeSession(
  bytes: Uint8Array,
  set: Session,
  remove: readonly string[],
): Uint8Array<ArrayBuffer> {
  const tree = treeOf(bytes);
  if (hasReference(tree)) {
    throw new TypeError(
      "Cannot change the session as it must hold no references of PHP: it holds one",
    );
  }
  for (const key of remove) tree.delete(key);
  for (const [key, value] of Object.entries(set)) {
    tree.set(key, fromJs(value, key));
  }
  return tree.size === 0 ? NO_BYTES : serialize(tree);
}

/** Whether a list is anywhere in a value: the original merges lists item by item. */
export function hasList(value: PhpValue): boolean {
  if (!(value instanceof Map)) return false;
  return value.has("0") || [...value.values()].some(hasList);
}

function treeOf(bytes: Uint8Array): PhpArray {
  if (bytes.length === 0) return new Map();
  const value = unserialize(bytes);
  if (value instanceof Map) return value;
  if (value === null) return new Map();
  throw new TypeError(
    `Cannot read the session as it must be an array of PHP: it is a ${typeof value}`,
  );
}
