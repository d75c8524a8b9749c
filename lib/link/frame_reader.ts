/**
 * Hot: frames, in from a link.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { ByteStream } from "./byte_stream.ts";
import { FrameDecoder, type FrameSink, readLength } from "./frame.ts";

/** Bytes of the read buffer of a link; grows while a longer frame comes. */
const READ_LENGTH = 64 * 1024;

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
  let buffer = new Uint8Array(READ_LENGTH);
  let view = new DataView(buffer.buffer);
  let filled = 0;
  while (true) {
    const count = await conn.read(buffer.subarray(filled));
    if (count === null || !onRead()) return;
    filled += count;
    const length = filled >= 4 ? readLength(view, 0) : 0;
    if (filled >= length) {
      const rest = keepFrames
        ? decodeCopy(decoder, buffer, filled)
        : decoder.push(buffer, view, 0, filled);
      buffer.copyWithin(0, rest, filled);
      filled -= rest;
      if (buffer.length > READ_LENGTH && filled < READ_LENGTH) {
        buffer = resize(buffer, READ_LENGTH, filled);
        view = new DataView(buffer.buffer);
      }
    } else if (filled === buffer.length) {
      buffer = resize(buffer, Math.min(length, buffer.length * 4), filled);
      view = new DataView(buffer.buffer);
    }
  }
}

/** Decodes what is whole, in bytes that stay; returns how many that was. */
function decodeCopy(
  decoder: FrameDecoder,
  buffer: Uint8Array,
  filled: number,
): number {
  // A `Buffer` decodes short texts in half the time of a `TextDecoder`.
  const copy = Buffer.from(buffer.slice(0, filled).buffer);
  return decoder.push(copy, new DataView(copy.buffer), 0, filled);
}

function resize(
  buffer: Uint8Array,
  length: number,
  filled: number,
): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(length, filled));
  larger.set(buffer.subarray(0, filled));
  return larger;
}
