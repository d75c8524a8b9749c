/** Why a client is not read for a while; each ends by itself. */
export const Hold = {
  /** It is not known yet whether it may come in. */
  Authorization: 1,
  /** It sent faster than it may. */
  Rate: 2,
  /** A message of it is being decompressed. */
  Inflation: 4,
  /** It has said goodbye. This does not end. */
  Leaving: 8,
  /** A request of it waits for its answer. */
  Visit: 16,
} as const;

/** One of the numbers in {@linkcode Hold}. */
export type Hold = typeof Hold[keyof typeof Hold];
