/**
 * Hot: RFC 6455 frames, out to the client. A server masks nothing.
 *
 * @module
 */
import { NO_BYTES } from "../../../base/no_bytes.ts";
import type {
  CloseReason,
  DecodedFrame,
  OutputCodec,
} from "../../connection.ts";
import { copyBytes } from "../../outgoing/chunk_queue.ts";

/** What a frame is (RFC 6455, section 5.2). */
export const Opcode = {
  Continuation: 0,
  Text: 1,
  Binary: 2,
  Close: 8,
  Ping: 9,
  Pong: 10,
} as const;

/** One of the numbers in {@linkcode Opcode}. */
export type Opcode = typeof Opcode[keyof typeof Opcode];

/** Most payload bytes of a control frame. */
export const MAX_CONTROL_PAYLOAD = 125;

/** First byte of a frame that is the last of its message. */
const FIN = 0x80;

/** In the first byte of a message, that it is compressed (RFC 7692, section 6). */
export const RSV1 = 0x40;

/** Payloads up to this length announce it in seven bits, the next in sixteen. */
const MAX_SHORT = 125;
const MAX_MEDIUM = 0xffff;

/** Returns the bytes of the header before a payload of that length. */
export function headerSize(length: number): number {
  return length <= MAX_SHORT ? 2 : length <= MAX_MEDIUM ? 4 : 10;
}

/**
 * Writes the header of an unfragmented frame.
 *
 * @param target Where to.
 * @param at Where in it the frame begins.
 * @param opcode What the frame is, and `RSV1` if it is compressed.
 * @param length Payload bytes.
 * @returns Where the payload begins.
 */
export function writeHeader(
  target: Uint8Array,
  at: number,
  opcode: number,
  length: number,
): number {
  target[at] = FIN | opcode;
  if (length <= MAX_SHORT) {
    target[at + 1] = length;
    return at + 2;
  }
  if (length <= MAX_MEDIUM) {
    target[at + 1] = 126;
    target[at + 2] = length >>> 8;
    target[at + 3] = length;
    return at + 4;
  }
  target[at + 1] = 127;
  for (let i = 9; i >= 2; i--) {
    target[at + i] = length;
    length = Math.floor(length / 256);
  }
  return at + 10;
}

/**
 * Encodes one unfragmented frame.
 *
 * @param opcode What the frame is, and `RSV1` if it is compressed.
 * @param payload Copied.
 * @returns The whole frame.
 */
export function encodeFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const length = payload.length;
  const frame = new Uint8Array(headerSize(length) + length);
  copyBytes(frame, writeHeader(frame, 0, opcode, length), payload, 0, length);
  return frame;
}

/** What a close frame without a code means to its receiver; never sent. */
export const CLOSE_NO_STATUS: CloseReason = { code: 1005, reason: "" };

/** The connection ended without a close frame; never sent. */
export const CLOSE_ABNORMAL: CloseReason = { code: 1006, reason: "" };

/** The client sent a text that is none. */
export const FAULT_TEXT: CloseReason = {
  code: 1007,
  reason: "text is not UTF-8",
};

/** The client sent a message longer than it may be. */
export const FAULT_SIZE: CloseReason = {
  code: 1009,
  reason: "message too big",
};

/**
 * Encodes a close frame.
 *
 * @param reason Its text is cut to what fits. An empty frame for 1005.
 * @returns The whole frame.
 */
export function encodeClose({ code, reason }: CloseReason): Uint8Array {
  if (code === CLOSE_NO_STATUS.code) {
    return encodeFrame(Opcode.Close, NO_BYTES);
  }
  const payload = new Uint8Array(MAX_CONTROL_PAYLOAD);
  payload[0] = code >>> 8;
  payload[1] = code;
  // encodeInto writes whole characters only, so the cut is between two of them.
  const { written } = new TextEncoder().encodeInto(reason, payload.subarray(2));
  return encodeFrame(Opcode.Close, payload.subarray(0, 2 + written));
}

/** Encodes messages as frames; all WebSocket connections share it. */
export const webSocketCodec: OutputCodec = {
  encode(payload: Uint8Array, binary: boolean): Uint8Array {
    return encodeFrame(binary ? Opcode.Binary : Opcode.Text, payload);
  },
  decode: (frame) => decodeFrame(frame),
};

/** Takes an unfragmented frame of ours apart that is not compressed. */
export function decodeFrame(frame: Uint8Array): DecodedFrame {
  const short = (frame[1] as number) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  return {
    payload: frame.subarray(start),
    binary: ((frame[0] as number) & 0x0f) === Opcode.Binary,
  };
}
