/**
 * The reply to a command that the peer could not do.
 *
 * @module
 */
import { messageOf } from "../base/errors.ts";
import { encodeBody } from "./body.ts";

/** Encodes why a command failed, as the body of a reply. */
export function encodeFailure(error: unknown): Uint8Array<ArrayBuffer> {
  const name = error instanceof RangeError ? "RangeError" : "TypeError";
  return encodeBody([name, messageOf(error)]);
}

/** Turns the body of such a reply into the error to reject with. */
export function decodeFailure(value: unknown): Error {
  const [name, message] = Array.isArray(value) ? value : [undefined, value];
  return name === "RangeError"
    ? new RangeError(String(message))
    : new TypeError(String(message));
}
