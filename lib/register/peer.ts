import type { LineConnection } from "../roster/line_connection.ts";

/** Longest line of a peer that has not said what it is, in bytes. */
const MAX_FIRST_LINE = 4_096;

/**
 * Longest line of any other, in bytes: it holds a report, which nodes keep shorter by
 * themselves, but did not always.
 */
const MAX_LINE = 1_048_576;

/** What a Register does with a connection. */
export type PeerConnection = Pick<
  LineConnection,
  | "close"
  | "destroy"
  | "lines"
  | "maxLine"
  | "remoteAddress"
  | "remoteHostname"
  | "send"
  | "writeInFlight"
>;

/** How patient a Register is, in sweeps. */
export interface Patience {
  /** Sweeps until a peer must have identified itself. */
  readonly identify: number;
  /** Sweeps that a peer that pings may then be silent. */
  readonly stale: number;
  /** Sweeps that one write may be in flight, and that a farewell may take. */
  readonly write: number;
}

/**
 * Somebody connected to the Register, and for how long that is worth it. Time is
 * counted in sweeps, not read from a clock: a Register that was frozen for an hour
 * must not find all its peers overdue when it wakes.
 */
export class Peer {
  /** The conversation with it. */
  readonly connection: PeerConnection;
  readonly #patience: Patience;
  #identified = false;
  #sweepsLeft: number;
  #stalledSweeps = 0;
  #lastWrite = 0;

  /**
   * @param connection The conversation with it.
   * @param patience How long to wait for what.
   */
  constructor(connection: PeerConnection, patience: Patience) {
    this.connection = connection;
    this.#patience = patience;
    this.#sweepsLeft = patience.identify;
    connection.maxLine = MAX_FIRST_LINE;
  }

  /** The peer has said what it is, and has shown the key. */
  identify(): void {
    if (this.#identified) return;
    this.#identified = true;
    this.#sweepsLeft = Infinity;
    this.connection.maxLine = MAX_LINE;
  }

  /**
   * The peer has pinged. That alone earns a stranger no time.
   *
   * @param sweeps After which it is given up if it does not do so again.
   */
  ping(sweeps: number = this.#patience.stale): void {
    if (this.#identified) this.#sweepsLeft = sweeps;
  }

  /** Ends the conversation after what is queued for the peer. */
  async close(): Promise<void> {
    this.#sweepsLeft = Math.min(this.#sweepsLeft, this.#patience.write);
    await this.connection.close();
  }

  /** Lets a little time pass; ends the conversation if it is used up. */
  sweep(): void {
    const write = this.connection.writeInFlight;
    const stalled = write !== 0 && write === this.#lastWrite;
    this.#lastWrite = write;
    this.#stalledSweeps = stalled ? this.#stalledSweeps + 1 : 0;
    this.#sweepsLeft--;
    if (
      this.#sweepsLeft < 0 || this.#stalledSweeps > this.#patience.write
    ) this.connection.destroy();
  }
}
