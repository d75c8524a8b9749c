import { giveBuffer, takeBuffer } from "../base/buffer_pool.ts";

/** Bytes of a segment, unless one frame needs more. */
export const SEGMENT_LENGTH = 64 * 1024;

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

  /**
   * @param capacity Bytes of frames that fit.
   * @param lastEvent Number of the event before its first.
   */
  constructor(capacity: number, lastEvent: number) {
    this.capacity = capacity;
    this.lastEvent = lastEvent;
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
  }
}
