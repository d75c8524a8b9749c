/**
 * Hot: messages to clients whose sessions may outlive their sockets are framed here,
 * once for all who speak alike.
 *
 * @module
 */
import { concat } from "../../base/concat.ts";
import type { OutputCodec } from "../connection.ts";
import { copyBytes } from "../outgoing/chunk_queue.ts";
import {
  encodeFrame,
  headerSize,
  Opcode,
  webSocketCodec,
  writeHeader,
} from "../websocket/frames/websocket_frame.ts";
import { BinaryLetter, Letter } from "./letters.ts";

const encoder = new TextEncoder();

const MESSAGE = new Uint8Array([Letter.Message]);
const BINARY_MESSAGE = new Uint8Array([BinaryLetter.Message]);

/** Longest message that is written where it is kept, in place of an array of its own. */
const MAX_SHORT = 1_024;

/** What such clients speak; one for each codec of WebSocket. */
export class LastingCodec implements OutputCodec {
  readonly #socket: OutputCodec;

  private constructor(socket: OutputCodec) {
    this.#socket = socket;
  }

  /** Returns the one for sockets with that codec. */
  static over(socket: OutputCodec): LastingCodec {
    const known = codecs.get(socket);
    if (known !== undefined) return known;
    const codec = new LastingCodec(socket);
    codecs.set(socket, codec);
    return codec;
  }

  /**
   * How long the frame of a message is that {@linkcode writeMessage} can write.
   *
   * @param length Bytes of the message.
   * @returns 0 if it has to be encoded.
   */
  shortSize(length: number): number {
    const isShort = length <= MAX_SHORT && this.#socket === webSocketCodec;
    return isShort ? headerSize(length + 1) + length + 1 : 0;
  }

  /** Returns the frame of a message. */
  encode(payload: Uint8Array, binary: boolean): Uint8Array {
    return this.encodePart(payload, 0, payload.length, binary);
  }

  /** Does the same with `source[start, end)`. */
  encodePart(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): Uint8Array {
    if (this.#socket === webSocketCodec) {
      return frameMessage(source, start, end, binary);
    }
    const letter = binary ? BINARY_MESSAGE : MESSAGE;
    return this.#socket.encode(
      concat(letter, source.subarray(start, end)),
      binary,
    );
  }

  /** Returns the frame of a payload that has its letter already. */
  encodeTyped(payload: Uint8Array): Uint8Array {
    return this.#socket.encode(payload, payload[0] === BinaryLetter.Reply);
  }

  /** Encodes for these sockets what was encoded for others. */
  recode(frame: Uint8Array, before: LastingCodec): Uint8Array {
    return this.wrap(before.unwrap(frame));
  }

  /** Returns the frame of a payload that begins with its letter, whichever it is. */
  wrap(payload: Uint8Array): Uint8Array {
    const first = payload[0];
    const isBinary = first === BinaryLetter.Message ||
      first === BinaryLetter.Reply;
    return this.#socket.encode(payload, isBinary);
  }

  /** Returns what is in a frame, letter and all. */
  unwrap(frame: Uint8Array): Uint8Array {
    return this.#socket.decode?.(frame).payload ?? frame;
  }
}

const codecs = new WeakMap<OutputCodec, LastingCodec>();

function frameMessage(
  source: Uint8Array,
  start: number,
  end: number,
  binary: boolean,
): Uint8Array {
  const length = end - start + 1;
  const frame = new Uint8Array(headerSize(length) + length);
  writeMessage(frame, 0, source, start, end, binary);
  return frame;
}

/** Writes the frame of a message, `source[start, end)`, to `target` at `at`. */
export function writeMessage(
  target: Uint8Array,
  at: number,
  source: Uint8Array,
  start: number,
  end: number,
  binary: boolean,
): void {
  const opcode = binary ? Opcode.Binary : Opcode.Text;
  const begin = writeHeader(target, at, opcode, end - start + 1);
  target[begin] = binary ? BinaryLetter.Message : Letter.Message;
  copyBytes(target, begin + 1, source, start, end);
}

/** Returns the frame of a text that begins with a letter. It is not compressed. */
export function controlFrame(text: string): Uint8Array {
  return encodeFrame(Opcode.Text, encoder.encode(text));
}
