/** The memory of one process after one round. */
export interface MemoryPoint {
  /** Bytes that the process holds. */
  readonly rss: number;
  /** Bytes of live objects. */
  readonly live: number;
}

/** How much the memory of one process grew. */
export interface Growth {
  /** Bytes that it held at first. */
  readonly rss: number;
  /** Bytes that it holds more at last. */
  readonly rssGrowth: number;
  /** Bytes of live objects at first. */
  readonly live: number;
  /** Bytes of live objects more at last. */
  readonly liveGrowth: number;
  /** Why that is too much; `undefined` if it is within noise. */
  readonly complaint: string | undefined;
}

/** Rounds at the start that compile, fill pools, and do not count. */
const WARMUP_PART = 0.3;

/** Growth that noise makes: pages that the allocator keeps, code that is compiled late. */
const RSS_NOISE = 8_000_000;
const RSS_NOISE_PART = 0.06;

/** Bytes of live objects that rounds of a time grow by; those of a number, by less. */
export const LIVE_NOISE = 700_000;

/**
 * Compares the first rounds after a warm-up with the last ones: medians of each, since
 * a single point says more of the allocator than of a leak.
 *
 * @param points One for each round.
 * @param liveNoise Bytes of live objects by which it may grow.
 */
export function growthOf(
  points: readonly MemoryPoint[],
  liveNoise: number = LIVE_NOISE,
): Growth {
  const counted = points.slice(Math.floor(points.length * WARMUP_PART));
  const width = Math.ceil(counted.length / 3);
  const [first, last] = [counted.slice(0, width), counted.slice(-width)];
  const rss = median(first.map((point) => point.rss));
  const live = median(first.map((point) => point.live));
  const rssGrowth = median(last.map((point) => point.rss)) - rss;
  const liveGrowth = median(last.map((point) => point.live)) - live;
  const complaint = liveGrowth > liveNoise
    ? `${liveGrowth} bytes of live objects`
    : complaintAbout(rss, rssGrowth);
  return { rss, rssGrowth, live, liveGrowth, complaint };
}

function complaintAbout(rss: number, rssGrowth: number): string | undefined {
  const noise = Math.max(RSS_NOISE, rss * RSS_NOISE_PART);
  return rssGrowth > noise ? `${rssGrowth} bytes of memory` : undefined;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
