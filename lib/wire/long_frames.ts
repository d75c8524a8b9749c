import { Command } from "./command.ts";
import type { FrameHeader, FrameSink } from "./frame.ts";

/** Bytes of a message from which on its memory is lent. */
const LONG_MESSAGE = 2_048;

/** Reads without a long frame after which none is expected any more. */
const PATIENCE = 16;

/**
 * Hot where messages are long: tells a sink that keeps what it is told of frames in
 * memory that is lent. Of messages that are long, the sink is told where they are; of
 * all others it gets copies.
 */
export class LongFrames implements FrameSink {
  readonly #sink: FrameSink;
  #sinceLast = PATIENCE;

  /** @param sink Who is told in the end. */
  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Notes how long a frame is that has come, or begun to; returns whether more are likely. */
  areExpected(length: number): boolean {
    this.#sinceLast = length >= LONG_MESSAGE ? 0 : this.#sinceLast + 1;
    return this.#sinceLast < PATIENCE;
  }

  /** A frame came, in memory that is lent. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const isLong = end - start >= LONG_MESSAGE;
    if (isLong && header.command === Command.Message) {
      return this.#sink.onFrame(header, buffer, start, end);
    }
    const { memory } = header;
    const own = buffer.slice(start, end);
    header.memory = undefined;
    this.#sink.onFrame(header, own, 0, own.length);
    header.memory = memory;
  }
}
