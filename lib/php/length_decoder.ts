import { ProtocolError } from "../base/errors.ts";
import { NO_BYTES } from "../base/no_bytes.ts";

/** Bytes of a length. */
export const LENGTH_BYTES = 4;

/** Bytes that room for a piece has at least. */
const MIN_ROOM = 256;

/** What lengths mean, and may be. */
export interface LengthRules {
  /** What is read, for errors: `packet`. */
  readonly what: string;
  /** Bytes of a piece that its length does not count. */
  readonly uncounted: number;
  /** Least length that is one. */
  readonly min: number;
  /** Greatest length that is taken. */
  max: number;
}

/** Cuts a stream of bytes into pieces that begin with their length, in 4 bytes. */
export class LengthDecoder {
  readonly #rules: LengthRules;
  /** Room for the piece that is not whole; it grows as the piece comes. */
  #room: Uint8Array = NO_BYTES;
  #filled = 0;

  /** Creates a decoder that has read nothing. */
  constructor(rules: LengthRules) {
    this.#rules = { ...rules };
  }

  /** Greatest length that is taken from now on. */
  set max(max: number) {
    this.#rules.max = max;
  }

  /**
   * Takes the next bytes. Iterate to the end before the next call. A piece may be part
   * of them: it is good until they change.
   *
   * @param chunk Bytes as they came.
   * @returns The pieces that are whole, each with its length.
   * @throws {ProtocolError} If a length is impossible; the pieces before it have been
   * yielded, and the decoder is of no further use.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    let at = 0;
    while (at < chunk.length) {
      const rest = chunk.subarray(at);
      const length = this.#filled > 0 ? Infinity : this.#lengthOf(rest);
      if (length <= rest.length) {
        at += length;
        yield rest.subarray(0, length);
      } else {
        at += this.#keep(rest);
        const piece = this.#takeWhole();
        if (piece !== undefined) yield piece;
      }
    }
  }

  /** Length of the piece that begins with some bytes; `Infinity` if these do not say. */
  #lengthOf(bytes: Uint8Array): number {
    if (bytes.length < LENGTH_BYTES) return Infinity;
    const { what, uncounted, min, max } = this.#rules;
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (length >= min && length <= max) return length + uncounted;
    throw new ProtocolError(
      `Cannot read ${what} as its length must be ${min} to ${max}: it is ${length}`,
    );
  }

  /** Keeps what belongs to the piece that has begun, as far as its end is known. */
  #keep(bytes: Uint8Array): number {
    const length = this.#lengthOf(this.#room.subarray(0, this.#filled));
    const wanted = Number.isFinite(length) ? length : LENGTH_BYTES;
    const part = bytes.subarray(0, wanted - this.#filled);
    const needed = this.#filled + part.length;
    if (needed > this.#room.length) this.#grow(needed);
    this.#room.set(part, this.#filled);
    this.#filled = needed;
    return part.length;
  }

  #grow(needed: number): void {
    const room = new Uint8Array(Math.max(MIN_ROOM, needed, 2 * this.#filled));
    room.set(this.#room.subarray(0, this.#filled));
    this.#room = room;
  }

  #takeWhole(): Uint8Array | undefined {
    const kept = this.#room.subarray(0, this.#filled);
    if (this.#lengthOf(kept) !== this.#filled) return undefined;
    this.#room = NO_BYTES;
    this.#filled = 0;
    return kept;
  }
}
