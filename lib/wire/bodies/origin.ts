/**
 * Who numbers its sends to other cells, so that none is done twice though it is sent
 * again: a worker or program, by a number that it drew at its start. It fits where a
 * frame between cells has no request id: 32 bits there, and 16 more, of which one is set,
 * where an event has its deliveries.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import type { FrameHeader } from "../frame.ts";

/** What the low part counts to. */
const LOW = 2 ** 32;

/** Draws one, at random. */
export function newOrigin(): number {
  const [low = 0, high = 0] = crypto.getRandomValues(new Uint32Array(2));
  return originFrom(high, low);
}

/** Makes one of bits: those of `high` beyond 16 do not matter. */
export function originFrom(high: number, low: number): number {
  return ((high & 0xffff) || 1) * LOW + low;
}

/** The part of an origin that stands where an event has its deliveries; 0 of none. */
export function highOf(origin: number): number {
  return Math.floor(origin / LOW);
}

/** The part of an origin that stands where others have a request id. */
export function lowOf(origin: number): number {
  return origin % LOW;
}

/** The origin in the header of a frame between cells; 0 if it has none. */
export function originOf({ deliveries, number }: FrameHeader): number {
  return deliveries === 0 ? 0 : deliveries * LOW + number;
}

/** Whether a number of an origin comes after another one; they begin again after 2^32. */
export function isAfter(number: number, other: number): boolean {
  return (number - other | 0) > 0;
}

/** The number after another one; never 0. */
export function after(number: number): number {
  return number >= LOW - 1 ? 1 : number + 1;
}

/** Encodes an origin as the body of a frame. */
export function encodeOrigin(origin: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, origin);
  return bytes;
}

/**
 * Reads one.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readOrigin(bytes: Uint8Array): number {
  const isOne = bytes.length === 8;
  const origin = isOne
    ? new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0)
    : NaN;
  if (Number.isInteger(origin) && origin >= LOW && origin < 2 ** 48) {
    return origin;
  }
  throw new ProtocolError(
    `Cannot read origin of sends: it must be a whole number of 33 to 48 bits, found ${origin}`,
  );
}
