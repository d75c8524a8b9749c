/**
 * A protocol for devices that speak neither lines nor WebSocket: a frame begins
 * with `$`, ends with `*` and a checksum in two hexadecimal digits, as in
 * `$21.5,40*2C`.
 *
 * @module
 */
import type { MessageProtocol } from "@gatewayworker/core/gateway";

const START = "$".charCodeAt(0);
const STAR = "*".charCodeAt(0);

/** Bytes after the message: `*` and two digits. */
const TRAILER_SIZE = 3;

/** Frames with a checksum. */
export const sensorProtocol: MessageProtocol = {
  decode(bytes) {
    if (bytes[0] !== START) throw new TypeError("A frame begins with $");
    const star = bytes.indexOf(STAR);
    if (star < 0 || bytes.length < star + TRAILER_SIZE) return undefined;
    const message = bytes.subarray(1, star);
    const size = star + TRAILER_SIZE;
    const checksum = new TextDecoder().decode(bytes.subarray(star + 1, size));
    if (checksum.toUpperCase() !== checksumOf(message)) {
      throw new TypeError("The checksum is wrong");
    }
    return { message, size };
  },
  encode(message) {
    const trailer = new TextEncoder().encode(`*${checksumOf(message)}`);
    return Uint8Array.of(START, ...message, ...trailer);
  },
};

/** All bytes combined with "exclusive or". */
export function checksumOf(message: Uint8Array): string {
  const sum = message.reduce((sum, byte) => sum ^ byte, 0);
  return sum.toString(16).toUpperCase().padStart(2, "0");
}
