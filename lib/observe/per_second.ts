/** Makes a rate of a total that only grows. */
export class PerSecond {
  #total = 0;
  #rate = 0;

  /** How much came a second, when it was last looked at. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * Looks at the total.
   *
   * @param total What it is now.
   * @param seconds How long ago it was looked at last.
   */
  tick(total: number, seconds: number): void {
    this.#rate = Math.round(10 * (total - this.#total) / seconds) / 10;
    this.#total = total;
  }
}
