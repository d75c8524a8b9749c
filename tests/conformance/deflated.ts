import { Deflater } from "../../lib/transport/websocket/deflate/zlib_stream.ts";
import { clientFrame } from "../unit/transport/_feed.ts";
import { Op } from "./frames.ts";

/** First of the reserved bits: the message is compressed (RFC 7692, section 6). */
export const COMPRESSED = 4;

/** How a client compresses. */
export interface ClientDeflate {
  /** Whether messages refer to earlier ones. */
  readonly keepsContext: boolean;
  /**
   * Base-2 logarithm of its window.
   *
   * @default {15}
   */
  readonly windowBits?: number;
  /** Most bytes of a frame; one frame a message if left out. */
  readonly fragment?: number;
}

/** Compresses messages as a client that agreed on it. */
export function deflate(
  opcode: number,
  messages: readonly Uint8Array[],
  { keepsContext, windowBits = 15, fragment }: ClientDeflate,
): Uint8Array[] {
  const deflater = new Deflater({ windowBits, level: 6 });
  const frames = messages.flatMap((message) => {
    if (!keepsContext) deflater.reset();
    const payload = deflater.deflate(message, 0, message.length);
    return compressedFrames(opcode, payload, fragment ?? payload.length);
  });
  deflater.close();
  return frames;
}

/** Frames around a payload that is compressed already. */
export function compressedFrames(
  opcode: number,
  payload: Uint8Array,
  size: number = payload.length,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const isFirst = at === 0;
    frames.push(
      clientFrame(
        isFirst ? opcode : Op.Continuation,
        payload.slice(at, at + size),
        {
          fin: at + size >= payload.length,
          reserved: isFirst ? COMPRESSED : 0,
        },
      ),
    );
  }
  return frames;
}
