/**
 * What became of every client event that this gateway accepted, and of every
 * message that it was told to send. At any moment
 * `accepted = acknowledged + inFlight + parked + poisoned + expired`.
 */
export interface LedgerEntry {
  /** Events taken from clients: connects, messages, requests, aways, backs and closes. */
  readonly accepted: number;
  /**
   * Events whose handler has finished, that a worker of PHP was handed, or that no
   * worker was to be told: a request taken back in time, or one, or a client's coming
   * and going, that its worker is too old for.
   */
  readonly acknowledged: number;
  /** Events sent to a worker and not acknowledged. */
  readonly inFlight: number;
  /** Events that wait for a worker. */
  readonly parked: number;
  /** Events set aside since they were in flight in too many crashes. */
  readonly poisoned: number;
  /** Events given up since no worker came in time. */
  readonly expired: number;
  /** Events sent again to another worker. */
  readonly redelivered: number;
  /** Messages meant for clients that were there. */
  readonly sent: number;
  /** Of these, dropped since the client did not keep up. */
  readonly dropped: number;
}

/** The counters of one gateway. */
export class Ledger {
  /** See {@linkcode LedgerEntry}. */
  accepted = 0;
  /** See {@linkcode LedgerEntry}. */
  acknowledged = 0;
  /** See {@linkcode LedgerEntry}. */
  parked = 0;
  /** See {@linkcode LedgerEntry}. */
  poisoned = 0;
  /** See {@linkcode LedgerEntry}. */
  expired = 0;
  /** See {@linkcode LedgerEntry}. */
  redelivered = 0;
  /** See {@linkcode LedgerEntry}. */
  sent = 0;
  /** See {@linkcode LedgerEntry}. */
  dropped = 0;

  /** Returns all counters, with the events in flight as the links count them. */
  entry(inFlight: number): LedgerEntry {
    const {
      accepted,
      acknowledged,
      parked,
      poisoned,
      expired,
      redelivered,
      sent,
      dropped,
    } = this;
    return {
      accepted,
      acknowledged,
      inFlight,
      parked,
      poisoned,
      expired,
      redelivered,
      sent,
      dropped,
    };
  }
}
