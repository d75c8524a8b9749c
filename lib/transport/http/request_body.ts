import type { HttpAnswer } from "./http_answer.ts";
import { headerItems, headerValues, type RequestHead } from "./http_head.ts";

/** Most bytes of a request's body, with all that is around its chunks. */
export const MAX_BODY = 65_536;

/** Most bytes of a line between chunks. */
const MAX_LINE = 1_024;

const LF = 10;

/** Size of a chunk, and extensions that nobody has defined (RFC 9112, section 7.1). */
const CHUNK_SIZE = /^([\da-f]{1,8})[ \t]*(?:;.*)?\r$/i;

/** What is to come of a body. */
type Part = "data" | "size" | "end of chunk" | "trailer" | "nothing";

/**
 * Reads the body of a request, within limits, to find where the next request begins.
 * What it says is not kept: nothing that is asked for here needs any. Pure: no I/O.
 */
export class RequestBody {
  #part: Part;
  /** Bytes of data to come before the next line, or the end. */
  #left: number;
  #allowed = MAX_BODY;
  #line = "";
  /** What is wrong with it. */
  fault: HttpAnswer | undefined;

  /** @param length Its length in bytes, or that it comes in chunks. */
  constructor(length: number | "chunked") {
    this.#left = length === "chunked" ? 0 : length;
    this.#part = length === "chunked"
      ? "size"
      : length > 0
      ? "data"
      : "nothing";
    if (this.#left > MAX_BODY) this.fault = TOO_LONG;
  }

  /** Finds out which body a request has (RFC 9112, section 6.3). */
  static of(head: RequestHead): RequestBody {
    const codings = headerValues(head, "transfer-encoding");
    const lengths = headerItems(head, "content-length");
    if (codings.length === 0) return lengthOf(lengths);
    const body = new RequestBody("chunked");
    if (lengths.length > 0 || head.minorVersion === 0) body.fault = AMBIGUOUS;
    else if (codings.join().toLowerCase() !== "chunked") body.fault = UNKNOWN;
    return body;
  }

  /** Whether all of it has come. */
  get isComplete(): boolean {
    return this.#part === "nothing";
  }

  /**
   * Takes what has come of it: bytes of `buffer[start, end)`, all of them if more is
   * to come.
   *
   * @returns How many bytes were taken.
   */
  take(buffer: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && !this.isComplete && this.fault === undefined) {
      at += this.#left > 0
        ? this.#skip(end - at)
        : this.#takeByte(buffer[at] as number);
    }
    return at - start;
  }

  #skip(available: number): number {
    const count = Math.min(this.#left, available);
    this.#left -= count;
    this.#allowed -= count;
    if (this.#left === 0 && this.#part === "data") this.#part = "nothing";
    return count;
  }

  #takeByte(byte: number): number {
    this.#allowed--;
    if (byte === LF) this.#endLine();
    else this.#line += String.fromCharCode(byte);
    if (this.#line.length > MAX_LINE) this.fault = UNREADABLE;
    if (this.#left > this.#allowed || this.#allowed < 0) {
      this.fault ??= TOO_LONG;
    }
    return 1;
  }

  #endLine(): void {
    const line = this.#line;
    this.#line = "";
    switch (this.#part) {
      case "size":
        return this.#beginChunk(line);
      case "trailer":
        if (line === "\r") this.#part = "nothing";
        else if (!line.endsWith("\r")) this.fault = UNREADABLE;
        return;
      default:
        if (line !== "\r") this.fault = UNREADABLE;
        this.#part = "size";
    }
  }

  #beginChunk(line: string): void {
    const [, digits] = CHUNK_SIZE.exec(line) ?? [];
    if (digits === undefined) {
      this.fault = UNREADABLE;
      return;
    }
    this.#left = parseInt(digits, 16);
    this.#part = this.#left > 0 ? "end of chunk" : "trailer";
  }
}

/** Several lengths may say the same (RFC 9112, section 6.3). */
function lengthOf(values: readonly string[]): RequestBody {
  const [first = "0", ...others] = values;
  const body = new RequestBody(Number(first));
  const isClear = /^\d+$/.test(first) && others.every((it) => it === first);
  if (!isClear) body.fault = UNREADABLE_LENGTH;
  return body;
}

const TOO_LONG: HttpAnswer = {
  status: 413,
  body: `413 the body has more than ${MAX_BODY} bytes\n`,
};

const UNREADABLE: HttpAnswer = {
  status: 400,
  body: "400 the chunks of the body cannot be read\n",
};

const UNREADABLE_LENGTH: HttpAnswer = {
  status: 400,
  body: "400 the Content-Length header must be one number\n",
};

/** Who is on the way may take it for another request (RFC 9112, section 6.1). */
const AMBIGUOUS: HttpAnswer = {
  status: 400,
  body:
    "400 Transfer-Encoding needs HTTP/1.1 and no Content-Length beside it\n",
};

const UNKNOWN: HttpAnswer = {
  status: 501,
  body: "501 of transfer codings only chunked is known\n",
};
