/**
 * Hot: every byte of a client is read into one of these.
 *
 * @module
 */
import {
  giveBuffer,
  LARGE_BUFFER,
  MEDIUM_BUFFER,
  SMALL_BUFFER,
  takeBuffer,
} from "../../base/buffer_pool.ts";

/** What a client has sent that was not taken yet, and room for more. */
export class ReadBuffer {
  #restingSize = SMALL_BUFFER;
  /** What comes brings memory: none is held for it. */
  #isAdopting = false;
  /** The memory is another's, until what came there was taken. */
  #isAdopted = false;
  /** The memory; valid until the next call of any method. */
  bytes: Uint8Array<ArrayBuffer> | undefined;
  /** Bytes at its beginning that were not taken. */
  filled = 0;

  /** Where the next read goes. */
  space(): Uint8Array<ArrayBuffer> {
    const bytes = this.bytes ??= takeBuffer(this.#restingSize);
    return this.filled === 0 ? bytes : bytes.subarray(this.filled);
  }

  /**
   * Takes in `chunk[0, count)`, which came in memory that is another's: as it is, or
   * behind what was here. What is not taken of it is moved to memory of ours.
   *
   * @param wanted Bytes that the message needs in all; 0 if unknown.
   */
  adopt(chunk: Uint8Array<ArrayBuffer>, count: number, wanted: number): void {
    this.#isAdopting = true;
    if (this.filled === 0) {
      this.bytes = chunk;
      this.#isAdopted = true;
      return;
    }
    const buffer = this.bytes as Uint8Array<ArrayBuffer>;
    const length = this.filled + count;
    if (length > buffer.length) {
      const size = Math.max(length, roomFor(wanted, length, buffer.length));
      this.bytes = takeBuffer(size);
      this.bytes.set(buffer.subarray(0, this.filled));
      this.#give(buffer);
    }
    (this.bytes as Uint8Array).set(chunk.subarray(0, count), this.filled);
  }

  /**
   * All was taken: chooses the memory of the next read.
   *
   * @param end How much of the memory was used.
   * @param isQuiet Whether little has come after a long time.
   */
  emptied(end: number, isQuiet: boolean): void {
    const buffer = this.bytes as Uint8Array<ArrayBuffer>;
    this.filled = 0;
    if (this.#isAdopting) return this.release();
    let size = this.#restingSize;
    if (end === buffer.length && end <= LARGE_BUFFER) {
      // More is likely to wait: read it at once with a larger one.
      this.#restingSize = MEDIUM_BUFFER;
      size = end < MEDIUM_BUFFER ? MEDIUM_BUFFER : LARGE_BUFFER;
    } else if (isQuiet) {
      this.#restingSize = size = SMALL_BUFFER;
    }
    if (size === buffer.length) return;
    giveBuffer(buffer);
    this.bytes = takeBuffer(size);
  }

  /**
   * Keeps `[taken, end)`, the beginning of a message, and makes room for more of it.
   *
   * @param wanted Bytes that the message needs in all; 0 if unknown.
   */
  keepRest(taken: number, end: number, wanted: number): void {
    const buffer = this.bytes as Uint8Array<ArrayBuffer>;
    const length = end - taken;
    const capacity = this.#isAdopted
      ? Math.max(length, SMALL_BUFFER)
      : buffer.length;
    const size = roomFor(wanted, length, capacity);
    // A long handshake is not followed by another one, a long message may be.
    const isMessage = taken > 0 || wanted > 0;
    if (end === buffer.length && isMessage) this.#restingSize = MEDIUM_BUFFER;
    this.filled = length;
    if (size === buffer.length && !this.#isAdopted) {
      if (taken > 0) buffer.copyWithin(0, taken, end);
      return;
    }
    const larger = takeBuffer(size);
    larger.set(buffer.subarray(taken, end));
    this.#give(buffer);
    this.bytes = larger;
  }

  /** Nothing more is read. */
  release(): void {
    if (this.bytes !== undefined) this.#give(this.bytes);
    this.bytes = undefined;
  }

  /** Gives memory back that was borrowed: the pool would grow with each that was not. */
  #give(buffer: Uint8Array<ArrayBuffer>): void {
    if (!this.#isAdopted) giveBuffer(buffer);
    this.#isAdopted = false;
  }
}

/**
 * How large a buffer should be that holds `length` bytes of a message: larger when
 * three quarters full, but never much larger than what has come, whatever a client
 * announces. As much of a giant is copied on the way as a third of it.
 */
function roomFor(wanted: number, length: number, capacity: number): number {
  if (length * 4 <= capacity * 3) return capacity;
  if (wanted > 0 && wanted <= capacity) return capacity;
  const most = capacity < MEDIUM_BUFFER
    ? MEDIUM_BUFFER
    : Math.max(capacity * 4, LARGE_BUFFER);
  return wanted > 0 ? Math.min(wanted, most) : most;
}
