import { now } from "../base/clock.ts";
import { pause } from "../base/pause.ts";

/** Least milliseconds from one asking to the next. */
const INTERVAL = 50;

/**
 * Asks once for all who want to know at the same time, however many they are and
 * however fast they come back. Who is answered gets what was asked for after it came.
 */
export class Shared<T> {
  readonly #ask: () => Promise<T>;
  #next: Promise<T> | undefined;
  #settled: Promise<unknown> = Promise.resolve();
  #last = -Infinity;

  /** @param ask Asks; one at a time. */
  constructor(ask: () => Promise<T>) {
    this.#ask = ask;
  }

  /** Asks, or joins those who wait for the next asking. */
  get(): Promise<T> {
    return this.#next ??= this.#askInTurn();
  }

  async #askInTurn(): Promise<T> {
    await this.#settled;
    const early = this.#last + INTERVAL - now();
    if (early > 0) await pause(early);
    this.#last = now();
    // Who comes from here on may have seen what this answer does not know yet.
    this.#next = undefined;
    const answer = this.#ask();
    this.#settled = answer.catch(() => {
      // Whoever waits for this answer is told; the next one need not know.
    });
    return await answer;
  }
}
