/**
 * What a bridge tells whoever links to it: its cell, and what it is active for.
 *
 * @module
 */
import { decodeMap, encodeBody, numberListField, textField } from "../body.ts";

/** For which shards a bridge is active. */
export interface ActiveShards {
  /** Its cell. */
  readonly cell: string;
  /** For each shard its epoch, which only grows; 0 where it stands by, -1 if it leaves. */
  readonly epochs: readonly number[];
}

/** Encodes them. */
export function encodeActiveShards(shards: ActiveShards): Uint8Array {
  return encodeBody(shards);
}

/**
 * Reads them.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function readActiveShards(bytes: Uint8Array): ActiveShards {
  const body = decodeMap(bytes);
  return {
    cell: textField(body, "cell") ?? "",
    epochs: numberListField(body, "epochs"),
  };
}
