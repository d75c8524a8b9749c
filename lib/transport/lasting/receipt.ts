/**
 * Hot: what came from a client, and what of it is handled.
 *
 * @module
 */

import type { ConnectionListener } from "../connection.ts";

/** Counted frames after which it is asked whether they are handled. */
const CHECKPOINT = 32;

/** Whose frames a {@linkcode Receipt} counts. */
export interface ReceiptOwner {
  /** Who knows when all that came so far is handled. */
  readonly listener: Pick<ConnectionListener, "onCheckpoint">;
  /** Wants {@linkcode Receipt.check} to be called soon. */
  owe(): void;
  /** So many frames are handled. */
  tellHandled(count: number): void;
}

/** Counts frames of a client, and finds out how many of them workers have handled. */
export class Receipt {
  readonly #owner: ReceiptOwner;
  #isOwing = false;
  #isAsking = false;
  /** Counted frames that came. */
  received = 0;
  /** So many of them are handled. */
  handled = 0;

  /** @param owner Whom it asks and tells. */
  constructor(owner: ReceiptOwner) {
    this.#owner = owner;
  }

  /** Counts one. */
  count(): void {
    this.received++;
    if (!this.#isOwing) this.#owe();
    else if (this.received - this.handled > CHECKPOINT) this.#ask();
  }

  /** Asks whether all that came is handled, unless that is being asked. */
  check(): void {
    this.#isOwing = false;
    this.#ask();
  }

  #ask(): void {
    if (this.#isAsking || this.received === this.handled) return;
    const { received } = this;
    this.#isAsking = true;
    this.#owner.listener.onCheckpoint?.((isHandled) => {
      this.#isAsking = false;
      if (isHandled) {
        this.handled = received;
        this.#owner.tellHandled(received);
      }
      if (this.received > this.handled) this.#owe();
    });
  }

  #owe(): void {
    if (this.#isOwing) return;
    this.#isOwing = true;
    this.#owner.owe();
  }
}
