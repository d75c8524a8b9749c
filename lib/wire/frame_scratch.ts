import { NO_BYTES } from "../base/no_bytes.ts";
import { lastText } from "./decoded_text.ts";
import { Flag, HEADER_LENGTH, writeHeader } from "./frame.ts";

/** Bytes that are kept at least, and at most, between two frames. */
const MIN_LENGTH = 4_096;
const MAX_LENGTH = 1_048_576;

const encoder = new TextEncoder();

/**
 * Hot: takes one frame as a link would, into memory that the next one overwrites: an
 * array of its own for each costs more than all else that is done with it.
 */
export class FrameScratch {
  #view = new DataView(new ArrayBuffer(MIN_LENGTH));
  /** Holds the frame, in `[0, length)`. */
  bytes: Uint8Array = new Uint8Array(this.#view.buffer);
  /** How long the frame is. */
  length = 0;
  /** Who will read it is not known: it is spared what not everybody knows. */
  readonly peer: { readonly version: number } = { version: 0 };

  /** Takes a frame whose body is the payload. */
  send(
    command: number,
    connectionId: number,
    number: number,
    payload: Uint8Array = NO_BYTES,
    flags = 0,
  ): void {
    this.#begin(HEADER_LENGTH + payload.length);
    this.bytes.set(payload, HEADER_LENGTH);
    this.#end(payload.length, command, flags, connectionId, number);
  }

  /** Takes a frame with a CBOR head. */
  sendHeaded(
    command: number,
    connectionId: number,
    number: number,
    head: Uint8Array,
    payload: Uint8Array = NO_BYTES,
    flags = 0,
  ): void {
    const before = 4 + head.length;
    this.#begin(HEADER_LENGTH + before + payload.length);
    this.#putHead(head);
    this.bytes.set(payload, HEADER_LENGTH + before);
    const length = before + payload.length;
    this.#end(length, command, flags | Flag.Head, connectionId, number);
  }

  /** Takes a frame whose payload is a text or bytes, behind a CBOR head if there is one. */
  sendMessage(
    command: number,
    connectionId: number,
    number: number,
    message: string | Uint8Array,
    flags = 0,
    head: Uint8Array = NO_BYTES,
  ): void {
    if (typeof message !== "string") {
      return head.length === 0
        ? this.send(command, connectionId, number, message, flags)
        : this.sendHeaded(command, connectionId, number, head, message, flags);
    }
    const before = head.length === 0 ? 0 : 4 + head.length;
    const at = HEADER_LENGTH + before;
    // UTF-8 takes at most three bytes for each UTF-16 code unit.
    this.#begin(at + 3 * message.length);
    if (before > 0) {
      this.#putHead(head);
      flags |= Flag.Head;
    }
    const length = before + this.#putText(message, at);
    this.#end(length, command, flags, connectionId, number);
  }

  #putHead(head: Uint8Array): void {
    this.#view.setUint32(HEADER_LENGTH, head.length);
    this.bytes.set(head, HEADER_LENGTH + 4);
  }

  #putText(text: string, at: number): number {
    if (!lastText.is(text)) {
      return encoder.encodeInto(text, this.bytes.subarray(at)).written;
    }
    const { bytes, start, end } = lastText;
    this.bytes.set(bytes.subarray(start, end), at);
    return end - start;
  }

  #begin(most: number): void {
    const { length } = this.bytes;
    const isGiant = length > MAX_LENGTH && most <= MAX_LENGTH;
    if (most <= length && !isGiant) return;
    this.#view = new DataView(new ArrayBuffer(Math.max(most, MIN_LENGTH)));
    this.bytes = new Uint8Array(this.#view.buffer);
  }

  #end(
    body: number,
    command: number,
    flags: number,
    connectionId: number,
    number: number,
  ): void {
    const length = this.length = HEADER_LENGTH + body;
    writeHeader(this.#view, 0, length, command, flags, connectionId, number);
  }
}
