/**
 * Hot: every short message to a client whose session may outlive its socket.
 *
 * @module
 */
import { giveBuffer, takeBuffer } from "../../base/buffer_pool.ts";
import { NO_BYTES } from "../../base/no_bytes.ts";

/**
 * Bytes of short frames to one client, one behind the other, in memory that is
 * borrowed as long as there are any: an array for each would cost more than all else
 * that is done for a message.
 */
export class FrameBytes {
  #start = 0;
  #end = 0;
  /** Where `reserve` made room: valid until the next call of any method. */
  memory: Uint8Array<ArrayBuffer> = NO_BYTES;

  /** Where the oldest byte is. */
  get start(): number {
    return this.#start;
  }

  /** Returns where in `memory` so many bytes may go, behind all others. */
  reserve(size: number): number {
    if (this.#end + size > this.memory.length) this.#makeRoom(size);
    const at = this.#end;
    this.#end = at + size;
    return at;
  }

  /** Forgets the oldest bytes. */
  drop(size: number): void {
    this.#start += size;
    if (this.#start === this.#end) this.clear();
  }

  /** Forgets everything. */
  clear(): void {
    if (this.memory !== NO_BYTES) giveBuffer(this.memory);
    this.memory = NO_BYTES;
    this.#start = this.#end = 0;
  }

  /** Moves what is there to the beginning, or to where there is twice as much room. */
  #makeRoom(size: number): void {
    const { memory } = this;
    const used = this.#end - this.#start;
    if (2 * (used + size) <= memory.length) {
      memory.copyWithin(0, this.#start, this.#end);
    } else {
      this.memory = takeBuffer(2 * used + size);
      this.memory.set(memory.subarray(this.#start, this.#end));
      if (memory !== NO_BYTES) giveBuffer(memory);
    }
    this.#start = 0;
    this.#end = used;
  }
}
