/** What clients were told of messages that they missed. */
export class GapsTold {
  #gaps = 0;
  #missed = 0;

  /** A client is told that so many messages are missing in one place. */
  note(missed: number): void {
    this.#gaps++;
    this.#missed += missed;
  }

  /** How often that was since the start, and how many messages in all. */
  get figures(): { readonly gaps: number; readonly missed: number } {
    return { gaps: this.#gaps, missed: this.#missed };
  }
}
