/** Bytes of a segment, unless one frame needs more. */
export const SEGMENT_LENGTH = 64 * 1024;

/** A run of memory with whole frames in it. */
export class Segment {
  /** The memory. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same, for numbers. */
  readonly view: DataView;
  /** Where the next frame goes. */
  used = 0;
  /** Up to where bytes were handed to the operating system. */
  written = 0;
  /** Number of the last event up to and in this segment. */
  lastEvent = 0;
  /** Bytes of events in it. */
  eventBytes = 0;

  /** @param length Bytes of memory. */
  constructor(length: number) {
    this.bytes = new Uint8Array(length);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Empties it, behind the event of that number. */
  reset(lastEvent: number): void {
    this.used = 0;
    this.written = 0;
    this.eventBytes = 0;
    this.lastEvent = lastEvent;
  }
}
