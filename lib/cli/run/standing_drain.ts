import type { DrainQuestion } from "../ask/question.ts";

/**
 * The last order to send all clients away, until it is taken back: whoever takes the
 * place of a gateway that was lost meanwhile lets nobody in either.
 */
export class StandingDrain {
  #question: DrainQuestion | undefined;

  /** What a gateway that has just come is to be told, too. */
  get question(): DrainQuestion | undefined {
    return this.#question;
  }

  /** Gateways are replaced, to serve again. */
  end(): void {
    this.#question = undefined;
  }

  /** Somebody gives an order about drains. */
  note(question: DrainQuestion): void {
    // Some clients only are to connect anew: that changes nothing for those who come.
    if (question.share !== undefined) return;
    this.#question = question.cancel ? undefined : question;
  }
}
