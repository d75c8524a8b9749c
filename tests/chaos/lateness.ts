import { now } from "../../lib/base/clock.ts";

/** Milliseconds between two looks. */
const INTERVAL = 20;

/** Milliseconds for which a late look is remembered. */
const MEMORY = 10_000;

/**
 * How late this process is: what it takes for the truth it has found out so much later,
 * as a machine that is too busy gives it no time.
 */
export class Lateness implements Disposable {
  readonly #timer: ReturnType<typeof setInterval>;
  #late: { readonly time: number; readonly by: number }[] = [];
  #due = now() + INTERVAL;
  /** Most milliseconds by which it ever was late. */
  worst = 0;

  constructor() {
    this.#timer = setInterval(() => this.#look(), INTERVAL);
  }

  /** Most milliseconds by which it was late in the last seconds. */
  get recent(): number {
    this.#look();
    return this.#late.reduce((most, { by }) => Math.max(most, by), 0);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const time = now();
    const by = Math.max(0, time - this.#due);
    // Asked before it is due, it has nothing to say.
    if (time < this.#due) return;
    this.#due = time + INTERVAL;
    this.worst = Math.max(this.worst, by);
    this.#late = this.#late.filter((each) => time - each.time < MEMORY);
    if (by > INTERVAL) this.#late.push({ time, by });
  }
}
