import { ENTRY_COST } from "../base/entry_cost.ts";
import { NO_BYTES } from "../base/no_bytes.ts";
import {
  type FrameMemory,
  type LoggedEvent,
  readEvent,
} from "./logged_event.ts";

/** Where in a frame its number is. */
const NUMBER_AT = 12;

/**
 * Frames of one client's events, copied out of a log so as not to hold on to it:
 * oldest first, as small as they were on the wire. Pure memory, no I/O.
 */
export class FrameCopies implements FrameMemory {
  #start = 0;
  #end = 0;
  /** How many there are. */
  length = 0;
  /** The memory. */
  bytes: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** The same, for numbers. */
  view: DataView = new DataView(NO_BYTES.buffer);

  /** What they count for: their worker has them too, each with objects around it. */
  get cost(): number {
    return this.#end - this.#start + this.length * ENTRY_COST;
  }

  /** Adds the newest: the frame that begins at a place. */
  push({ bytes, view }: FrameMemory, at: number): void {
    const length = view.getUint32(at);
    if (this.#end + length > this.bytes.length) this.#grow(length);
    this.bytes.set(bytes.subarray(at, at + length), this.#end);
    this.#end += length;
    this.length++;
  }

  /** Drops the events up to that number; returns how many there were. */
  dropUpTo(number: number): number {
    let count = 0;
    while (
      this.#start < this.#end &&
      this.view.getUint32(this.#start + NUMBER_AT) <= number
    ) {
      this.#start += this.view.getUint32(this.#start);
      count++;
    }
    this.length -= count;
    return count;
  }

  /** Reads the events back, in order. Payloads are copied. */
  *[Symbol.iterator](): Generator<LoggedEvent> {
    const { view } = this;
    for (let at = this.#start; at < this.#end; at += view.getUint32(at)) {
      yield readEvent(this, at);
    }
  }

  /** Makes room for one more, twice as much if there are several. */
  #grow(length: number): void {
    const held = this.bytes.subarray(this.#start, this.#end);
    const bytes = new Uint8Array(
      Math.max(held.length + length, 2 * held.length),
    );
    bytes.set(held);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
    this.#start = 0;
    this.#end = held.length;
  }
}
