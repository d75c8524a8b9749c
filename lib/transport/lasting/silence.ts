import type { Connection } from "../connection.ts";

/** Looks in a row without a sign of life after which a socket is given up. */
const MAX_SILENT = 2;

/** Finds out whether there is nobody at the other end of a socket any more. */
export class Silence {
  #activity = -1;
  #queue = 0;
  #looks = 0;

  /** Another socket is looked at. */
  begin(): void {
    this.#activity = -1;
    this.#looks = this.#queue = 0;
  }

  /** Looks; returns whether it has lasted for too long. */
  isTooLong({ activity, queuedBytes }: Connection): boolean {
    // Who reads a long message says nothing until he has it.
    const isSilent = activity === this.#activity && queuedBytes >= this.#queue;
    this.#activity = activity;
    this.#queue = queuedBytes;
    this.#looks = isSilent ? this.#looks + 1 : 0;
    return this.#looks >= MAX_SILENT;
  }
}
