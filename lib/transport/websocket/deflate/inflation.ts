/**
 * Hot where compression is on: one compressed message on its way to what it was.
 *
 * @module
 */
import type { CloseReason } from "../../connection.ts";
import { UTF8_ACCEPT, UTF8_REJECT, validateUtf8 } from "../../utf8.ts";
import { FAULT_SIZE, FAULT_TEXT } from "../frames/websocket_frame.ts";
import { type Inflater, TAIL } from "./zlib_stream.ts";

/** Most bytes that come out in one step: 0.1 ms if they hardly repeat themselves. */
export const STEP = 32_768;

/** Most bytes that go in: 4 KiB of tables that nothing follows take 0.3 ms. */
export const STEP_INPUT = 4_096;

/** Most calls in a step: blocks of two bytes may each say that they are the last. */
const STEP_CALLS = 64;

const FAULT_DEFLATE: CloseReason = {
  code: 1007,
  reason: "message cannot be decompressed",
};

/** What a message must be like. */
export interface InflationRules {
  /** Most bytes of it. */
  readonly limit: number;
  /** Whether it is bytes, not text. */
  readonly binary: boolean;
}

/** Decompresses one message, step by step, and checks it on the way. */
export class Inflation {
  readonly #inflater: Inflater;
  readonly #rules: InflationRules;
  #source: Uint8Array;
  #at: number;
  #end: number;
  #utf8 = UTF8_ACCEPT;
  /** Whether nothing is to be put behind the source. */
  readonly #hasTail: boolean;

  /** Bytes that came out so far. */
  length = 0;
  /** Why it is no message. */
  fault: CloseReason | undefined;

  /**
   * Begins with `source[start, end)`, which may not change before `detach`.
   *
   * @param inflater Stands where the message before has left it.
   */
  constructor(
    inflater: Inflater,
    source: Uint8Array,
    start: number,
    end: number,
    rules: InflationRules,
  ) {
    this.#inflater = inflater;
    this.#source = source;
    this.#at = start;
    this.#end = end;
    this.#rules = rules;
    this.#hasTail = endsWithTail(source, start, end);
  }

  /** Whether it is bytes, not text. */
  get binary(): boolean {
    return this.#rules.binary;
  }

  /** Keeps a copy of what has yet to go in, since the source is about to change. */
  detach(): void {
    if (this.#source === TAIL) return;
    this.#source = this.#source.slice(this.#at, this.#end);
    this.#at = 0;
    this.#end = this.#source.length;
  }

  /**
   * Goes on, for a bounded time.
   *
   * @param target Holds `length` bytes of the message; has room for `STEP` more, or
   *   for one more than there may be.
   * @returns Whether it is over: whole, or at fault.
   */
  step(target: Uint8Array): boolean {
    const inflater = this.#inflater;
    const stop = Math.min(this.length + STEP, this.#rules.limit + 1);
    let inputEnd = Math.min(this.#at + STEP_INPUT, this.#end);
    for (let call = 0; call < STEP_CALLS; call++) {
      const at = this.length;
      if (
        !inflater.write(this.#source, this.#at, inputEnd, target, at, stop)
      ) return this.#fail(FAULT_DEFLATE);
      this.#at += inflater.taken;
      if (!this.#take(target, inflater.made)) return true;
      if (this.length === stop) return false;
      if (this.#at < inputEnd) {
        // A last block ended where the message did, or with bits of what was put
        // behind it: nothing of the sender's follows.
        if (this.#source === TAIL) return this.#finish();
        continue;
      }
      if (this.#at < this.#end) return false;
      if (this.#source === TAIL || this.#hasTail) return this.#finish();
      this.#source = TAIL;
      this.#at = 0;
      this.#end = inputEnd = TAIL.length;
    }
    return false;
  }

  /** Takes what came out; returns whether it may still be a message. */
  #take(target: Uint8Array, made: number): boolean {
    const start = this.length;
    this.length += made;
    if (this.length > this.#rules.limit) return !this.#fail(FAULT_SIZE);
    if (this.binary) return true;
    this.#utf8 = validateUtf8(this.#utf8, target, start, this.length);
    return this.#utf8 !== UTF8_REJECT || !this.#fail(FAULT_TEXT);
  }

  #finish(): true {
    const isFine = this.binary || this.#utf8 === UTF8_ACCEPT;
    return isFine || this.#fail(FAULT_TEXT);
  }

  #fail(reason: CloseReason): true {
    this.fault = reason;
    return true;
  }
}

/**
 * Whether a payload has the tail that its sender should have taken off. What a sender
 * does take off leaves a byte behind that ends with zeros.
 */
function endsWithTail(
  source: Uint8Array,
  start: number,
  end: number,
): boolean {
  const at = end - TAIL.length;
  return at >= start && TAIL.every((byte, i) => source[at + i] === byte);
}
