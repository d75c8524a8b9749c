import { giveBuffer, LARGE_BUFFER, takeBuffer } from "../base/buffer_pool.ts";
import { isEvent } from "./command.ts";

/** Bytes of a segment, unless one frame needs more. */
export const SEGMENT_LENGTH = LARGE_BUFFER;

/** A run of memory with whole frames in it. */
export class Segment {
  /** Bytes of frames that fit. */
  readonly capacity: number;
  /** The memory, which may be longer. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, for numbers. */
  readonly view: DataView;
  /** Where the next frame goes. */
  used = 0;
  /** Up to where bytes were handed to the operating system. */
  written = 0;
  /** Number of the last event up to and in this segment. */
  lastEvent: number;
  /** Bytes of events in it. */
  eventBytes = 0;
  /** Number of the event before its first. */
  #before: number;
  /** Number of the event that was looked for last, and where the frame after it is. */
  #found: number;
  #afterFound = 0;

  /**
   * @param capacity Bytes of frames that fit.
   * @param lastEvent Number of the event before its first.
   */
  constructor(capacity: number, lastEvent: number) {
    this.capacity = capacity;
    this.lastEvent = lastEvent;
    this.#before = lastEvent;
    this.#found = lastEvent;
    this.bytes = takeBuffer(capacity);
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.view = new DataView(buffer, byteOffset, byteLength);
  }

  /** Gives its memory back; nobody may touch it again. */
  release(): void {
    giveBuffer(this.bytes);
  }

  /** Empties it, behind the event of that number. */
  reset(lastEvent: number): void {
    this.used = 0;
    this.written = 0;
    this.eventBytes = 0;
    this.lastEvent = lastEvent;
    this.#before = lastEvent;
    this.#found = lastEvent;
    this.#afterFound = 0;
  }

  /** Number of its first event, if it has any. */
  get firstEvent(): number {
    return this.#before + 1;
  }

  /**
   * Returns where one of its events begins. To look for one after the other, forward,
   * passes each frame once.
   */
  placeOf(sequence: number): number {
    if (sequence <= this.#found) {
      this.#found = this.#before;
      this.#afterFound = 0;
    }
    const { view } = this;
    let at = this.#afterFound;
    while (true) {
      const next = at + view.getUint32(at);
      if (isEvent(view.getUint8(at + 4)) && ++this.#found === sequence) {
        this.#afterFound = next;
        return at;
      }
      at = next;
    }
  }
}
