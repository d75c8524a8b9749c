import type { Durations, Latency } from "./distribution.ts";

/** Buckets for each doubling: a figure is at most a ninth too high. */
const STEPS = 6;

/** Doublings from a microsecond to a day. */
const DOUBLINGS = 37;

/** Ticks of about a second after which a figure is forgotten, at most twice that. */
const TICKS_KEPT = 10;

/** Bounds of {@linkcode Durations}: so many microseconds, as powers of two. */
const FIRST_BOUND = 6;
const LAST_BOUND = 24;

/** Measures how long things take: in the last ten to twenty seconds, and ever. */
export class LatencyMeter {
  #now = new Uint32Array(STEPS * DOUBLINGS);
  #before = new Uint32Array(STEPS * DOUBLINGS);
  /** All of those forgotten, and of those about to be. */
  readonly #earlier = new Float64Array(STEPS * DOUBLINGS);
  #sum = 0;
  #ticks = 0;

  /**
   * Takes one time.
   *
   * @param time In milliseconds.
   * @param weight How many like it this one stands for.
   */
  record(time: number, weight = 1): void {
    const bucket = Math.ceil(Math.log2(Math.max(time * 1000, 1)) * STEPS);
    const last = this.#now.length - 1;
    const index = Math.min(bucket, last);
    this.#now[index] = (this.#now[index] ?? 0) + weight;
    this.#sum += time * weight;
  }

  /** A second is over. */
  tick(): void {
    if (++this.#ticks % TICKS_KEPT !== 0) return;
    for (const [i, count] of this.#now.entries()) {
      this.#earlier[i] = (this.#earlier[i] ?? 0) + count;
    }
    [this.#before, this.#now] = [this.#now, this.#before.fill(0)];
  }

  /** Returns how long things took since the start. */
  durations(): Durations {
    const buckets: [number, number][] = [];
    let count = 0;
    let next = FIRST_BOUND;
    for (const [i, earlier] of this.#earlier.entries()) {
      count += earlier + (this.#now[i] ?? 0);
      if (i !== next * STEPS || next > LAST_BOUND) continue;
      buckets.push([2 ** next / 1e6, count]);
      next++;
    }
    return { buckets, count, sum: this.#sum / 1000 };
  }

  /** Returns how long things took of late; zeros if there were none. */
  latency(): Latency {
    const counts = this.#now.map((count, i) => count + (this.#before[i] ?? 0));
    const all = counts.reduce((sum, count) => sum + count, 0);
    return {
      p50: quantile(counts, all * 0.5),
      p99: quantile(counts, all * 0.99),
    };
  }
}

function quantile(counts: Uint32Array, rank: number): number {
  if (rank === 0) return 0;
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    seen += count;
    if (seen >= rank) return Math.round(2 ** (bucket / STEPS)) / 1000;
  }
  return 0;
}
