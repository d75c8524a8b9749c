/** How long answers took, kept whole: a run has few enough of them. */
export class LatencyRecord {
  readonly #values: number[] = [];

  /** How many were taken. */
  get count(): number {
    return this.#values.length;
  }

  /** Takes the milliseconds of one answer. */
  add(milliseconds: number): void {
    this.#values.push(milliseconds);
  }

  /** Returns the milliseconds that a share of all answers, 0 to 1, stayed within; 0 if there are none. */
  quantile(share: number): number {
    const sorted = this.#values.toSorted((a, b) => a - b);
    const index = Math.ceil(sorted.length * share) - 1;
    return sorted[Math.max(0, index)] ?? 0;
  }
}
