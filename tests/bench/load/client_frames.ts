/**
 * A WebSocket client's side of RFC 6455, as far as a load generator needs it.
 *
 * Hot: `ReplyReader` runs over every byte received. It reads headers and the head
 * of each message, and steps over the rest.
 *
 * @module
 */
import {
  HEAD_SIZE,
  INDEX_DIGITS,
  readDigits,
  SENDER_AT,
  SEQUENCE_AT,
  SEQUENCE_DIGITS,
} from "./payload.ts";

/** Opcodes of RFC 6455 that a load generator sends or looks at. */
export const Opcode = { Text: 1, Close: 8, Ping: 9, Pong: 10 } as const;

/** The masking key of every frame; clients must mask, and any key will do on loopback. */
export const MASK: readonly number[] = [0x37, 0xfa, 0x21, 0x3d];

/** Most bytes of a message that is not one of ours: control frames and protocol talk. */
const MAX_OTHER = 125;

/** Builds one masked frame. */
export function encodeMasked(
  payload: Uint8Array,
  opcode: number = Opcode.Text,
): Uint8Array {
  const head = maskedHeaderSize(payload.length);
  const frame = new Uint8Array(head + payload.length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  if (payload.length < 126) {
    frame[1] = 0x80 | payload.length;
  } else if (payload.length < 65_536) {
    frame[1] = 0x80 | 126;
    view.setUint16(2, payload.length);
  } else {
    frame[1] = 0x80 | 127;
    view.setBigUint64(2, BigInt(payload.length));
  }
  frame.set(MASK, head - 4);
  for (let i = 0; i < payload.length; i++) {
    frame[head + i] = (payload[i] as number) ^ (MASK[i & 3] as number);
  }
  return frame;
}

/** Returns the bytes before the payload in a masked frame. */
export function maskedHeaderSize(length: number): number {
  return length < 126 ? 6 : length < 65_536 ? 8 : 14;
}

/** Who is told what a server sent. */
export interface ReplyListener {
  /** A bench message came, whole; -1 for what could not be read. */
  onMessage(sender: number, sequence: number): void;
  /** Something else came: `bytes` is valid during the call only. */
  onOther(opcode: number, bytes: Uint8Array): void;
}

/** How bench messages look inside WebSocket messages. */
export interface ReplyShape {
  /** Bytes of a whole WebSocket message. */
  readonly length: number;
  /** Bytes before the bench message in it. */
  readonly lead: number;
}

/** Cuts what a server sends into messages. */
export class ReplyReader {
  /** Where the next read goes: `buffer` from `filled` on. */
  readonly buffer: Uint8Array;
  readonly #listener: ReplyListener;
  readonly #shape: ReplyShape;
  #filled = 0;
  /** Payload bytes of the current message that have not come yet. */
  #missing = 0;
  #sender = -1;
  #sequence = -1;

  constructor(capacity: number, shape: ReplyShape, listener: ReplyListener) {
    this.buffer = new Uint8Array(capacity);
    this.#shape = shape;
    this.#listener = listener;
  }

  /** Bytes at the start of the buffer that wait for more. */
  get filled(): number {
    return this.#filled;
  }

  /** Reads the messages in the buffer, of which `count` further bytes were filled. */
  push(count: number): void {
    const end = this.#filled + count;
    let at = 0;
    while (true) {
      if (this.#missing > 0) {
        const step = Math.min(this.#missing, end - at);
        at += step;
        this.#missing -= step;
        if (this.#missing > 0) break;
        this.#listener.onMessage(this.#sender, this.#sequence);
      }
      const size = this.#readFrame(at, end);
      if (size === 0) break;
      at += size;
    }
    this.#filled = end - at;
    if (at > 0 && at < end) this.buffer.copyWithin(0, at, end);
  }

  /** Reads one frame's start; answers how many bytes it took, 0 if more must come. */
  #readFrame(at: number, end: number): number {
    const { buffer } = this;
    const { length: expected, lead } = this.#shape;
    const start = end - at < 2
      ? end + 1
      : at + headerSize(buffer[at + 1] as number);
    if (start > end) return 0;
    const length = payloadLength(buffer, at);
    if (length === expected) {
      if (end - start < lead + HEAD_SIZE) return 0;
      this.#sender = readDigits(buffer, start + lead + SENDER_AT, INDEX_DIGITS);
      this.#sequence = readDigits(
        buffer,
        start + lead + SEQUENCE_AT,
        SEQUENCE_DIGITS,
      );
      this.#missing = length;
      return start - at;
    }
    if (length > MAX_OTHER) {
      this.#sender = this.#sequence = -1;
      this.#missing = length;
      return start - at;
    }
    if (end - start < length) return 0;
    const opcode = (buffer[at] as number) & 15;
    this.#listener.onOther(opcode, buffer.subarray(start, start + length));
    return start + length - at;
  }
}

function headerSize(second: number): number {
  const length = second & 127;
  return length < 126 ? 2 : length === 126 ? 4 : 10;
}

function payloadLength(bytes: Uint8Array, at: number): number {
  const length = (bytes[at + 1] as number) & 127;
  if (length < 126) return length;
  let value = 0;
  for (let i = at + 2; i < at + headerSize(length); i++) {
    value = value * 256 + (bytes[i] as number);
  }
  return value;
}
