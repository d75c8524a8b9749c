/**
 * Hot: frames, in from a link.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ByteStream } from "./byte_stream.ts";
import { FrameDecoder, type FrameSink, readLength } from "./frame.ts";

/** Bytes that a read may bring at least. */
const READ_LENGTH = 64 * 1024;

/** Bytes of a buffer: several small reads fit in one. */
const BUFFER_LENGTH = 2 * READ_LENGTH;

/** Room for bytes: what was decoded, what is not whole yet, and what is to come. */
class ReadBuffer {
  // A `Buffer` decodes short texts in half the time of a `TextDecoder`.
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** Where the first frame begins that is not decoded. */
  start = 0;
  /** Where the next read goes. */
  filled = 0;

  constructor(length: number) {
    this.bytes = Buffer.from(new ArrayBuffer(length));
    this.view = new DataView(this.bytes.buffer);
  }

  /** The part that a read may fill. */
  get rest(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.bytes.buffer, this.filled);
  }

  /** Bytes of the first frame that is not decoded, as far as they are known. */
  get wanted(): number {
    const length = this.filled - this.start;
    return length < 4 ? 0 : readLength(this.view, this.start);
  }

  /** Moves what is not decoded to the front of a buffer, this or another. */
  moveTo(other: ReadBuffer): ReadBuffer {
    const { bytes, start, filled } = this;
    if (filled > start) other.bytes.set(bytes.subarray(start, filled));
    other.filled = filled - start;
    other.start = 0;
    return other;
  }
}

/**
 * Reads frames until the peer ends or nobody wants more.
 *
 * @param conn Where bytes come from.
 * @param sink Is told of each frame.
 * @param keepFrames Whether the bytes it is told of may be kept.
 * @param onRead Bytes came; returns whether they are wanted.
 * @throws {ProtocolError} If the bytes are no frames.
 */
export async function readFrames(
  conn: ByteStream,
  sink: FrameSink,
  keepFrames: boolean,
  onRead: () => boolean,
): Promise<void> {
  const decoder = new FrameDecoder(sink);
  let buffer = new ReadBuffer(BUFFER_LENGTH);
  while (true) {
    const count = await conn.read(buffer.rest);
    if (count === null || !onRead()) return;
    buffer.filled += count;
    const { bytes, view, start, filled } = buffer;
    buffer.start = decoder.push(bytes, view, start, filled);
    buffer = withRoom(buffer, keepFrames);
  }
}

/** Returns a buffer with what is not decoded, and room for the next read. */
function withRoom(buffer: ReadBuffer, keepFrames: boolean): ReadBuffer {
  const { start, filled, wanted, bytes } = buffer;
  const isUsual = bytes.length === BUFFER_LENGTH;
  if (wanted > READ_LENGTH) {
    if (start + wanted <= bytes.length) return buffer;
    // A long frame gets room as it comes, whatever was announced.
    const most = Math.max(4 * (filled - start), BUFFER_LENGTH);
    return buffer.moveTo(new ReadBuffer(Math.min(wanted, most)));
  }
  if (isUsual && !keepFrames) return buffer.moveTo(buffer);
  if (isUsual && bytes.length - filled >= READ_LENGTH) return buffer;
  return buffer.moveTo(new ReadBuffer(BUFFER_LENGTH));
}
