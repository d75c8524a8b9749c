/** What became of what workers say to each other, since the start. */
export interface NoticeFigures {
  /** Notices that this one sent, and that all workers have for which they were. */
  readonly sent: number;
  /** Those that some worker does not have, or may not have. */
  readonly lost: number;
  /** Notices of others that this one took. */
  readonly taken: number;
  /** Those that came again, and were not taken again. */
  readonly repeated: number;
  /** Those that it did not take, as too many wait. */
  readonly refused: number;
}
