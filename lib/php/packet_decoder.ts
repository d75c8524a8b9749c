import { ProtocolError } from "../base/errors.ts";
import { LENGTH_BYTES, LengthDecoder } from "./length_decoder.ts";
import {
  decodePacket,
  MAX_PACKET,
  PACKET_HEADER,
  type PhpPacket,
} from "./packet.ts";
import type { PhpValue } from "./php_value.ts";
import { serialize } from "./serialize.ts";

/** Fewest bytes of a serialized value, `N;`. */
const MIN_VALUE = 2;

/** Cuts a stream of bytes into packets of the original. */
export class PacketDecoder {
  readonly #pieces: LengthDecoder;

  /** @param maxLength Longest packet in bytes. */
  constructor(maxLength: number = MAX_PACKET) {
    this.#pieces = new LengthDecoder({
      what: "packet of a PHP node",
      uncounted: 0,
      min: PACKET_HEADER,
      max: maxLength,
    });
  }

  /** Longest packet that is taken from now on, in bytes. */
  set maxLength(maxLength: number) {
    this.#pieces.max = maxLength;
  }

  /**
   * Takes the next bytes. Iterate to the end before the next call. What packets hold
   * may be part of them: it is good until they change.
   *
   * @param chunk Bytes as they came.
   * @returns The packets that are whole.
   * @throws {ProtocolError} If a length is impossible; the packets before it have been
   * yielded, and the decoder is of no further use.
   */
  *push(chunk: Uint8Array): Generator<PhpPacket, void> {
    for (const piece of this.#pieces.push(chunk)) {
      const packet = decodePacket(piece);
      if (packet === undefined) {
        throw new ProtocolError(
          `Cannot read packet of a PHP node as its extra data must end within it: it has ${piece.length} bytes`,
        );
      }
      yield packet;
    }
  }
}

/** Cuts what a gateway of the original answers into serialized values. */
export class ReplyDecoder {
  readonly #pieces: LengthDecoder;

  /** @param maxLength Longest value in bytes. */
  constructor(maxLength: number = MAX_PACKET) {
    this.#pieces = new LengthDecoder({
      what: "reply of a PHP gateway",
      uncounted: LENGTH_BYTES,
      min: MIN_VALUE,
      max: maxLength,
    });
  }

  /**
   * Takes the next bytes. Iterate to the end before the next call. A value may be part
   * of them: it is good until they change.
   *
   * @param chunk Bytes as they came.
   * @returns The values that are whole, serialized.
   * @throws {ProtocolError} If a length is impossible.
   */
  *push(chunk: Uint8Array): Generator<Uint8Array, void> {
    for (const piece of this.#pieces.push(chunk)) {
      yield piece.subarray(LENGTH_BYTES);
    }
  }
}

/** Writes the answer to a query: its length, and the value. */
export function encodeReply(value: PhpValue): Uint8Array<ArrayBuffer> {
  return framedReply(serialize(value));
}

/** The same for a value that is serialized already. */
export function framedReply(value: Uint8Array): Uint8Array<ArrayBuffer> {
  const reply = new Uint8Array(LENGTH_BYTES + value.length);
  new DataView(reply.buffer).setUint32(0, value.length);
  reply.set(value, LENGTH_BYTES);
  return reply;
}
