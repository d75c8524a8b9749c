/**
 * WebSocket as a client speaks it (RFC 6455), as little as the suite needs and with
 * nothing of ours in it: what is tested must not test itself.
 *
 * @module
 */

/** Opcodes. */
export const Opcode = {
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

const MASK = [0x37, 0xfa, 0x21, 0x3d] as const;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Encodes a masked frame. */
export function encodeFrame(
  opcode: number,
  payload: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const { length } = payload;
  const head = length < 126 ? 6 : length < 65_536 ? 8 : 14;
  const frame = new Uint8Array(head + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  if (head === 6) frame[1] = 0x80 | length;
  else if (head === 8) {
    frame[1] = 0x80 | 126;
    view.setUint16(2, length);
  } else {
    frame[1] = 0x80 | 127;
    view.setBigUint64(2, BigInt(length));
  }
  frame.set(MASK, head - 4);
  for (let at = 0; at < length; at++) {
    frame[head + at] = (payload[at] ?? 0) ^ (MASK[at & 3] ?? 0);
  }
  return frame;
}

/** Encodes a text message. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return encodeFrame(Opcode.Text, encoder.encode(text));
}

/** Encodes a close frame. */
export function encodeClose(code: number): Uint8Array<ArrayBuffer> {
  return encodeFrame(Opcode.Close, new Uint8Array([code >> 8, code & 0xff]));
}

/** Returns the request that opens a connection. */
export function upgradeRequest(target: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(
    `GET ${target} HTTP/1.1\r\n` +
      "Host: 127.0.0.1\r\n" +
      "Connection: Upgrade\r\n" +
      "Upgrade: websocket\r\n" +
      "Sec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
}

/** What the answer to that key must hold (RFC 6455, section 1.3). */
export const ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/** What a server said. */
export interface ServerFrame {
  /** One of {@linkcode Opcode}. */
  readonly opcode: number;
  /** The text of a message; empty otherwise. */
  readonly text: string;
  /** Bytes of the payload. */
  readonly length: number;
  /** The code of a close frame; 1005 if it has none, 0 for other frames. */
  readonly code: number;
}

/** Takes bytes and finds the frames in them. */
export class FrameReader {
  #buffer = new Uint8Array(4_096);
  #filled = 0;

  /** Takes bytes, which are copied; returns the frames that are whole now. */
  push(bytes: Uint8Array): ServerFrame[] {
    this.#append(bytes);
    const frames: ServerFrame[] = [];
    let at = 0;
    while (true) {
      const length = frameLength(this.#buffer.subarray(at, this.#filled));
      if (length === undefined || at + length > this.#filled) break;
      frames.push(readFrame(this.#buffer.subarray(at, at + length)));
      at += length;
    }
    this.#buffer.copyWithin(0, at, this.#filled);
    this.#filled -= at;
    return frames;
  }

  #append(bytes: Uint8Array): void {
    const needed = this.#filled + bytes.length;
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
      larger.set(this.#buffer.subarray(0, this.#filled));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#filled);
    this.#filled = needed;
  }
}

/** Bytes of the first frame, head included; `undefined` if that cannot be told yet. */
function frameLength(bytes: Uint8Array): number | undefined {
  const { start, length } = headOf(bytes);
  return length === undefined ? undefined : start + length;
}

function headOf(
  bytes: Uint8Array,
): { start: number; length: number | undefined } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < 2) return { start: 2, length: undefined };
  const short = view.getUint8(1);
  if (short < 126) return { start: 2, length: short };
  const start = short === 126 ? 4 : 10;
  if (bytes.length < start) return { start, length: undefined };
  const length = short === 126
    ? view.getUint16(2)
    : Number(view.getBigUint64(2));
  return { start, length };
}

function readFrame(bytes: Uint8Array): ServerFrame {
  const opcode = (bytes[0] ?? 0) & 0x0f;
  const payload = bytes.subarray(headOf(bytes).start);
  const { length } = payload;
  const text = opcode === Opcode.Text ? decoder.decode(payload) : "";
  if (opcode !== Opcode.Close) return { opcode, text, length, code: 0 };
  const code = length < 2 ? 1005 : (payload[0] ?? 0) << 8 | (payload[1] ?? 0);
  return { opcode, text, length, code };
}
