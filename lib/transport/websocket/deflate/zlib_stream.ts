/**
 * Hot where compression is on. The only file that knows how `node:zlib` does its
 * work in one call: its public functions make a new stream for every message, which
 * takes 31 µs for 2.4 KB where a stream that is kept takes 3.
 *
 * @module
 */
import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  inflateRawSync,
} from "node:zlib";
import { concat } from "../../../base/concat.ts";
import { joined } from "../../../base/joined.ts";

/** What flushes every byte of a message, and keeps the stream going. */
const FLUSH = constants.Z_SYNC_FLUSH;

/** Bytes that a flush ends with, and that RFC 7692 leaves out on the wire. */
export const TAIL: Uint8Array = Uint8Array.of(0, 0, 0xff, 0xff);

/** What is compressed goes here first, and larger messages are made of such pieces. */
const scratch = new Uint8Array(65_536);

/** The payload of a message without bytes (RFC 7692, section 7.2.3.6). */
const EMPTY_BLOCK = 0;

/** What hides in a stream of `node:zlib`, there and in Node alike. */
export interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  reset(): void;
  close(): void;
  onerror: (message: string, errno: number, code: string) => void;
}

/** Output and input bytes that the last call left over. */
export type WriteState = Uint32Array;

interface Inside {
  readonly _handle: Handle;
  readonly _writeState: WriteState;
}

const METHODS = ["writeSync", "reset", "close"] as const;

/** What a {@linkcode Deflater} is made with. */
export interface DeflateOptions {
  /** Base-2 logarithm of the bytes it may refer back to, 8 to 15. */
  readonly windowBits: number;
  /** From 1, quick, to 9, small. */
  readonly level: number;
}

/** Compresses messages, one after another. */
export class Deflater {
  readonly #handle: Handle;
  readonly #state: WriteState;

  /** Makes a stream of its own. */
  constructor({ windowBits, level }: DeflateOptions) {
    // zlib has no window of 8 bits: without any reference back, none is too far.
    const strategy = windowBits === 8
      ? constants.Z_HUFFMAN_ONLY
      : constants.Z_DEFAULT_STRATEGY;
    const bits = Math.max(windowBits, 9);
    const stream = createDeflateRaw({ windowBits: bits, level, strategy });
    ({ handle: this.#handle, state: this.#state } = insideOf(stream));
  }

  /** Forgets what came before, so that the next message refers to nothing. */
  reset(): void {
    this.#handle.reset();
  }

  /** Frees what it holds. */
  close(): void {
    this.#handle.close();
  }

  /**
   * Compresses `source[start, end)`.
   *
   * @returns A payload as RFC 7692 wants it, newly allocated.
   */
  deflate(source: Uint8Array, start: number, end: number): Uint8Array {
    // To flush twice with nothing between would give no block at all.
    if (start === end) return Uint8Array.of(EMPTY_BLOCK);
    const output = new Gatherer();
    let at = start;
    while (true) {
      const input = end - at;
      const { filled, room } = output;
      this.#handle.writeSync(FLUSH, source, at, input, scratch, filled, room);
      const [left = 0, unread = 0] = this.#state;
      output.add(room - left);
      at += input - unread;
      if (left > 0) return output.take(TAIL.length);
    }
  }
}

/** Decompresses a message of ours that refers to nothing before it. For rare cases. */
export function inflateAlone(payload: Uint8Array): Uint8Array {
  return new Uint8Array(
    inflateRawSync(concat(payload, TAIL), { finishFlush: FLUSH }),
  );
}

/** Decompresses messages, one after another. */
export class Inflater {
  readonly #handle: Handle;
  readonly #state: WriteState;
  #isBroken = false;
  #isClosed = false;

  /** Input bytes that the last call of `write` took. */
  taken = 0;
  /** Output bytes that it made. */
  made = 0;

  /** Makes a stream of its own, for any window. */
  constructor() {
    const stream = createInflateRaw({ windowBits: 15 });
    ({ handle: this.#handle, state: this.#state } = insideOf(stream));
    this.#handle.onerror = () => this.#isBroken = true;
  }

  /** Forgets what came before. */
  reset(): void {
    if (this.#isClosed) return;
    this.#isBroken = false;
    this.#handle.reset();
  }

  /** Frees what it holds: nothing can be decompressed any more. */
  close(): void {
    // The runtime ends the process if a stream is used that was closed.
    this.#isClosed = this.#isBroken = true;
    this.#handle.close();
  }

  /**
   * Decompresses some of `source[start, end)` to `target[at, stop)`, until one of them
   * is used up, or a block that says it is the last one has ended.
   *
   * @returns Whether the bytes are fine so far. If not, only `reset` makes it usable.
   */
  write(
    source: Uint8Array,
    start: number,
    end: number,
    target: Uint8Array,
    at: number,
    stop: number,
  ): boolean {
    if (this.#isClosed) return false;
    const input = end - start;
    const room = stop - at;
    this.#handle.writeSync(FLUSH, source, start, input, target, at, room);
    const [left = 0, unread = 0] = this.#state;
    this.taken = input - unread;
    this.made = room - left;
    // After a last block the next begins anew (RFC 7692, section 7.2.3.4).
    if (left > 0 && unread > 0 && !this.#isBroken) this.#handle.reset();
    return !this.#isBroken;
  }
}

/** Collects output that may not fit in the scratch. */
class Gatherer {
  #chunks: Uint8Array[] | undefined;
  /** Bytes of the scratch that are taken. */
  filled = 0;
  /** Bytes collected so far. */
  length = 0;

  /** Bytes of the scratch that are free; never none. */
  get room(): number {
    return scratch.length - this.filled;
  }

  /** Notes that so many bytes were written at `filled`. */
  add(count: number): void {
    this.length += count;
    this.filled += count;
    if (this.filled < scratch.length) return;
    this.#chunks ??= [];
    this.#chunks.push(scratch.slice());
    this.filled = 0;
  }

  /** Returns all but the last `cut` bytes. */
  take(cut: number): Uint8Array {
    if (this.#chunks === undefined) return scratch.slice(0, this.filled - cut);
    const rest = scratch.subarray(0, this.filled);
    return joined([...this.#chunks, rest]).subarray(0, this.length - cut);
  }
}

/**
 * Finds what hides in a stream. A listener that compresses makes one before it takes
 * clients, so that a runtime without it is found out at once.
 *
 * @throws {TypeError} If it is not there.
 */
export function insideOf(
  stream: unknown,
): { readonly handle: Handle; readonly state: WriteState } {
  const { _handle: handle, _writeState: state } = stream as Partial<Inside>;
  const isHandle = handle !== undefined && handle !== null &&
    METHODS.every((method) => typeof handle[method] === "function");
  if (isHandle && state instanceof Uint32Array && state.length >= 2) {
    return { handle, state };
  }
  throw new TypeError(
    `Cannot compress as a stream of node:zlib must have _handle, with ${
      METHODS.join(", ")
    }, and _writeState inside, as those of Deno 2.9 have: this runtime's has ${
      isHandle ? "another _writeState" : "another _handle"
    }`,
  );
}
