/**
 * Hot: texts of messages, out of the bytes that came.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { HUGE_BUFFER } from "../base/buffer_pool.ts";

const encoder = new TextEncoder();

/** What bytes become that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * A text, and the bytes that it was decoded from. Many handlers send on what they were
 * sent, to a group or back: those bytes then need not be made a second time.
 */
class DecodedText {
  #text = "";
  /** The same memory as `bytes`; decodes short texts in half the time of a `TextDecoder`. */
  #buffer: Buffer = Buffer.alloc(0);
  /** Holds the text, in `[start, end)`. */
  bytes: Uint8Array = this.#buffer;
  /** Where the text begins. */
  start = 0;
  /** Where it ends. */
  end = 0;

  /** Decodes UTF-8, and remembers it if it is no giant; the bytes must never change. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    if (bytes.length > HUGE_BUFFER) {
      return toBuffer(bytes).toString("utf8", start, end);
    }
    if (bytes !== this.bytes) {
      this.#buffer = toBuffer(bytes);
      this.bytes = bytes;
    }
    this.#text = this.#buffer.toString("utf8", start, end);
    this.start = start;
    this.end = end;
    return this.#text;
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

/** Encodes a text, unless its bytes are known; they must not be changed. */
export function encodeText(text: string): Uint8Array {
  const { bytes, start, end } = lastText;
  return lastText.is(text) ? bytes.subarray(start, end) : encoder.encode(text);
}
