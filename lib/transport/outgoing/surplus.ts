/** Milliseconds that a client with a surplus may take nothing. */
const PATIENCE = 10_000;

/** Most bytes in surplus, of all clients of a listener together. */
const MAX_SURPLUS = 268_435_456;

/** Someone for whom more waits than may. */
export interface Borrower {
  /** It has taken nothing for too long, and others need the room: it drops what waits. */
  onRecalled(): void;
}

interface Loan {
  bytes: number;
  /** When it was last seen to take anything; when it was made, before that. */
  readonly since: number;
}

/** Options for {@linkcode Surplus}. */
export interface SurplusOptions {
  /** The clock, in milliseconds; it need not be exact. */
  readonly now: () => number;
  /**
   * Most bytes of all together.
   *
   * @default {268_435_456}
   */
  readonly limit?: number;
}

/**
 * What waits for clients beyond the send buffer of each: what was said to them in one
 * breath, while they read. Who takes nothing for 10 seconds gets no more, and goes when
 * others need its room. Of all clients of a listener together it is bounded.
 */
export class Surplus {
  readonly #now: () => number;
  readonly #limit: number;
  /** Those first who have taken nothing for the longest. */
  readonly #loans = new Map<Borrower, Loan>();

  /** Bytes of all. */
  bytes = 0;

  /** Starts with nothing lent. */
  constructor({ now, limit = MAX_SURPLUS }: SurplusOptions) {
    this.#now = now;
    this.#limit = limit;
  }

  /**
   * Asks for more.
   *
   * @param bytes What the borrower would have in surplus, all in all.
   * @returns Whether it may.
   */
  lend(borrower: Borrower, bytes: number): boolean {
    const time = this.#now();
    const loan = this.#loans.get(borrower);
    if (loan !== undefined && isOverdue(loan, time)) return false;
    const more = bytes - (loan?.bytes ?? 0);
    if (!this.#makeRoom(more, time)) return false;
    this.bytes += more;
    if (loan !== undefined) loan.bytes = bytes;
    else this.#loans.set(borrower, { bytes, since: time });
    return true;
  }

  /** Notes that a borrower has taken something, and what is left of its surplus. */
  note(borrower: Borrower, bytes: number): void {
    this.forget(borrower);
    if (bytes <= 0) return;
    this.bytes += bytes;
    this.#loans.set(borrower, { bytes, since: this.#now() });
  }

  /** A borrower has nothing in surplus any more. */
  forget(borrower: Borrower): void {
    this.bytes -= this.#loans.get(borrower)?.bytes ?? 0;
    this.#loans.delete(borrower);
  }

  #makeRoom(more: number, time: number): boolean {
    for (const [borrower, loan] of this.#loans) {
      if (this.bytes + more <= this.#limit || !isOverdue(loan, time)) break;
      this.forget(borrower);
      borrower.onRecalled();
    }
    return this.bytes + more <= this.#limit;
  }
}

function isOverdue({ since }: Loan, time: number): boolean {
  return time - since > PATIENCE;
}
