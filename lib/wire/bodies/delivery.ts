/**
 * What a bridge hands a gateway: commands of another cell, each with its number there,
 * so that none is done twice whichever bridge brings it.
 *
 * | size | field                                                          |
 * | ---: | -------------------------------------------------------------- |
 * |    1 | length of the stream's name                                    |
 * |      | its name: the other cell and the shard                         |
 * |    8 | epoch of the bridge that delivers, a float                     |
 * |    8 | epoch of the bridge that numbered, a float                     |
 *
 * Then, for each command, its number, a float of 8 bytes, and a whole frame.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { readLength } from "../frame.ts";

/** Bytes of a number before a frame. */
const NUMBER_LENGTH = 8;

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
  #bytes = new Uint8Array(4_096);
  #view = new DataView(this.#bytes.buffer);
  #used = 0;

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
   * @param number Its number in the other cell's stream.
   * @param id The request id that it is to have here.
   * @param stamp What stands for its client where that is a stamp; `undefined` if it is not.
   * @param buffer Holds its frame in `[start, end)`.
   */
  append(
    number: number,
    id: number,
    stamp: number | undefined,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const at = this.#used;
    this.#reserve(at + NUMBER_LENGTH + end - start);
    this.#view.setFloat64(at, number);
    this.#bytes.set(buffer.subarray(start, end), at + NUMBER_LENGTH);
    if (stamp !== undefined) {
      this.#view.setUint32(at + NUMBER_LENGTH + 8, stamp);
    }
    this.#view.setUint32(at + NUMBER_LENGTH + 12, id);
    this.#used = at + NUMBER_LENGTH + end - start;
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
 * @throws {ProtocolError} If it is cut off.
 */
export function readDeliveryHead(
  view: DataView,
): DeliveryHead & { readonly at: number } {
  const length = view.byteLength > 0 ? view.getUint8(0) : 0;
  const at = 17 + length;
  if (view.byteLength < at) throw cutOff();
  const name = new Uint8Array(view.buffer, view.byteOffset + 1, length);
  return {
    stream: decoder.decode(name),
    deliverer: view.getFloat64(at - 16),
    numberer: view.getFloat64(at - 8),
    at,
  };
}

/**
 * Reads each command of a delivery.
 *
 * @param view Over all of it.
 * @param at Where they begin.
 * @param take Is told the number, and where the frame begins and ends.
 * @throws {ProtocolError} If one is cut off.
 */
export function readDelivered(
  view: DataView,
  at: number,
  take: (number: number, start: number, end: number) => void,
): void {
  while (at < view.byteLength) {
    const start = at + NUMBER_LENGTH;
    if (view.byteLength < start + 4) throw cutOff();
    const end = start + readLength(view, start);
    if (view.byteLength < end) throw cutOff();
    take(view.getFloat64(at), start, end);
    at = end;
  }
}

function cutOff(): ProtocolError {
  return new ProtocolError(
    "Cannot read delivery of another cell: it is cut off",
  );
}
