/**
 * Hot: frames, in from a link.
 *
 * @module
 */
import { giveBuffer, LARGE_BUFFER, takeBuffer } from "../base/buffer_pool.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { FrameDecoder, type FrameSink, readLength } from "./frame.ts";

/** Bytes that a read may bring at least. */
const READ_LENGTH = 64 * 1024;

/** Bytes of a buffer: several small reads fit in one, or two messages of 64 KiB. */
const BUFFER_LENGTH = 2 * LARGE_BUFFER;

/** Room for bytes: what was decoded, what is not whole yet, and what is to come. */
class ReadBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView;
  /** Where the first frame begins that is not decoded. */
  start = 0;
  /** Where the next read goes. */
  filled = 0;

  /** @param bytes The memory: all of its buffer. */
  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer);
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
  const memory = keepFrames ? KEPT : LENT;
  let buffer = new ReadBuffer(memory.take(BUFFER_LENGTH));
  try {
    while (true) {
      const count = await conn.read(buffer.rest);
      if (count === null || !onRead()) return;
      buffer.filled += count;
      const { bytes, view, start, filled } = buffer;
      buffer.start = decoder.push(bytes, view, start, filled);
      buffer = withRoom(buffer, memory);
    }
  } finally {
    memory.give(buffer.bytes);
  }
}

/** Where the memory of buffers comes from, and goes. */
interface Memory {
  /** Whether it can be used again as soon as its frames were told. */
  readonly isLent: boolean;
  /** Returns memory of at least so many bytes. */
  take(length: number): Uint8Array<ArrayBuffer>;
  /** Takes memory back that is no longer read into. */
  give(bytes: Uint8Array<ArrayBuffer>): void;
}

/** Frames are done with when the call that tells of them returns. */
const LENT: Memory = { isLent: true, take: takeBuffer, give: giveBuffer };

/** Frames live on. */
const KEPT: Memory = {
  isLent: false,
  take: (length) => new Uint8Array(length),
  give: () => {},
};

/** Returns a buffer with what is not decoded, and room for the next read. */
function withRoom(buffer: ReadBuffer, memory: Memory): ReadBuffer {
  const { start, filled, wanted, bytes } = buffer;
  const isUsual = bytes.length === BUFFER_LENGTH;
  const isLong = wanted > READ_LENGTH;
  if (isLong && start + wanted <= bytes.length) return buffer;
  if (isUsual && memory.isLent && wanted <= BUFFER_LENGTH) {
    return buffer.moveTo(buffer);
  }
  if (isUsual && !isLong && bytes.length - filled >= READ_LENGTH) return buffer;
  // A long frame gets room as it comes, whatever was announced.
  const most = Math.max(4 * (filled - start), BUFFER_LENGTH);
  const length = isLong ? Math.min(wanted, most) : BUFFER_LENGTH;
  const next = buffer.moveTo(new ReadBuffer(memory.take(length)));
  memory.give(bytes);
  return next;
}
