/**
 * Hot: frames, in from a link.
 *
 * @module
 */
import { LARGE_BUFFER } from "../base/buffer_pool.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { FrameDecoder, type FrameSink, readLength } from "./frame.ts";
import { LentMemory } from "./lent_memory.ts";
import { LongFrames } from "./long_frames.ts";

/** Bytes that a read may bring at least. */
const READ_LENGTH = 64 * 1024;

/** Bytes of a buffer: several small reads fit in one, or two messages of 64 KiB. */
const BUFFER_LENGTH = 2 * LARGE_BUFFER;

/** How much more room a long frame may get than what has come of it. */
const MAX_AHEAD = 16;

/** Room for bytes: what was decoded, what is not whole yet, and what is to come. */
class ReadBuffer {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whose memory it is, if it is not for whoever is told of the frames. */
  readonly memory: LentMemory | undefined;
  readonly view: DataView;
  /** Where the first frame begins that is not decoded. */
  start = 0;
  /** Where the next read goes. */
  filled = 0;

  /** @param memory What is lent, or bytes to keep: all of their buffer. */
  constructor(memory: LentMemory | Uint8Array<ArrayBuffer>) {
    this.memory = memory instanceof LentMemory ? memory : undefined;
    this.bytes = memory instanceof LentMemory ? memory.bytes : memory;
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
 * Where frames may be kept, several small ones share memory that nobody uses again. To
 * make such for long ones takes longer than all else that is done with them, so as long
 * as these come, memory is lent. What it was lent for says `FrameHeader.memory`.
 *
 * @param conn Where bytes come from.
 * @param sink Is told of each frame.
 * @param keepFrames Whether the bytes it is told of with `onFrame` may be kept.
 * @param onRead Bytes came; returns whether they are wanted.
 * @throws {ProtocolError} If the bytes are no frames.
 */
export async function readFrames(
  conn: ByteStream,
  sink: FrameSink,
  keepFrames: boolean,
  onRead: () => boolean,
): Promise<void> {
  const long = new LongFrames(sink);
  const keptDecoder = new FrameDecoder(sink);
  const lentDecoder = new FrameDecoder(keepFrames ? long : sink);
  let buffer = newBuffer(!keepFrames, BUFFER_LENGTH);
  try {
    while (true) {
      const count = await conn.read(buffer.rest);
      if (count === null || !onRead()) return;
      buffer.filled += count;
      const { bytes, view, start, filled, memory } = buffer;
      const decoder = memory === undefined ? keptDecoder : lentDecoder;
      decoder.memory = memory;
      const first = buffer.wanted;
      buffer.start = decoder.push(bytes, view, start, filled);
      const isLent = !keepFrames ||
        long.areExpected(Math.max(first, buffer.wanted));
      buffer = withRoom(buffer, isLent);
    }
  } finally {
    buffer.memory?.release();
  }
}

function newBuffer(isLent: boolean, length: number): ReadBuffer {
  return new ReadBuffer(
    isLent ? new LentMemory(length) : new Uint8Array(length),
  );
}

/** Returns a buffer with what is not decoded, and room for the next read. */
function withRoom(buffer: ReadBuffer, isLent: boolean): ReadBuffer {
  const { start, filled, wanted, bytes, memory } = buffer;
  const isUsual = bytes.length === BUFFER_LENGTH;
  const isLong = wanted > READ_LENGTH;
  if (isLong && start + wanted <= bytes.length) return buffer;
  const isSame = isLent === (memory !== undefined);
  if (isUsual && isSame) {
    if (memory?.isFree && wanted <= BUFFER_LENGTH) {
      memory.forget();
      return buffer.moveTo(buffer);
    }
    if (!isLong && bytes.length - filled >= READ_LENGTH) return buffer;
  }
  // A long frame gets room as it comes, whatever was announced.
  const most = Math.max(MAX_AHEAD * (filled - start), BUFFER_LENGTH);
  const length = Math.max(Math.min(wanted, most), BUFFER_LENGTH);
  const next = buffer.moveTo(newBuffer(isLent, length));
  memory?.release();
  return next;
}
