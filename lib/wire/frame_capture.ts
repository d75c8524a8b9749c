import { NO_BYTES } from "../base/no_bytes.ts";
import { encodeText } from "./decoded_text.ts";
import { Flag, HEADER_LENGTH, writeHeader } from "./frame.ts";

/** Takes one frame as a link would, for another frame to carry it. */
export class FrameCapture {
  #bytes: Uint8Array = NO_BYTES;
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
    const length = HEADER_LENGTH + payload.length;
    const bytes = this.#begin(length, command, flags, connectionId, number);
    bytes.set(payload, HEADER_LENGTH);
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
    const at = HEADER_LENGTH + 4;
    const length = at + head.length + payload.length;
    flags |= Flag.Head;
    const bytes = this.#begin(length, command, flags, connectionId, number);
    new DataView(bytes.buffer).setUint32(HEADER_LENGTH, head.length);
    bytes.set(head, at);
    bytes.set(payload, at + head.length);
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
    const bytes = typeof message === "string" ? encodeText(message) : message;
    if (head.length === 0) {
      return this.send(command, connectionId, number, bytes, flags);
    }
    this.sendHeaded(command, connectionId, number, head, bytes, flags);
  }

  /** Returns the frame that was taken last; no bytes if none was. */
  take(): Uint8Array {
    return this.#bytes;
  }

  #begin(
    length: number,
    command: number,
    flags: number,
    connectionId: number,
    number: number,
  ): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(length);
    const view = new DataView(bytes.buffer);
    writeHeader(view, 0, length, command, flags, connectionId, number);
    this.#bytes = bytes;
    return bytes;
  }
}
