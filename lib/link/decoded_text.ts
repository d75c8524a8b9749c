/**
 * Hot: texts of messages, out of the bytes that came.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** What bytes become that are no UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * A text, and the bytes that it was decoded from. Many handlers send on what they were
 * sent, to a group or back: those bytes then need not be made a second time.
 */
class DecodedText {
  #text = "";
  /** The same memory as `bytes`; decodes short texts in half the time of a `TextDecoder`. */
  #buffer: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  /** Holds the text, in `[start, end)`. */
  bytes: Uint8Array = this.#buffer;
  /** Where the text begins. */
  start = 0;
  /** Where it ends. */
  end = 0;

  /** Decodes UTF-8 and remembers it; the bytes must never change. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    if (bytes !== this.bytes) {
      const { buffer, byteOffset, byteLength } = bytes;
      this.#buffer = Buffer.from(buffer, byteOffset, byteLength);
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

/** The text that was decoded last. */
export const lastText: DecodedText = new DecodedText();
