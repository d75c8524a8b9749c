/** Options for {@linkcode backoff}. */
export interface BackoffOptions {
  /**
   * Milliseconds before the first retry.
   *
   * @default {100}
   */
  minDelay?: number;
  /**
   * Most milliseconds between two retries.
   *
   * @default {10_000}
   */
  maxDelay?: number;
}

/**
 * Yields how long to wait before each retry: doubling, each cut by up to half at
 * random, so that many peers that lost the same node do not return in step.
 *
 * @param options The bounds.
 * @returns Delays in milliseconds, without end.
 * @throws {RangeError} If `minDelay` is not positive or exceeds `maxDelay`.
 */
export function* backoff(
  options: BackoffOptions = {},
): Generator<number, never> {
  const { minDelay = 100, maxDelay = 10_000 } = options;
  if (!(minDelay > 0) || minDelay > maxDelay) {
    throw new RangeError(
      `Cannot back off as minDelay must be > 0 and <= maxDelay: current values are ${minDelay} and ${maxDelay}`,
    );
  }
  for (let limit = minDelay;; limit = Math.min(limit * 2, maxDelay)) {
    yield limit * (0.5 + Math.random() / 2);
  }
}
