/**
 * Hot where compression is on: what one client sends compressed (RFC 7692).
 *
 * @module
 */
import { NO_BYTES } from "../../../base/no_bytes.ts";
import type { CloseReason } from "../../connection.ts";
import type { Inflatable, InflateQueue } from "./inflate_queue.ts";
import {
  Inflation,
  type InflationRules,
  STEP,
  STEP_INPUT,
} from "./inflation.ts";
import type { FrameListener } from "../frames/websocket_decoder.ts";
import { Inflater } from "./zlib_stream.ts";

/** What the clients of one listener decompress with. */
export interface InflateTools {
  /** Takes the messages of all clients that keep no context, one at a time. */
  readonly inflater: Inflater;
  /** Where messages wait that take more than one step. */
  readonly queue: InflateQueue;
}

/** What was agreed with a client, and what it is bound to. */
export interface InflateRules {
  /** Whether messages may refer to earlier ones. */
  readonly keepsContext: boolean;
  /** Most bytes of a message. */
  readonly limit: number;
}

/** Who is told of messages that took a while. Called synchronously; must not throw. */
export interface InflateListener
  extends Pick<FrameListener, "onMessage" | "onFault"> {
  /**
   * One of both was told: what the client sent after it is next.
   *
   * @param grown How many bytes more than came it has; 0 or less if none.
   */
  onInflated(grown: number): void;
}

/** Messages of one step pass through here: one call at a time uses it. */
const scratch = new Uint8Array(STEP);

/**
 * Decompresses the messages of one client. Most take one step, and are done at once.
 * Those that take more wait in a queue, and their client with them.
 */
export class ConnectionInflate implements Inflatable {
  readonly #tools: InflateTools;
  readonly #rules: InflateRules;
  readonly #listener: InflateListener;
  /** The client's own, if it keeps a context. */
  #inflater: Inflater | undefined;
  #read = -1;
  /** Bytes that came of this read's messages. */
  #spent = 0;
  /** What waits; `undefined` if nothing does. */
  #waiting: Inflation | undefined;
  /** Compressed bytes of it. */
  #compressed = 0;
  /** What came of it already. */
  #beginning: Uint8Array | undefined;

  /** Bytes kept of a message that waits. */
  kept = 0;

  /** Starts without a context. */
  constructor(
    tools: InflateTools,
    rules: InflateRules,
    listener: InflateListener,
  ) {
    this.#tools = tools;
    this.#rules = rules;
    this.#listener = listener;
  }

  /**
   * Decompresses `source[start, end)`.
   *
   * @param read The number of the read that brought it: what one read brings may
   *   take a step or two together, and the rest waits.
   * @returns The message, or why it is none, or nothing if it has to wait: then the
   *   listener will be told, and nothing more may be given before that.
   */
  inflate(
    source: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
    read: number,
  ): Uint8Array | CloseReason | undefined {
    // No payload is empty by the standard, but some senders' of empty messages are.
    if (start === end) return NO_BYTES;
    const { limit } = this.#rules;
    const inflation = new Inflation(this.#takeInflater(), source, start, end, {
      limit,
      binary,
    });
    const isOver = this.#mayBeDirect(end - start, read) &&
      inflation.step(scratch);
    this.#spent += inflation.length;
    if (isOver) return inflation.fault ?? scratch.slice(0, inflation.length);
    this.#waiting = this.#rules.keepsContext
      ? this.#interrupt(inflation)
      : this.#postpone(source.slice(start, end), { limit, binary });
    this.#compressed = end - start;
    this.kept = this.#compressed + (this.#beginning?.length ?? 0);
    this.#tools.queue.add(this);
    return undefined;
  }

  get room(): number {
    return this.#rules.limit + 1;
  }

  begin(target: Uint8Array): void {
    if (this.#beginning === undefined) this.#tools.queue.inflater.reset();
    else target.set(this.#beginning);
    this.#beginning = undefined;
  }

  step(target: Uint8Array): boolean {
    return this.#waiting?.step(target) !== false;
  }

  finish(target: Uint8Array): void {
    const inflation = this.#waiting;
    this.#waiting = undefined;
    this.kept = 0;
    if (inflation === undefined) return;
    const { fault, length, binary } = inflation;
    if (fault !== undefined) this.#listener.onFault(fault);
    else this.#listener.onMessage(target, 0, length, binary);
    this.#listener.onInflated(length - this.#compressed);
  }

  /** Forgets what waits. Its context is lost: nothing more may be given. */
  cancel(): void {
    this.#tools.queue.remove(this);
    this.#waiting = this.#beginning = undefined;
    this.kept = 0;
  }

  /** Frees what it holds. */
  close(): void {
    this.cancel();
    this.#inflater?.close();
    this.#inflater = undefined;
  }

  #takeInflater(): Inflater {
    if (this.#rules.keepsContext) return this.#inflater ??= new Inflater();
    const { inflater } = this.#tools;
    inflater.reset();
    return inflater;
  }

  /** Whether a message of so many compressed bytes may take its step at once. */
  #mayBeDirect(size: number, read: number): boolean {
    if (read !== this.#read) this.#spent = 0;
    this.#read = read;
    return size <= STEP_INPUT && this.#spent < STEP;
  }

  /** A context cannot be turned back: the message goes on from here. */
  #interrupt(inflation: Inflation): Inflation {
    inflation.detach();
    this.#beginning = scratch.slice(0, inflation.length);
    return inflation;
  }

  /** The message begins anew in its turn, so that whoever waits holds no inflater. */
  #postpone(source: Uint8Array, rules: InflationRules): Inflation {
    const { inflater } = this.#tools.queue;
    return new Inflation(inflater, source, 0, source.length, rules);
  }
}
