/**
 * What programs without links say to bridges, and what those answer.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { ProtocolError } from "../base/errors.ts";
import {
  bytesField,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  textListField,
} from "../wire/body.ts";
import { endOfHead } from "../wire/frame.ts";

/** Length of a push's id, in bytes. */
const ID_LENGTH = 16;

/** Milliseconds by which the clocks of a program and a bridge may differ. */
export const MAX_CLOCK_DIFFERENCE = 60_000;

/** Most bytes of frames in one push, unless it is a single frame. */
export const MAX_PUSH = 64 * 1024;

/** What a program says. */
export interface Push {
  /** The time of day, in milliseconds since 1970: an old push is not believed. */
  readonly time: number;
  /** Never used before: the same push is not believed twice. */
  readonly id: Uint8Array;
  /** How often it was pushed before, since nobody answered: it is answered, and done once. */
  readonly again: number;
  /** Frames as on a link. */
  readonly frames: Uint8Array;
}

/** What a bridge answers. */
export interface PushAnswer {
  /** The id of the push. */
  readonly id: Uint8Array;
  /** Whose bridge answers. */
  readonly cell: string;
  /** For which shard. */
  readonly shard: number;
  /** Since when that bridge is active for it: of two that are for a moment each may answer. */
  readonly epoch: number;
  /** How many shards its cell has. */
  readonly shards: number;
  /** How many clients were reached there. */
  readonly reached: number;
  /** All the cells it knows, its own included. */
  readonly cells: readonly string[];
  /** Those among them, and the gateways of its own, that are silent. */
  readonly silent: readonly string[];
}

/** Returns an id for a push. */
export function newPushId(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(randomBytes(ID_LENGTH));
}

/** Encodes a push as parts of a message's body. */
export function encodePush({ time, id, again, frames }: Push): Uint8Array[] {
  const head = encodeBody({ time, id, ...(again > 0 && { again }) });
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length);
  return [length, head, frames];
}

/**
 * Decodes a push. Its frames lie in the body.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodePush(body: Uint8Array): Push {
  const end = endOfHead(body, 0, body.length);
  const head = decodeMap(body.subarray(4, end));
  const [time, id] = [numberField(head, "time"), bytesField(head, "id")];
  if (time === undefined || id?.length !== ID_LENGTH) {
    throw new ProtocolError(
      `Cannot read push as it must have a time and an id of ${ID_LENGTH} bytes`,
    );
  }
  const again = numberField(head, "again") ?? 0;
  return { time, id, again, frames: body.subarray(end) };
}

/** Encodes an answer. */
export function encodePushAnswer(answer: PushAnswer): Uint8Array {
  return encodeBody(answer);
}

/**
 * Decodes an answer.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodePushAnswer(body: Uint8Array): PushAnswer {
  const map = decodeMap(body);
  const id = bytesField(map, "id");
  const cell = textField(map, "cell");
  if (id === undefined || cell === undefined) {
    throw new ProtocolError(
      "Cannot read answer to push as it must have an id and a cell",
    );
  }
  return {
    id,
    cell,
    shard: numberField(map, "shard") ?? 0,
    epoch: numberField(map, "epoch") ?? 0,
    shards: numberField(map, "shards") ?? 1,
    reached: numberField(map, "reached") ?? 0,
    cells: textListField(map, "cells"),
    silent: textListField(map, "silent"),
  };
}
