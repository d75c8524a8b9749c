/**
 * Hot: texts of messages, out of the bytes that came.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { HUGE_BUFFER } from "../base/buffer_pool.ts";

const encoder = new TextEncoder();

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Bytes from which on a `TextDecoder` is faster than a `Buffer`: 64 KiB take it 6 µs in
 * place of 25, 64 bytes twice as long.
 */
const MIN_DECODER = 256;

const NOTHING = Buffer.alloc(0);

/** What bytes become that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * A text, and the bytes that it was decoded from. Many handlers send on what they were
 * sent, to a group or back: those bytes then need not be made a second time.
 */
class DecodedText {
  #text = "";
  /** The same memory as `bytes`, if any short text in it was decoded. */
  #buffer: Buffer | undefined;
  /** Holds the text, in `[start, end)`. */
  bytes: Uint8Array = NOTHING;
  /** Where the text begins. */
  start = 0;
  /** Where it ends. */
  end = 0;

  /** Decodes UTF-8, and remembers it if it is no giant; the bytes must never change. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    if (bytes.length > HUGE_BUFFER) {
      return decoder.decode(bytes.subarray(start, end));
    }
    return this.decodeLent(bytes, start, end);
  }

  /** Decodes UTF-8, and remembers it, whatever its length, until it is to be forgotten. */
  decodeLent(bytes: Uint8Array, start: number, end: number): string {
    if (bytes !== this.bytes) {
      this.#buffer = undefined;
      this.bytes = bytes;
    }
    this.#text = end - start < MIN_DECODER
      ? (this.#buffer ??= toBuffer(bytes)).toString("utf8", start, end)
      : decoder.decode(bytes.subarray(start, end));
    this.start = start;
    this.end = end;
    return this.#text;
  }

  /** The bytes are about to change. */
  forget(bytes: Uint8Array): void {
    if (bytes !== this.bytes) return;
    this.#text = "";
    this.#buffer = undefined;
    this.bytes = NOTHING;
    this.start = this.end = 0;
  }

  /** Whether to encode a text gives these bytes. */
  is(text: string): boolean {
    return text === this.#text && !text.includes(REPLACEMENT);
  }
}

function toBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The text that was decoded last. */
export const lastText: DecodedText = new DecodedText();

/**
 * Encodes a text, unless its bytes are known; they must not be changed, and are valid
 * for as long as the event is that they came with.
 */
export function encodeText(text: string): Uint8Array {
  const { bytes, start, end } = lastText;
  return lastText.is(text) ? bytes.subarray(start, end) : encoder.encode(text);
}
