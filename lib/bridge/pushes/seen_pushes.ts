import { MAX_CLOCK_DIFFERENCE } from "../../nats/push_message.ts";

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
  /** What each says of when it was pushed, in the order in which they came. */
  readonly #times = new Map<string, number>();
  /** Nothing that is as old is believed. */
  #floor = -Infinity;

  /** @param most How many are remembered. */
  constructor(most: number = MAX_SEEN) {
    this.#most = most;
  }

  /**
   * Notes a push.
   *
   * @param id Its id.
   * @param pushed The time of day that it claims.
   * @param time The time of day.
   * @returns Why it is not done; `undefined` if it is.
   */
  refusalOf(
    id: Uint8Array,
    pushed: number,
    time: number,
  ): "clock" | "repeated" | undefined {
    if (Math.abs(pushed - time) > MAX_CLOCK_DIFFERENCE) return "clock";
    const key = String.fromCharCode(...id);
    if (this.#times.has(key)) return "repeated";
    if (pushed <= this.#floor) return "clock";
    this.#times.set(key, pushed);
    if (this.#times.size > this.#most) this.#forget();
    return undefined;
  }

  /** Forgets pushes that are too old to be believed anyway. */
  sweep(time: number): void {
    for (const pushed of this.#times.values()) {
      if (Math.abs(pushed - time) <= MAX_CLOCK_DIFFERENCE) return;
      this.#forget();
    }
  }

  #forget(): void {
    for (const [oldest, pushed] of this.#times) {
      this.#times.delete(oldest);
      this.#floor = Math.max(this.#floor, pushed);
      return;
    }
  }
}
