/**
 * Whom a command means, and the heads that say so: written by the cluster API, read
 * by the gateway.
 *
 * @module
 */
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberListField,
  textField,
  textListField,
} from "../body.ts";

/** The clients of one gateway that a message goes to. */
export interface Target {
  /** Only these connections; everybody if absent. */
  readonly connections?: readonly number[] | undefined;
  /** Not these connections. */
  readonly exclude?: readonly number[] | undefined;
  /** Clients bound to one of these uids. */
  readonly uids?: readonly string[] | undefined;
  /** Members of one of these groups. */
  readonly groups?: readonly string[] | undefined;
  /** A newer message of the same key may replace the message while it waits. */
  readonly key?: string | undefined;
}

/** Encodes a target as the head of a frame. */
export function encodeTarget(target: Target): Uint8Array {
  return encodeBody(target);
}

/**
 * Decodes a target.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeTarget(bytes: Uint8Array): Target {
  const body = decodeMap(bytes);
  return {
    connections: optional(body, "connections", numberListField),
    exclude: optional(body, "exclude", numberListField),
    uids: optional(body, "uids", textListField),
    groups: optional(body, "groups", textListField),
    key: textField(body, "key"),
  };
}

function optional<Item>(
  body: BodyMap,
  name: string,
  read: (body: BodyMap, name: string) => Item[],
): Item[] | undefined {
  const value = body[name];
  return value === undefined || value === null ? undefined : read(body, name);
}
