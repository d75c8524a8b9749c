import {
  headerSize,
  Opcode,
  writeHeader,
} from "../websocket/frames/websocket_frame.ts";

/** Bytes before each frame of a request's body: its length, and whether it is binary. */
const HEADER = 4;

/** In these four bytes, big-endian: the frame is binary. The rest is its length. */
const BINARY = 0x8000_0000;

/** In the second byte of a frame: a key of four bytes follows the length. */
const MASKED = 0x80;

/** The key that changes nothing. */
const KEY_SIZE = 4;

/**
 * Turns what a client posts into frames as a WebSocket client sends them (RFC 6455,
 * section 5.2). Pure: no I/O.
 *
 * @param body Frames, one behind another, each with its four bytes before it.
 * @returns The same as WebSocket frames, in memory of their own; `undefined` if the
 *   lengths do not end where the body does.
 */
export function toWebSocketFrames(
  body: Uint8Array,
): Uint8Array<ArrayBuffer> | undefined {
  const size = sizeOf(body);
  if (size < 0) return undefined;
  const target = new Uint8Array(size);
  let to = 0;
  for (const { start, end, isBinary } of framesIn(body)) {
    const opcode = isBinary ? Opcode.Binary : Opcode.Text;
    const key = writeHeader(target, to, opcode, end - start);
    (target[to + 1] as number) |= MASKED;
    target.set(body.subarray(start, end), key + KEY_SIZE);
    to = key + KEY_SIZE + end - start;
  }
  return target;
}

interface Posted {
  readonly start: number;
  readonly end: number;
  readonly isBinary: boolean;
}

function sizeOf(body: Uint8Array): number {
  let size = 0;
  let last = 0;
  for (const { start, end } of framesIn(body)) {
    size += headerSize(end - start) + KEY_SIZE + end - start;
    last = end;
  }
  return last === body.length ? size : -1;
}

function* framesIn(body: Uint8Array): Generator<Posted> {
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  let at = 0;
  while (at + HEADER <= body.length) {
    const mark = view.getUint32(at);
    const start = at + HEADER;
    const end = start + mark % BINARY;
    if (end > body.length) return;
    yield { start, end, isBinary: mark >= BINARY };
    at = end;
  }
}
