/**
 * Hot: RFC 6455 frames, in from the client.
 *
 * @module
 */
import { NO_BYTES } from "../../../base/no_bytes.ts";
import type { CloseReason } from "../../connection.ts";
import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "../../utf8.ts";
import {
  CLOSE_NO_STATUS,
  FAULT_SIZE,
  FAULT_TEXT,
  MAX_CONTROL_PAYLOAD,
  Opcode,
  RSV1,
} from "./websocket_frame.ts";
import { unmask } from "./websocket_mask.ts";

/** What the bytes of a client turned out to be. Called synchronously; must not throw. */
export interface FrameListener {
  /** A whole message came: `buffer[start, end)`, valid during the call only. */
  onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void;
  /** A whole frame came, and more of its message is to follow. */
  onFragment(): void;
  /** A ping came, to be answered with the same bytes; valid during the call only. */
  onPing(buffer: Uint8Array, start: number, end: number): void;
  /** A pong came. */
  onPong(): void;
  /** The client closes. Nothing is decoded after that. */
  onPeerClose(reason: CloseReason): void;
  /** The client broke a rule. Nothing is decoded after that. */
  onFault(reason: CloseReason): void;
}

/**
 * Decompresses `buffer[start, end)`, which is valid during the call only.
 *
 * @returns The message, why it is none, or nothing if that takes a while: then nothing
 *   is decoded before `resume`, and whoever decompresses tells the listener.
 */
export type Inflate = (
  buffer: Uint8Array,
  start: number,
  end: number,
  binary: boolean,
) => Uint8Array | CloseReason | undefined;

/** What becomes of the bytes that come. */
const State = {
  Decoding: 0,
  /** They are left where they are. */
  Suspended: 1,
  /** They are thrown away. */
  Stopped: 2,
} as const;

const FIN = 0x80;
const RESERVED = 0x70;
const OPCODE = 0x0f;
const MASKED = 0x80;
const LENGTH = 0x7f;

/** Bytes of a header with a mask, by how the length is given. */
const SHORT_HEADER = 6;
const MEDIUM_HEADER = 8;
const LONG_HEADER = 14;

const FIRST_PARTS_SIZE = 1_024;

const FAULT_RESERVED_BITS = fault("reserved bits are set");
const FAULT_OPCODE = fault("unknown opcode");
const FAULT_UNMASKED = fault("frame is not masked");
const FAULT_LENGTH = fault("length is not in its shortest form");
const FAULT_CONTROL = fault("control frame is fragmented or too long");
const FAULT_CONTINUATION = fault("nothing to continue");
const FAULT_INTERRUPTED = fault("message begins inside another");
const FAULT_CLOSE = fault("invalid close frame");

/**
 * Turns the bytes of a client into messages. Pure: no I/O.
 *
 * A frame stays in the caller's buffer until it is whole, so a message in one frame
 * is never copied. What has come of it is unmasked, in place, and checked at once.
 */
export class WebSocketDecoder {
  readonly #listener: FrameListener;
  readonly #maxMessage: number;
  readonly #inflate: Inflate | undefined;
  /** Whether the message whose frame is being read is compressed. */
  #isCompressed = false;

  /** Opcode of the message whose fragments are gathered; 0 if none is. */
  #opcode = 0;
  #parts: Uint8Array = NO_BYTES;
  #partsLength = 0;
  #utf8 = UTF8_ACCEPT;
  /** Payload bytes of the incomplete frame that were unmasked by earlier calls. */
  #progress = 0;
  #state: typeof State[keyof typeof State] = State.Decoding;

  /** Bytes that the first frame not yet taken needs in all; 0 if unknown. */
  wanted = 0;

  /**
   * Starts between two messages.
   *
   * @param listener Is told what came.
   * @param maxMessage Most bytes of a message, fragments added up.
   * @param inflate Decompresses messages, if that was agreed.
   */
  constructor(listener: FrameListener, maxMessage: number, inflate?: Inflate) {
    this.#listener = listener;
    this.#maxMessage = maxMessage;
    this.#inflate = inflate;
  }

  /** Bytes of the fragments so far, if the message is not whole. */
  get gathered(): number {
    return this.#partsLength;
  }

  /** Decodes nothing further; may be called by the listener. */
  stop(): void {
    this.#state = State.Stopped;
    this.#parts = NO_BYTES;
    this.#partsLength = 0;
  }

  /** Goes on behind a message that took a while. */
  resume(): void {
    if (this.#state === State.Suspended) this.#state = State.Decoding;
  }

  /**
   * Decodes the whole frames of `buffer[start, end)`, which it changes: payloads are
   * unmasked where they are.
   *
   * @param buffer Holds what was not taken before, and more.
   * @param start Where the first frame begins.
   * @param end Where the bytes end.
   * @returns How many bytes were taken. The rest must come again, as it is now.
   */
  decode(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    this.wanted = 0;
    while (this.#state === State.Decoding && end - at >= 2) {
      const size = this.#takeFrame(buffer, at, end);
      if (size === 0) break;
      at += size;
    }
    return this.#state === State.Stopped ? end - start : at - start;
  }

  /** Returns the size of the frame at `at` if it was taken, 0 if more is needed. */
  #takeFrame(buffer: Uint8Array, at: number, end: number): number {
    const first = buffer[at] as number;
    const second = buffer[at + 1] as number;
    const broken = this.#checkHeader(first, second);
    if (broken !== undefined) return this.#fail(broken);
    const opcode = first & OPCODE;
    let length = second & LENGTH;
    let header = SHORT_HEADER;
    if (length > MAX_CONTROL_PAYLOAD) {
      header = length === 126 ? MEDIUM_HEADER : LONG_HEADER;
      if (end - at < header - 4) return 0;
      length = readLength(buffer, at + 2, length);
      if (length < 0) return this.#fail(FAULT_LENGTH);
    }
    if (
      opcode < Opcode.Close && length + this.#partsLength > this.#maxMessage
    ) {
      return this.#fail(FAULT_SIZE);
    }
    const size = header + length;
    const isWhole = end - at >= size;
    if (!isWhole) this.wanted = size;
    if (end - at < header) return 0;
    if (opcode < Opcode.Close) {
      if (opcode !== Opcode.Continuation) {
        this.#isCompressed = (first & RSV1) !== 0;
      }
      const stop = isWhole ? at + size : end;
      if (!this.#unmaskData(buffer, at + header, stop, opcode)) {
        return this.#fail(FAULT_TEXT);
      }
      if (isWhole) this.#takeData(buffer, at + header, stop, first);
    } else if (isWhole) {
      this.#takeControl(buffer, at + header, at + size, opcode);
    }
    return isWhole ? size : 0;
  }

  #checkHeader(first: number, second: number): CloseReason | undefined {
    const opcode = first & OPCODE;
    if ((first & RESERVED) !== 0 && !this.#mayBeCompressed(first, opcode)) {
      return FAULT_RESERVED_BITS;
    }
    if (
      opcode > Opcode.Pong || (opcode > Opcode.Binary && opcode < Opcode.Close)
    ) {
      return FAULT_OPCODE;
    }
    if (opcode >= Opcode.Close) {
      const isWhole = (first & FIN) !== 0;
      if (!isWhole || (second & LENGTH) > MAX_CONTROL_PAYLOAD) {
        return FAULT_CONTROL;
      }
    } else if (opcode === Opcode.Continuation) {
      if (this.#opcode === 0) return FAULT_CONTINUATION;
    } else if (this.#opcode !== 0) return FAULT_INTERRUPTED;
    return (second & MASKED) === 0 ? FAULT_UNMASKED : undefined;
  }

  /** The first bit says so in the first frame of a message, and only there. */
  #mayBeCompressed(first: number, opcode: number): boolean {
    return this.#inflate !== undefined && (first & RESERVED) === RSV1 &&
      (opcode === Opcode.Text || opcode === Opcode.Binary);
  }

  /** Unmasks what is new of a payload; returns whether it may still be a message. */
  #unmaskData(
    buffer: Uint8Array,
    start: number,
    end: number,
    opcode: number,
  ): boolean {
    const progress = this.#progress;
    const from = start + progress;
    this.#progress = end - start;
    const high = unmask(buffer, from, end, start - 4, progress);
    const isText = (opcode === Opcode.Continuation ? this.#opcode : opcode) ===
      Opcode.Text;
    if (!isText || this.#isCompressed) return true;
    if (high === 0 && this.#utf8 === UTF8_ACCEPT) return true;
    this.#utf8 = validateUtf8(this.#utf8, buffer, from, end);
    return this.#utf8 !== UTF8_REJECT;
  }

  /** Takes the whole, unmasked payload of a data frame. */
  #takeData(
    buffer: Uint8Array,
    start: number,
    end: number,
    first: number,
  ): void {
    this.#progress = 0;
    const opcode = first & OPCODE;
    const isLast = (first & FIN) !== 0;
    if (isLast && this.#utf8 !== UTF8_ACCEPT) {
      this.#fail(FAULT_TEXT);
    } else if (isLast && opcode !== Opcode.Continuation) {
      this.#hand(buffer, start, end, opcode === Opcode.Binary);
    } else {
      if (opcode !== Opcode.Continuation) this.#opcode = opcode;
      this.#addPart(buffer, start, end);
      if (isLast) this.#takeParts();
      else this.#listener.onFragment();
    }
  }

  #addPart(buffer: Uint8Array, start: number, end: number): void {
    const length = this.#partsLength + end - start;
    if (length > this.#parts.length) {
      const doubled = Math.min(this.#parts.length * 2, this.#maxMessage);
      const parts = new Uint8Array(Math.max(length, doubled, FIRST_PARTS_SIZE));
      parts.set(this.#parts.subarray(0, this.#partsLength));
      this.#parts = parts;
    }
    this.#parts.set(buffer.subarray(start, end), this.#partsLength);
    this.#partsLength = length;
  }

  #takeParts(): void {
    const parts = this.#parts;
    const length = this.#partsLength;
    const isBinary = this.#opcode === Opcode.Binary;
    this.#opcode = 0;
    this.#parts = NO_BYTES;
    this.#partsLength = 0;
    this.#hand(parts, 0, length, isBinary);
  }

  #hand(buffer: Uint8Array, start: number, end: number, binary: boolean): void {
    if (!this.#isCompressed) {
      return this.#listener.onMessage(buffer, start, end, binary);
    }
    this.#isCompressed = false;
    const message = this.#inflate?.(buffer, start, end, binary);
    if (message === undefined) this.#state = State.Suspended;
    else if (message instanceof Uint8Array) {
      this.#listener.onMessage(message, 0, message.length, binary);
    } else this.#fail(message);
  }

  #takeControl(
    buffer: Uint8Array,
    start: number,
    end: number,
    opcode: number,
  ): void {
    unmask(buffer, start, end, start - 4, 0);
    if (opcode === Opcode.Ping) this.#listener.onPing(buffer, start, end);
    else if (opcode === Opcode.Pong) this.#listener.onPong();
    else this.#takeClose(buffer, start, end);
  }

  #takeClose(buffer: Uint8Array, start: number, end: number): void {
    if (end - start === 0) return this.#close(CLOSE_NO_STATUS);
    const code = end - start < 2
      ? 0
      : (buffer[start] as number) << 8 | (buffer[start + 1] as number);
    if (!isValidCode(code)) {
      this.#fail(FAULT_CLOSE);
    } else if (
      validateUtf8(UTF8_ACCEPT, buffer, start + 2, end) !== UTF8_ACCEPT
    ) {
      this.#fail(FAULT_TEXT);
    } else {
      const reason = decodeReason(buffer.subarray(start + 2, end));
      this.#close({ code, reason });
    }
  }

  #close(reason: CloseReason): void {
    this.stop();
    this.#listener.onPeerClose(reason);
  }

  #fail(reason: CloseReason): 0 {
    this.stop();
    this.#listener.onFault(reason);
    return 0;
  }
}

/** Reads a length of 16 or 64 bits; -1 if a shorter form would have done. */
function readLength(buffer: Uint8Array, at: number, form: number): number {
  if (form === 126) {
    const length = (buffer[at] as number) << 8 | (buffer[at + 1] as number);
    return length > MAX_CONTROL_PAYLOAD ? length : -1;
  }
  if ((buffer[at] as number) > 0x7f) return -1;
  let length = 0;
  for (let i = 0; i < 8; i++) {
    length = length * 256 + (buffer[at + i] as number);
  }
  return length > 0xffff ? length : -1;
}

/** Whether a code may be sent (RFC 6455, section 7.4, and the registry it opened). */
function isValidCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
}

function decodeReason(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

function fault(reason: string): CloseReason {
  return { code: 1002, reason };
}
