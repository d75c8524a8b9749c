import type { Sizes } from "./distribution.ts";

/** Largest bound of a bucket, as a power of two: a million. */
const LAST_POWER = 20;

/** Counts how large things are, in buckets that double: pure, and makes no memory. */
export class SizeMeter {
  /** For each power of two, how many were larger than the one before it, and not than it. */
  readonly #counts = new Float64Array(LAST_POWER + 2);
  #sum = 0;

  /** Hot: takes one size, 0 or more. */
  record(size: number): void {
    const power = size <= 1 ? 0 : 32 - Math.clz32(size - 1);
    const bucket = Math.min(power, LAST_POWER + 1);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += size;
  }

  /** Returns how large things were since the start. */
  sizes(): Sizes {
    let count = 0;
    const buckets = Array.from(this.#counts, (each, power) => {
      count += each;
      return [2 ** power, count] as const;
    }).slice(0, LAST_POWER + 1);
    return { buckets, count, sum: this.#sum };
  }
}
