/**
 * Hot: whether frames should wait for others, asked once for every write.
 *
 * @module
 */

/** Milliseconds that a frame waits for others at most, unless told otherwise. */
export const DEFAULT_GATHER_WITHIN = 0.3;

/** Longest time that makes sense: messages come more often than that. */
export const MAX_GATHER_WITHIN = 10;

/** Milliseconds over which rates are measured. */
const WINDOW = 50;

/** Milliseconds without a write after which a link counts as idle. */
const IDLE = 5;

/** Writes in a millisecond from which on a link gathers: each wakes a process. */
const ENTER_WRITES = 4;

/** Frames of a write from which on too little is to be gained. */
const ENTER_FRAMES = 4;

/** Frames in a millisecond below which it gathers no longer. */
const LEAVE_FRAMES = 2;

/** Part of the frames that must go on coming: else they wait for answers to one another. */
const UNHARMED = 0.9;

/** Milliseconds to rest after gathering did harm; twice as many each further time. */
const MIN_REST = 2_000;
const MAX_REST = 60_000;

/** Milliseconds after which it finds out anew whether gathering does harm. */
const PROVEN_FOR = 5_000;

/** What a link does about its frames. */
const Phase = {
  /** They leave as they come. */
  Free: 0,
  /** They are gathered, and what that does to their rate is not seen yet. */
  Settling: 1,
  /** They are gathered on trial. */
  Proving: 2,
  /** They are gathered, and as many come as before. */
  Gathering: 3,
} as const;

/**
 * Gathers the frames of a link that writes often, as network cards moderate their
 * interrupts: at ten writes a millisecond, to wait a third of one saves three of four
 * system calls here and as many wake-ups there. Never while the link is idle. Where
 * fewer frames come for it, since they are sent in answer to others, it stops. Pure.
 */
export class Gatherer {
  readonly #bound: number;
  #phase: typeof Phase[keyof typeof Phase] = Phase.Free;
  #windowStart = 0;
  #framesBefore = 0;
  #writes = 0;
  #lastWrite = 0;
  /** Since when frames wait; 0 if none do. */
  #waitingSince = 0;
  /** Frames in a millisecond before they were gathered. */
  #freeRate = 0;
  #provenUntil = 0;
  #restUntil = 0;
  #rest = MIN_REST;

  /** @param bound Milliseconds that a frame may wait while others follow; 0 for never. */
  constructor(bound: number) {
    this.#bound = bound;
  }

  /**
   * Notes that a write could begin.
   *
   * @param now What a monotonic clock says, in milliseconds.
   * @param frames Frames appended since the link began.
   * @returns Whether the write should wait. Frames that follow ask again; in case none
   *   do, the caller must look again when the bound has passed.
   */
  shouldWait(now: number, frames: number): boolean {
    if (this.#bound === 0) return false;
    if (now - this.#windowStart >= WINDOW) this.#endWindow(now, frames);
    if (this.#phase !== Phase.Free && now - this.#lastWrite < IDLE) {
      if (this.#waitingSince === 0) this.#waitingSince = now;
      if (now - this.#waitingSince < this.#bound) return true;
    }
    this.#waitingSince = 0;
    this.#lastWrite = now;
    this.#writes++;
    return false;
  }

  #endWindow(now: number, frames: number): void {
    const span = now - this.#windowStart;
    const rate = (frames - this.#framesBefore) / span;
    const writes = this.#writes / span;
    this.#windowStart = now;
    this.#framesBefore = frames;
    this.#writes = 0;
    // Nothing was written for a while: such a window tells nothing.
    if (span > 2 * WINDOW) this.#phase = Phase.Free;
    else this.#decide(now, rate, writes);
  }

  /** Goes on as `rate` frames and `writes` writes in a millisecond suggest. */
  #decide(now: number, rate: number, writes: number): void {
    if (this.#phase === Phase.Free) {
      if (now < this.#restUntil || writes < ENTER_WRITES) return;
      if (rate >= writes * ENTER_FRAMES) return;
      this.#phase = Phase.Settling;
      this.#freeRate = rate;
    } else if (this.#phase === Phase.Settling) {
      this.#phase = Phase.Proving;
    } else if (this.#phase === Phase.Proving) this.#judge(now, rate);
    else if (rate < LEAVE_FRAMES || now >= this.#provenUntil) {
      this.#phase = Phase.Free;
    }
  }

  #judge(now: number, rate: number): void {
    if (rate >= this.#freeRate * UNHARMED) {
      this.#phase = Phase.Gathering;
      this.#provenUntil = now + PROVEN_FOR;
      this.#rest = MIN_REST;
      return;
    }
    this.#phase = Phase.Free;
    this.#restUntil = now + this.#rest;
    this.#rest = Math.min(this.#rest * 2, MAX_REST);
  }
}
