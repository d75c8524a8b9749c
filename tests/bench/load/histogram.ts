/** Parts that each power of two is cut into: values are kept to within 1.6 %. */
const PARTS = 64;
const PART_BITS = 6;

/** Counts durations in buckets that grow with the value, so recording costs the same for all. */
export class Histogram {
  readonly #counts = new Float64Array(PARTS * (32 - PART_BITS + 1));
  #count = 0;
  #sum = 0;
  #max = 0;

  /** How many values were recorded. */
  get count(): number {
    return this.#count;
  }

  /**
   * Records one duration.
   *
   * @param duration Milliseconds; kept in microseconds, at most 35 minutes.
   */
  record(duration: number): void {
    const micros = Math.min(
      Math.max(Math.round(duration * 1_000), 0),
      2 ** 31 - 1,
    );
    const bucket = bucketOf(micros);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#count++;
    this.#sum += micros;
    if (micros > this.#max) this.#max = micros;
  }

  /**
   * Returns the duration that the given share of values does not exceed.
   *
   * @param share From 0 to 1.
   * @returns Milliseconds; 0 if nothing was recorded.
   */
  quantile(share: number): number {
    const rank = Math.max(Math.ceil(share * this.#count), 1);
    let seen = 0;
    for (let bucket = 0; bucket < this.#counts.length; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(upperEnd(bucket), this.#max) / 1_000;
    }
    return 0;
  }

  /** Forgets everything. */
  reset(): void {
    this.#counts.fill(0);
    this.#count = this.#sum = this.#max = 0;
  }

  /** Returns the figures that reports show. */
  summary(): LatencySummary {
    return {
      count: this.#count,
      mean: this.#count === 0 ? 0 : this.#sum / this.#count / 1_000,
      p50: this.quantile(0.5),
      p90: this.quantile(0.9),
      p99: this.quantile(0.99),
      p999: this.quantile(0.999),
      max: this.#max / 1_000,
    };
  }
}

/** What a {@linkcode Histogram} says in a report; durations in milliseconds. */
export interface LatencySummary {
  /** Values recorded. */
  readonly count: number;
  /** Arithmetic mean. */
  readonly mean: number;
  /** Half of the values are at most this. */
  readonly p50: number;
  /** 90 % of the values are at most this. */
  readonly p90: number;
  /** 99 % of the values are at most this. */
  readonly p99: number;
  /** 99.9 % of the values are at most this. */
  readonly p999: number;
  /** The greatest value. */
  readonly max: number;
}

function bucketOf(micros: number): number {
  if (micros < PARTS) return micros;
  const power = 31 - Math.clz32(micros);
  const part = (micros >> (power - PART_BITS)) - PARTS;
  return (power - PART_BITS + 1) * PARTS + part;
}

function upperEnd(bucket: number): number {
  if (bucket < PARTS) return bucket;
  const shift = Math.floor(bucket / PARTS) - 1;
  return (PARTS + bucket % PARTS + 1) * 2 ** shift - 1;
}
