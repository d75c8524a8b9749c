/** What the gateway under attack is told; everything else is as by default. */
export const LIMITS = {
  maxMessage: 1_048_576,
  sendBuffer: 262_144,
  maxConnections: 1_500,
  maxMessageRate: 2_000,
  ratePolicy: "close",
} as const;

/** Most megabytes that the gateway's process may hold, whatever comes. */
export const MEMORY_BUDGET = 450;

/** How much later an ordinary client's answers may come. */
export const SLOWDOWN = 3;

/**
 * Milliseconds that are not counted as slow: a machine with other work to do makes
 * pauses of its own.
 */
export const SLACK = 40;
