/**
 * What bridges say to each other over NATS, apart from heartbeats: numbered frames, and
 * how far they have come.
 *
 * | offset | size | field                                                              |
 * | -----: | ---: | ------------------------------------------------------------------ |
 * |      0 |    1 | shard                                                              |
 * |      1 |    1 | flags of an acknowledgement: 1 a gap, 2 the sender was replaced    |
 * |      2 |    8 | epoch of who says it, a float as all that follow                   |
 * |     10 |    8 | epoch of whom it is for                                            |
 * |     18 |    8 | generation of what its cell said of absent names                   |
 * |     26 |    8 | data: number of the first frame; acknowledgement: last in order    |
 * |     34 |    8 | data: lowest number that may come; acknowledgement: numbers passed over |
 * |     42 |    8 | data: lowest number that could come when the two epochs met        |
 * |     50 |    1 | length of the cell's name                                          |
 *
 * Then the name of the cell that says it; then, of data, link frames.
 *
 * @module
 */
import { Kind, SEAL_HEADER, SEAL_LENGTH } from "../../nats/seal.ts";

/** Bytes before the name. */
const FIXED_LENGTH = 51;

/** Of an acknowledgement: frames before what came are missing. */
export const GAP = 1;

/** Of an acknowledgement: another bridge of the sender's cell is active by now. */
export const REPLACED = 2;

/** What every such message says. */
export interface CellMessage {
  /** What it is. */
  readonly kind: typeof Kind.Data | typeof Kind.Ack;
  /** The shard. */
  readonly shard: number;
  /** {@linkcode GAP}, {@linkcode REPLACED}. */
  readonly flags: number;
  /** The cell that says it. */
  readonly cell: string;
  /** Epoch of who says it. */
  readonly epoch: number;
  /** Epoch of whom it is for. */
  readonly to: number;
  /** Absent names of an older generation are void. */
  readonly generation: number;
  /** The first number, or the last in order. */
  readonly number: number;
  /** The lowest number that may come, or how many were passed over. */
  readonly floor: number;
  /** The lowest number that could come when these two began to speak. */
  readonly base: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes around the frames of a message from a cell. */
export function overheadOf(cell: string): number {
  return SEAL_HEADER + FIXED_LENGTH + cell.length + SEAL_LENGTH;
}

/** Writes a message, without the frames that follow, as the body of a seal. */
export function writeCellMessage(message: CellMessage): Uint8Array {
  const name = encoder.encode(message.cell);
  const bytes = new Uint8Array(FIXED_LENGTH + name.length);
  bytes[0] = message.shard;
  bytes[1] = message.flags;
  const view = new DataView(bytes.buffer);
  view.setFloat64(2, message.epoch);
  view.setFloat64(10, message.to);
  view.setFloat64(18, message.generation);
  view.setFloat64(26, message.number);
  view.setFloat64(34, message.floor);
  view.setFloat64(42, message.base);
  bytes[FIXED_LENGTH - 1] = name.length;
  bytes.set(name, FIXED_LENGTH);
  return bytes;
}

/**
 * Reads a message out of its seal.
 *
 * @param kind What the seal says that it is.
 * @param bytes What was sealed.
 * @returns It, and its frames; `undefined` if it is none.
 */
export function readCellMessage(
  kind: number,
  bytes: Uint8Array,
): CellMessage & { readonly frames: Uint8Array } | undefined {
  if (kind !== Kind.Data && kind !== Kind.Ack) return undefined;
  const at = FIXED_LENGTH + (bytes[FIXED_LENGTH - 1] ?? 0);
  if (bytes.length < at) return undefined;
  const [shard = 0, flags = 0] = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    kind,
    shard,
    flags,
    cell: decoder.decode(bytes.subarray(FIXED_LENGTH, at)),
    epoch: view.getFloat64(2),
    to: view.getFloat64(10),
    generation: view.getFloat64(18),
    number: view.getFloat64(26),
    floor: view.getFloat64(34),
    base: view.getFloat64(42),
    frames: bytes.subarray(at),
  };
}
