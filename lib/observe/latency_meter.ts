import type { Latency } from "./report.ts";

/** Buckets for each doubling: a figure is at most a ninth too high. */
const STEPS = 6;

/** Doublings from a microsecond to a day. */
const DOUBLINGS = 37;

/** Ticks of about a second after which a figure is forgotten, at most twice that. */
const TICKS_KEPT = 10;

/** Measures how long things take; remembers the last ten to twenty seconds. */
export class LatencyMeter {
  #now = new Uint32Array(STEPS * DOUBLINGS);
  #before = new Uint32Array(STEPS * DOUBLINGS);
  #ticks = 0;

  /** Takes one time, in milliseconds. */
  record(time: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(time * 1000, 1)) * STEPS);
    const last = this.#now.length - 1;
    const index = Math.min(bucket, last);
    this.#now[index] = (this.#now[index] ?? 0) + 1;
  }

  /** A second is over. */
  tick(): void {
    if (++this.#ticks % TICKS_KEPT !== 0) return;
    [this.#before, this.#now] = [this.#now, this.#before.fill(0)];
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
