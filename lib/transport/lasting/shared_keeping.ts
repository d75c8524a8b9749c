import type { GapsTold } from "./gaps_told.ts";
import type { RingPool } from "./ring.ts";

/**
 * What the sessions of a gateway share.
 *
 * @typeParam Session One of them.
 */
export interface SharedKeeping<Session> {
  /** What their rings share. */
  readonly pool: RingPool;
  /** Counts what their clients are told to have missed. */
  readonly gaps: GapsTold;
  /** Most milliseconds for which a client may be away. */
  readonly maxWindow: number;
  /** The clock, in milliseconds; it stands still with the process. */
  readonly time: number;
  /** Milliseconds from one client that comes back to the last, where all do at once. */
  readonly spread: number;
  /** Its client has read the last welcome: the token before is good for nothing more. */
  confirm(session: Session): void;
  /** Wants to be asked again soon whether its frames are handled. */
  owe(session: Session): void;
  /** Has no socket any more. */
  onAway(session: Session): void;
  /** Nobody can go on with it any more. */
  onClosing(session: Session): void;
  /** Is over. */
  onEnded(session: Session): void;
}
