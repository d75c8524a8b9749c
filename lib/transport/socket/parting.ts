import type { Throttle, Throttled } from "../admission/throttle.ts";
import type { TokenBucket } from "../admission/token_bucket.ts";

/** What happens to a socket once its outbox is empty. It only ever moves down. */
export const Farewell = {
  /** The client is to say goodbye first. */
  None: 0,
  /** It says that nothing more will come, and waits until the client leaves. */
  HalfClose: 1,
  /** It is closed. */
  Close: 2,
} as const;

/** One of the numbers in {@linkcode Farewell}. */
export type Farewell = typeof Farewell[keyof typeof Farewell];

/** For how many periods a goodbye may last. */
interface Patience {
  /** Periods in a row in which nothing moves. */
  readonly still: number;
  /** Periods in all. */
  readonly all: number;
}

/** A client that takes what is sent to it. */
const PROMPT: Patience = { still: 1, all: 6 };

/**
 * A client that has let bytes wait. What the operating system holds for it moves
 * unseen, and in steps of a megabyte: whoever reads 50 KB a second is still for half a
 * minute.
 */
const SLOW: Patience = { still: 6, all: 24 };

/**
 * Bytes that are read and thrown away for the sake of a proper goodbye: who sends
 * without a look at what comes must get to the end of its message before it listens.
 */
const MAX_UNHEARD = 33_554_432;

/** So many of them are read as fast as they come: what was under way at the goodbye. */
const HASTE = 262_144;

/**
 * Then there is a rest after each so many, in which others have their turn: a crowd that
 * floods on would have the gateway read nothing else. It makes 6 MB a second.
 */
const MORSEL = 131_072;

/** Bytes that are thrown away in a second behind rests, of all clients of a listener. */
export const DISCARDED_PER_SECOND = 67_108_864;

/** What the partings of a listener share. */
export interface PartingRules {
  /** Looks after those that rest. */
  readonly throttle: Throttle;
  /** Bytes that may still be thrown away: {@linkcode DISCARDED_PER_SECOND}. */
  readonly discards: TokenBucket;
}

/**
 * How a connection ends: as long as something moves, and no longer. To end it while
 * bytes come in, or before all have left, would cut off the goodbye.
 */
export class Parting implements Throttled {
  readonly #rules: PartingRules;
  #queued = 0;
  #activity: number;
  #still = 0;
  #all = 0;
  #patience = PROMPT;
  #unheard = 0;
  /** Bytes thrown away since the last rest. */
  #sinceRest = 0;
  /** What to do when the rest is over. */
  #goOn: (() => void) | undefined;

  /** What happens once everything has left. */
  farewell: Farewell = Farewell.None;

  /** Whether what comes is thrown away. */
  isDeaf = false;

  /** Milliseconds after which to look whether anything has moved. */
  readonly period: number;

  /**
   * @param period Milliseconds after which to look whether anything has moved.
   * @param activity Grows with every read.
   * @param rules What it shares with others.
   */
  constructor(period: number, activity: number, rules: PartingRules) {
    this.#rules = rules;
    this.period = period;
    this.#activity = activity;
  }

  /** Everything has left: a period begins. */
  drained(): void {
    this.#queued = 0;
    this.#still = 0;
  }

  /**
   * A period is over.
   *
   * @returns Whether to wait for another.
   */
  goesOn(queued: number, activity: number): boolean {
    const hasMoved = queued < this.#queued || activity !== this.#activity;
    this.#queued = queued;
    this.#activity = activity;
    if (queued > 0) this.#patience = SLOW;
    this.#still = hasMoved ? 0 : this.#still + 1;
    this.#all++;
    const { still, all } = this.#patience;
    return this.#still < still && this.#all < all;
  }

  /** Counts bytes that were thrown away; returns whether to take more. */
  ignore(count: number): boolean {
    this.#unheard += count;
    this.#sinceRest += count;
    return this.#unheard <= MAX_UNHEARD;
  }

  /** Whether nothing is to be read just now. */
  get isResting(): boolean {
    return this.#goOn !== undefined;
  }

  /**
   * Rests, if so much was thrown away that it is time to.
   *
   * @param goOn Called when it is over.
   */
  rest(goOn: () => void): void {
    if (this.#unheard <= HASTE || this.#sinceRest < MORSEL) return;
    this.#sinceRest = 0;
    this.#goOn = goOn;
    this.#rules.throttle.add(this);
  }

  /** Goes on, if more may be thrown away by now. */
  tryAgain(time: number): boolean {
    if (!this.#rules.discards.spend(MORSEL, time)) return false;
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.();
    return true;
  }

  /** It is over. */
  end(): void {
    this.#rules.throttle.remove(this);
  }
}
