/**
 * What a bridge hands a gateway: commands of another cell, each with its number there,
 * so that none is done twice whichever bridge brings it, and that of whoever sent it, so
 * that none is done twice though it was sent again.
 *
 * | size | field                                                          |
 * | ---: | -------------------------------------------------------------- |
 * |    1 | length of the stream's name                                    |
 * |      | its name: the other cell and the shard                         |
 * |    8 | epoch of the bridge that delivers, a float                     |
 * |    8 | epoch of the bridge that numbered, a float                     |
 *
 * Then, for each command, its number, a float of 8 bytes; from version 6 of the link on
 * its origin, another one, 0 if it has none, and its number there (4 bytes); and a whole
 * frame.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { HEADER_LENGTH, readLength } from "../frame.ts";

/** Bytes of the numbers before a frame, without an origin and with one. */
const PLAIN_LENGTH = 8;
const ORIGIN_LENGTH = 20;

/** What stands before the frame of a command. */
export interface DeliveredNumbers {
  /** Its number in the other cell's stream. */
  number: number;
  /** Who sent it, if that counts what it sends; else 0. */
  origin: number;
  /** How the origin has numbered it. */
  originNumber: number;
}

/** Which commands these are. */
export interface DeliveryHead {
  /** The other cell and the shard. */
  readonly stream: string;
  /** Epoch of the bridge that delivers. */
  readonly deliverer: number;
  /** Epoch of the bridge that numbered. */
  readonly numberer: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Hot: puts a delivery together. */
export class DeliveryWriter {
  readonly #hasOrigins: boolean;
  #bytes = new Uint8Array(4_096);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

  /** @param hasOrigins Whether the gateway knows origins. */
  constructor(hasOrigins: boolean) {
    this.#hasOrigins = hasOrigins;
  }

  /** Whether nothing is in it. */
  get isEmpty(): boolean {
    return this.#used === 0;
  }

  /** How long it is. */
  get length(): number {
    return this.#used;
  }

  /** Begins one. */
  begin({ stream, deliverer, numberer }: DeliveryHead): void {
    const name = encoder.encode(stream);
    this.#reserve(1 + name.length + 16);
    this.#bytes[0] = name.length;
    this.#bytes.set(name, 1);
    this.#view.setFloat64(1 + name.length, deliverer);
    this.#view.setFloat64(9 + name.length, numberer);
    this.#used = 17 + name.length;
  }

  /**
   * Appends a command.
   *
   * @param numbers Its numbers.
   * @param id The request id that it is to have here.
   * @param stamp What stands for its client where that is a stamp; `undefined` if it is not.
   * @param buffer Holds its frame in `[start, end)`.
   */
  append(
    { number, origin, originNumber }: DeliveredNumbers,
    id: number,
    stamp: number | undefined,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const at = this.#used;
    const from = at + (this.#hasOrigins ? ORIGIN_LENGTH : PLAIN_LENGTH);
    this.#reserve(from + end - start);
    this.#view.setFloat64(at, number);
    if (this.#hasOrigins) {
      this.#view.setFloat64(at + 8, origin);
      this.#view.setUint32(at + 16, originNumber);
    }
    this.#bytes.set(buffer.subarray(start, end), from);
    if (stamp !== undefined) this.#view.setUint32(from + 8, stamp);
    this.#view.setUint32(from + 12, id);
    this.#used = from + end - start;
  }

  /** Returns what was written, valid until the next is begun. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    return bytes;
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const bytes = new Uint8Array(Math.max(length, 2 * this.#bytes.length));
    bytes.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}

/**
 * Reads the beginning of a delivery.
 *
 * @param view Over all of it.
 * @returns What it says, and where its commands begin.
 * @throws {ProtocolError} If it is cut off, or an epoch is no number.
 */
export function readDeliveryHead(
  view: DataView,
): DeliveryHead & { readonly at: number } {
  const length = view.byteLength > 0 ? view.getUint8(0) : 0;
  const at = 17 + length;
  if (view.byteLength < at) throw cutOff();
  const name = new Uint8Array(view.buffer, view.byteOffset + 1, length);
  const deliverer = finite("deliverer's epoch", view.getFloat64(at - 16));
  const numberer = finite("numberer's epoch", view.getFloat64(at - 8));
  return { stream: decoder.decode(name), deliverer, numberer, at };
}

/**
 * Reads each command of a delivery.
 *
 * @param view Over all of it.
 * @param at Where they begin.
 * @param hasOrigins Whether each has an origin.
 * @param take Is told its numbers, valid during the call, and where the frame begins and ends.
 * @throws {ProtocolError} If one is cut off, or has a number that is none.
 */
export function readDelivered(
  view: DataView,
  at: number,
  hasOrigins: boolean,
  take: (numbers: DeliveredNumbers, start: number, end: number) => void,
): void {
  const before = hasOrigins ? ORIGIN_LENGTH : PLAIN_LENGTH;
  const numbers = { number: 0, origin: 0, originNumber: 0 };
  while (at < view.byteLength) {
    const start = at + before;
    if (view.byteLength < start + HEADER_LENGTH) throw cutOff();
    const end = start + readLength(view, start);
    if (view.byteLength < end) throw cutOff();
    numbers.number = finite("number", view.getFloat64(at));
    if (hasOrigins) {
      numbers.origin = finite("origin", view.getFloat64(at + 8));
      numbers.originNumber = view.getUint32(at + 16);
    }
    take(numbers, start, end);
    at = end;
  }
}

function finite(what: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new ProtocolError(
    `Cannot read delivery of another cell: its ${what} must be a finite number, found ${value}`,
  );
}

function cutOff(): ProtocolError {
  return new ProtocolError(
    "Cannot read delivery of another cell: it is cut off",
  );
}
