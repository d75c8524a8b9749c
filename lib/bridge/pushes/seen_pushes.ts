import { MAX_CLOCK_DIFFERENCE, type Push } from "../../nats/push_message.ts";

/** Most pushes that are remembered. */
const MAX_SEEN = 200_000;

/**
 * Pushes of the last while, so that none is done twice. Where more come than can be
 * remembered the oldest are forgotten, and nothing that claims to be older than what was
 * forgotten is believed any more: clocks must agree the better, the more is pushed.
 * Pure: time is given.
 */
export class SeenPushes {
  readonly #most: number;
  /** What each says of when it was pushed, and how often, in the order in which they came. */
  readonly #seen = new Map<string, { pushed: number; again: number }>();
  /** Nothing that is as old is believed. */
  #floor = -Infinity;

  /** @param most How many are remembered. */
  constructor(most: number = MAX_SEEN) {
    this.#most = most;
  }

  /**
   * Notes a push.
   *
   * @param push Its id, the time of day that it claims, and how often it came before.
   * @param time The time of day.
   * @returns Why it is not believed; `undefined` if it is.
   */
  refusalOf(
    { id, time: pushed, again }: Pick<Push, "id" | "time" | "again">,
    time: number,
  ): "clock" | "repeated" | undefined {
    if (Math.abs(pushed - time) > MAX_CLOCK_DIFFERENCE) return "clock";
    const key = String.fromCharCode(...id);
    const seen = this.#seen.get(key);
    if (seen !== undefined) {
      // Who pushed it says that it does so again; what was recorded cannot.
      if (again <= seen.again) return "repeated";
      seen.again = again;
      return undefined;
    }
    if (pushed <= this.#floor) return "clock";
    this.#seen.set(key, { pushed, again });
    if (this.#seen.size > this.#most) this.#forget();
    return undefined;
  }

  /** Forgets pushes that are too old to be believed anyway. */
  sweep(time: number): void {
    for (const { pushed } of this.#seen.values()) {
      if (Math.abs(pushed - time) <= MAX_CLOCK_DIFFERENCE) return;
      this.#forget();
    }
  }

  #forget(): void {
    for (const [oldest, { pushed }] of this.#seen) {
      this.#seen.delete(oldest);
      this.#floor = Math.max(this.#floor, pushed);
      return;
    }
  }
}
