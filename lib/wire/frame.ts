/**
 * Hot: the header of every frame on a link.
 *
 * | offset | size | field                                                        |
 * | -----: | ---: | ------------------------------------------------------------ |
 * |      0 |    4 | length of the whole frame, this header included               |
 * |      4 |    1 | command                                                       |
 * |      5 |    1 | flags                                                         |
 * |      6 |    2 | earlier deliveries of an event that ended in a lost worker    |
 * |      8 |    4 | connection id of the client meant; 0 if none                  |
 * |     12 |    4 | number of the client's event, or request id; 0 if none        |
 *
 * Then the body: with `Flag.Head` a 4-byte length and that much CBOR, then the
 * payload to the end. All integers are unsigned and big-endian.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import type { LentMemory } from "./lent_memory.ts";

/** Bytes of a frame's header. */
export const HEADER_LENGTH = 16;

/** Bits of a header's flags. */
export const Flag = {
  /** The payload is binary; otherwise it is UTF-8 text. */
  Binary: 1,
  /** The body begins with a length and a CBOR head. */
  Head: 2,
  /** The event may have been handled before, by a worker that was lost. */
  Redelivered: 4,
  /** The payload goes to the socket past the client protocol's encoder. */
  Raw: 8,
  /** More replies to the same request follow. */
  More: 16,
  /** Of a message, to which `More` means nothing: it is a typed frame, and begins with its letter. */
  Typed: 16,
  /** The reply is an error; its body says which. */
  Failed: 32,
  /** A full queue may drop the message to make room for newer ones. */
  DropOldest: 64,
  /** A full queue drops the message; with `DropOldest`, a newer one of its key replaces it. */
  DropNewest: 128,
} as const;

/**
 * Largest frame that is accepted, in bytes. A client message of 64 MiB, the most
 * that `--max-message` allows, with a head of 1 MiB fits.
 */
export const MAX_FRAME = 66 * 1024 * 1024;

/** Most bytes after a header. */
export const MAX_BODY: number = MAX_FRAME - HEADER_LENGTH;

/** Returns the error of a frame whose body no peer would accept. */
export function frameTooLong(length: number): RangeError {
  return new RangeError(
    `Cannot send as a frame must be at most ${MAX_FRAME} bytes: it is ${
      HEADER_LENGTH + length
    }`,
  );
}

/** Who is told of each frame. Bytes are valid during the call only, unless the owner says otherwise. */
export interface FrameSink {
  /** A whole frame came; its body is `buffer[start, end)`. Not kept. */
  onFrame(
    header: FrameHeader,
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void;
}

/** The fields of one header; one object is used for every frame of a decoder. */
export class FrameHeader {
  /** What the frame means. */
  command = 0;
  /** Bits of {@linkcode Flag}. */
  flags = 0;
  /** Earlier deliveries that ended in a lost worker. */
  deliveries = 0;
  /** The client meant. */
  connectionId = 0;
  /** Event number or request id. */
  number = 0;
  /** Who lends the memory that the frame is in: to hold it makes its bytes last. */
  memory: LentMemory | undefined;
}

/** Writes a header at an offset; the caller has made room. */
export function writeHeader(
  view: DataView,
  offset: number,
  length: number,
  command: number,
  flags: number,
  connectionId: number,
  number: number,
  deliveries = 0,
): void {
  view.setUint32(offset, length);
  view.setUint32(offset + 4, command << 24 | flags << 16 | deliveries);
  view.setUint32(offset + 8, connectionId);
  view.setUint32(offset + 12, number);
}

/** Reads the header at an offset into `header`. */
export function readHeader(
  view: DataView,
  offset: number,
  header: FrameHeader,
): void {
  const word = view.getUint32(offset + 4);
  header.command = word >>> 24;
  header.flags = word >>> 16 & 0xff;
  header.deliveries = word & 0xffff;
  header.connectionId = view.getUint32(offset + 8);
  header.number = view.getUint32(offset + 12);
}

/**
 * Reads a frame's length and checks it.
 *
 * @throws {ProtocolError} If no frame can be that long.
 */
export function readLength(view: DataView, offset: number): number {
  const length = view.getUint32(offset);
  if (length < HEADER_LENGTH || length > MAX_FRAME) {
    throw new ProtocolError(
      `Cannot read frame as its length must be ${HEADER_LENGTH} to ${MAX_FRAME}: found ${length}`,
    );
  }
  return length;
}

/** Finds whole frames in a stream of bytes. Pure: it neither reads nor keeps bytes. */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #header = new FrameHeader();

  /** @param sink Who is told of each frame. */
  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Whose memory the bytes are in that are pushed, if it is lent. */
  set memory(memory: LentMemory | undefined) {
    this.#header.memory = memory;
  }

  /**
   * Tells the sink of every whole frame in `buffer[start, end)`.
   *
   * @returns Where the first frame begins that is not whole yet.
   * @throws {ProtocolError} If the bytes are no frames.
   */
  push(
    buffer: Uint8Array,
    view: DataView,
    start: number,
    end: number,
  ): number {
    let at = start;
    while (end - at >= 4) {
      const length = readLength(view, at);
      if (length > end - at) break;
      readHeader(view, at, this.#header);
      this.#sink.onFrame(
        this.#header,
        buffer,
        at + HEADER_LENGTH,
        at + length,
      );
      at += length;
    }
    return at;
  }
}

/**
 * Returns where the head of a frame ends, and its payload begins.
 *
 * @param buffer Holds the body in `[start, end)`.
 * @throws {ProtocolError} If the head is cut off.
 */
export function endOfHead(
  buffer: Uint8Array,
  start: number,
  end: number,
): number {
  const length = end - start < 4
    ? Infinity
    : new DataView(buffer.buffer, buffer.byteOffset + start).getUint32(0);
  if (length <= end - start - 4) return start + 4 + length;
  throw new ProtocolError("Cannot read frame: its head is cut off");
}
