/**
 * A protocol for devices that speak neither lines nor WebSocket: a frame begins
 * with `$`, ends with `*` and a checksum in two hexadecimal digits, as in
 * `$21.5,40*30`.
 *
 * @module
 */
import type { MessageProtocol } from "@gatewayworker/core/gateway";

const START = "$".charCodeAt(0);
const STAR = "*".charCodeAt(0);

/** Bytes from the star on: it and two digits. */
const TRAILER_SIZE = 3;

/**
 * Frames with a checksum. Only where one ends is decided here; whether it is right
 * says {@linkcode readFrame}, to a handler that can answer. To throw in `decode` would
 * close the client without a word.
 */
export const sensorProtocol: MessageProtocol = {
  decode(bytes) {
    const star = bytes.indexOf(STAR);
    const size = star + TRAILER_SIZE;
    if (star < 0 || bytes.length < size) return undefined;
    return { message: bytes.subarray(0, size), size };
  },
  encode(message) {
    const trailer = new TextEncoder().encode(`*${checksumOf(message)}`);
    return Uint8Array.of(START, ...message, ...trailer);
  },
};

/**
 * Reads what a sensor sent.
 *
 * @returns What it measured.
 * @throws {TypeError} If that is no frame, or was damaged on its way.
 */
export function readFrame(frame: Uint8Array): string {
  if (frame[0] !== START) throw new TypeError("A frame begins with $");
  const message = frame.subarray(1, -TRAILER_SIZE);
  const decoder = new TextDecoder();
  const found = decoder.decode(frame.subarray(1 - TRAILER_SIZE)).toUpperCase();
  const wanted = checksumOf(message);
  if (found !== wanted) {
    throw new TypeError(`The checksum must be ${wanted}`);
  }
  return decoder.decode(message);
}

/** All bytes combined with "exclusive or". */
export function checksumOf(message: Uint8Array): string {
  const sum = message.reduce((sum, byte) => sum ^ byte, 0);
  return sum.toString(16).toUpperCase().padStart(2, "0");
}
