import { ProtocolError } from "./errors.ts";
import { NO_BYTES } from "./no_bytes.ts";

/** Longest line taken from a peer that has not earned more trust, in bytes. */
export const MAX_LINE = 65_536;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const MIN_CAPACITY = 256;

/**
 * Cuts a byte stream into lines of UTF-8 text. A line ends with a line feed;
 * carriage returns before it do not belong to the line.
 */
export class LineDecoder {
  readonly #text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  #rest = NO_BYTES;
  #restLength = 0;
  /** Longest line in bytes, the line feed not counted. */
  maxLine: number;

  /** @param maxLine Longest line in bytes, the line feed not counted. */
  constructor(maxLine: number = MAX_LINE) {
    this.maxLine = maxLine;
  }

  /**
   * Takes the next bytes of the stream. Iterate to the end before the next call:
   * what is not iterated is not decoded. The bytes are not kept.
   *
   * @param chunk Bytes as they came.
   * @returns The lines that these bytes complete.
   * @throws {ProtocolError} If a line is too long or not UTF-8; the lines before
   * it have been yielded, and the decoder is of no further use.
   */
  *push(chunk: Uint8Array): Generator<string, void> {
    let start = 0;
    let end = chunk.indexOf(LINE_FEED);
    for (; end !== -1; end = chunk.indexOf(LINE_FEED, start)) {
      yield this.#complete(chunk.subarray(start, end));
      start = end + 1;
    }
    this.#keep(chunk.subarray(start));
  }

  #complete(part: Uint8Array): string {
    if (this.#restLength === 0) return this.#decode(part);
    this.#keep(part);
    const line = this.#rest.subarray(0, this.#restLength);
    this.#rest = NO_BYTES;
    this.#restLength = 0;
    return this.#decode(line);
  }

  #keep(part: Uint8Array): void {
    const length = this.#restLength + part.length;
    this.#checkLength(length);
    if (length > this.#rest.length) this.#grow(length);
    this.#rest.set(part, this.#restLength);
    this.#restLength = length;
  }

  #grow(length: number): void {
    const roomy = Math.max(this.#rest.length * 2, MIN_CAPACITY);
    const capacity = Math.max(length, Math.min(roomy, this.maxLine));
    const grown = new Uint8Array(capacity);
    grown.set(this.#rest.subarray(0, this.#restLength));
    this.#rest = grown;
  }

  #decode(line: Uint8Array): string {
    this.#checkLength(line.length);
    let end = line.length;
    while (end > 0 && line[end - 1] === CARRIAGE_RETURN) end--;
    try {
      return this.#text.decode(line.subarray(0, end));
    } catch (cause) {
      throw new ProtocolError("Cannot read line: it is not UTF-8", { cause });
    }
  }

  #checkLength(length: number): void {
    if (length > this.maxLine) {
      throw new ProtocolError(
        `Cannot read line as it must not exceed ${this.maxLine} bytes: ${length} came without an end`,
      );
    }
  }
}
