/** Who may not come in, at a gateway, and what became of that. */
export interface RefusalFigures {
  /** Uids, ranges of addresses and tokens that are refused. */
  readonly entries: number;
  /** Clients closed since the start, as they were refused. */
  readonly closed: number;
  /** Clients not let in since the start, as they were refused. */
  readonly turnedAway: number;
}

/** How often a gateway's limits of uids and addresses were exceeded, by their names. */
export type LimitFigures = Readonly<Record<string, number>>;
