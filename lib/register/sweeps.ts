import type { ResolvedRegisterOptions } from "./options.ts";
import type { Patience } from "./peer.ts";

/** Longest time between two looks at who is overdue, in milliseconds. */
const MAX_INTERVAL = 1_000;

/** How long a peer may leave one write unread, in milliseconds. */
const WRITE_TIMEOUT = 30_000;

/** Pings that a node may miss of those that it promised. */
const MISSED_PINGS = 3;

/** The looks at who is overdue, in which a Register counts time: see `Peer`. */
export class Sweeps {
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** How patient the Register is. */
  readonly patience: Patience;

  /** @param options What the Register was told. */
  constructor({ identifyTimeout, staleTimeout }: ResolvedRegisterOptions) {
    const stale = staleTimeout || Infinity;
    this.interval = Math.min(MAX_INTERVAL, identifyTimeout, stale);
    this.patience = {
      identify: this.#count(identifyTimeout),
      stale: this.#count(stale),
      write: this.#count(WRITE_TIMEOUT),
    };
  }

  /**
   * How long a peer may be silent that has sent a ping.
   *
   * @param every Milliseconds in which it promised another one, if it did.
   */
  afterPing(every: number | undefined): number {
    const { stale } = this.patience;
    return every === undefined || stale === Infinity
      ? stale
      : Math.min(this.#count(MISSED_PINGS * every), stale);
  }

  #count(time: number): number {
    return Math.ceil(time / this.interval);
  }
}
