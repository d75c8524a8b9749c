import { now } from "../../../base/clock.ts";
import { NO_BYTES } from "../../../base/no_bytes.ts";
import { clearImmediate, setImmediate } from "node:timers";
import { Inflater } from "./zlib_stream.ts";

/** A large message that is decompressed when its turn has come. */
export interface Inflatable {
  /** Most bytes that it writes. */
  readonly room: number;
  /** Its turn has come: what came out before goes to the beginning of `target`. */
  begin(target: Uint8Array): void;
  /** Goes on, for a bounded time; returns whether it is over. */
  step(target: Uint8Array): boolean;
  /** It is over, and no longer in the queue. `target` is valid during the call only. */
  finish(target: Uint8Array): void;
}

/** Options for {@linkcode InflateQueue}. */
export interface InflateQueueOptions {
  /** Calls back when other work has had its turn; returns what calls it off. */
  readonly schedule?: (turn: () => void) => () => void;
  /** The clock, in milliseconds. `now()` of `base` if left out. */
  readonly now?: () => number;
}

/** Milliseconds that a turn takes at least, if there is so much to do. */
const MIN_TURN = 0.1;

/** Milliseconds that it takes at most, but for the last step. */
const MAX_TURN = 0.3;

/**
 * Turns of the event loop between two of ours. The runtime looks for input in every
 * 61st only, or 4th in gateways that the command line starts, and an empty one takes
 * 1 µs. While there is enough to decompress, the answer to a byte took 3.0 ms (p50)
 * with none between, and takes 0.2 ms.
 */
const TURNS_BETWEEN = 16;

/** Milliseconds after which it is our turn again, however few there were. */
const TIME_BETWEEN = 1;

/**
 * Decompresses large messages one after another, in short turns between which the
 * event loop does everything else. A turn is as long as all else took since the last
 * one, within bounds: a busy process gives a fifth of its time to it.
 */
export class InflateQueue {
  readonly #schedule: (turn: () => void) => () => void;
  readonly #now: () => number;
  readonly #waiting = new Set<Inflatable>();
  readonly #turn = () => this.#takeTurn();
  #current: Inflatable | undefined;
  #lastTurn = 0;
  #callOff: (() => void) | undefined;
  #inflater: Inflater | undefined;
  /** Messages are put together here. Stays, as large as the largest may be. */
  #target: Uint8Array = NO_BYTES;

  /** Starts empty. */
  constructor(options: InflateQueueOptions = {}) {
    this.#schedule = options.schedule ?? afterOthers;
    this.#now = options.now ?? now;
  }

  /** How many messages wait, the one that is under way among them. */
  get length(): number {
    return this.#waiting.size;
  }

  /** Belongs to the message whose turn it is, if that brings none of its own. */
  get inflater(): Inflater {
    return this.#inflater ??= new Inflater();
  }

  /** Puts a message behind those that wait. */
  add(message: Inflatable): void {
    this.#waiting.add(message);
    if (this.#callOff !== undefined) return;
    this.#lastTurn = this.#now();
    this.#callOff = this.#schedule(this.#turn);
  }

  /** Forgets a message. Does nothing if it is not here. */
  remove(message: Inflatable): void {
    this.#waiting.delete(message);
    if (this.#current === message) this.#current = undefined;
    if (this.#waiting.size > 0) return;
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #takeTurn(): void {
    this.#callOff = undefined;
    const start = this.#now();
    const share = Math.max(start - this.#lastTurn, MIN_TURN);
    const end = start + Math.min(share, MAX_TURN);
    let now: number;
    do {
      this.#step();
      now = this.#now();
    } while (this.#waiting.size > 0 && now < end);
    this.#lastTurn = now;
    if (this.#waiting.size > 0) this.#callOff ??= this.#schedule(this.#turn);
  }

  #step(): void {
    const message = this.#current ?? this.#begin();
    if (message === undefined || !message.step(this.#target)) return;
    this.remove(message);
    message.finish(this.#target);
  }

  #begin(): Inflatable | undefined {
    const [message] = this.#waiting;
    this.#current = message;
    if (message === undefined) return undefined;
    if (message.room > this.#target.length) {
      // Memory that was never written to is not taken from the machine.
      this.#target = new Uint8Array(message.room);
    }
    message.begin(this.#target);
    return message;
  }
}

function afterOthers(turn: () => void): () => void {
  const end = now() + TIME_BETWEEN;
  let left = TURNS_BETWEEN;
  let immediate = setImmediate(countDown);
  return () => clearImmediate(immediate);

  function countDown(): void {
    if (left-- === 0 || now() > end) turn();
    else immediate = setImmediate(countDown);
  }
}

/** The one queue of this process. */
export const inflateQueue: InflateQueue = new InflateQueue();
