import type { ConnectionListener, Refusal } from "../connection.ts";

/**
 * Has a client be told why it may not come in. That waits for its request: who is
 * answered before it has asked may lose the answer.
 */
export class TurnedAway implements ConnectionListener {
  readonly #refusal: Refusal;
  /** Whoever speaks HTTP is answered once. */
  readonly maxRequests = 1;

  /** @param refusal What it is told. */
  constructor(refusal: Refusal) {
    this.#refusal = refusal;
  }

  /** Refuses. */
  onRequest(): Promise<Refusal> {
    return Promise.resolve(this.#refusal);
  }

  /** Nobody who is refused comes so far, nor any further. */
  onOpen(): void {}
  onMessage(): void {}
  onClose(): void {}
}
