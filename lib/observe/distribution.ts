/** How long something took, in milliseconds. */
export interface Latency {
  /** Half of them took no longer. */
  readonly p50: number;
  /** All but one of a hundred took no longer. */
  readonly p99: number;
}

/** How long something took since the start, as a histogram. */
export interface Durations {
  /** How many took no longer than so many seconds, from short to long. */
  readonly buckets: readonly (readonly [seconds: number, count: number])[];
  /** How many there were. */
  readonly count: number;
  /** How many seconds all of them took together. */
  readonly sum: number;
}

/** How large things were since the start, as a histogram. */
export interface Sizes {
  /** How many were no larger than so much, from small to large. */
  readonly buckets: readonly (readonly [size: number, count: number])[];
  /** How many there were. */
  readonly count: number;
  /** What all of them come to. */
  readonly sum: number;
}
