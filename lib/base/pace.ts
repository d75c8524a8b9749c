import { now } from "./clock.ts";

/** How late a tick may be, in milliseconds; if it is later, the process stood still. */
const MAX_LATE = 1_000;

/**
 * Time as whoever judges others by a timer counts it: what passed while this process
 * stood still (stopped, on a paused machine, or busy with one thing) is not held against
 * anybody, since what they said meanwhile has not been read yet. Two long ticks in a
 * row count in full, so that who is always late judges all the same.
 */
export class Pace {
  /** Milliseconds between two ticks of the timer. */
  readonly interval: number;
  readonly #clock: () => number;
  #last: number;
  #wasForgiven = false;
  /** Milliseconds that do not count, since the process stood still. */
  stoodStill = 0;

  /**
   * @param interval Milliseconds between two ticks of the timer.
   * @param clock Tells the time that has passed, in milliseconds.
   */
  constructor(interval: number, clock: () => number = now) {
    this.interval = interval;
    this.#clock = clock;
    this.#last = clock();
  }

  /** Milliseconds, like those of `now()` without what this process stood still. */
  get time(): number {
    const time = this.#clock();
    return (this.#isLate(time) ? this.#last : time) - this.stoodStill;
  }

  /** Whether the process stood still just now: from then to the next tick that judges. */
  get isCatchingUp(): boolean {
    return this.#wasForgiven || this.#isLate(this.#clock());
  }

  #isLate(time: number): boolean {
    return time - this.#last > this.interval + MAX_LATE;
  }

  /** The timer begins to tick again: the time in which it did not counts in full. */
  resume(): void {
    this.#last = this.#clock();
    this.#wasForgiven = false;
  }

  /**
   * Counts a tick of the timer.
   *
   * @returns Whether it may judge: it is not the first after standing still.
   */
  tick(): boolean {
    const time = this.#clock();
    const late = time - this.#last - this.interval;
    this.#last = time;
    this.#wasForgiven = late > MAX_LATE && !this.#wasForgiven;
    if (this.#wasForgiven) this.stoodStill += late;
    return !this.#wasForgiven;
  }
}
