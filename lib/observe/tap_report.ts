/** Somebody who is shown frames of some clients. */
export interface TapReport {
  /** Whose: `uid "ann"`. */
  readonly what: string;
  /** Who wanted it, as they said themselves. */
  readonly by: string;
  /** Whether what frames say is shown. */
  readonly payload: boolean;
  /** For how long. */
  readonly seconds: number;
  /** Frames that were shown. */
  readonly shown: number;
  /** Frames that were not, as there were too many. */
  readonly leftOut: number;
}
