/** Tokens that come at a steady rate, of which a second's worth can be saved. Pure. */
export class TokenBucket {
  readonly #rate: number;
  #tokens: number;
  #time: number;

  /**
   * Starts full.
   *
   * @param rate Tokens a second; `Infinity` for no limit.
   * @param now The time, in milliseconds.
   */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#tokens = rate;
    this.#time = now;
  }

  /** Whether a second's worth is saved. */
  isFull(now: number): boolean {
    this.take(0, now);
    return this.#tokens === this.#rate;
  }

  /** Lets off what was taken on credit. */
  forgive(): void {
    this.#tokens = Math.max(this.#tokens, 0);
  }

  /**
   * Takes tokens if any are left, on credit if need be; returns whether it did. What is
   * not there is not taken: else a crowd would use up all that is to come.
   */
  spend(count: number, now: number): boolean {
    const isLeft = this.take(0, now);
    if (isLeft) this.take(count, now);
    return isLeft;
  }

  /** Takes tokens, on credit if need be; returns whether there were enough. */
  take(count: number, now: number): boolean {
    if (this.#rate === Infinity) return true;
    const passed = Math.max(now - this.#time, 0);
    this.#tokens = Math.min(
      this.#tokens + passed / 1_000 * this.#rate,
      this.#rate,
    );
    this.#time += passed;
    this.#tokens -= count;
    return this.#tokens >= 0;
  }
}
