/** Most answers that are remembered; the oldest are forgotten first. */
const MAX_ANSWERS = 10_000;

/** Says something to whoever pushed. */
export type Say = (answer: Uint8Array) => void;

/** What was answered to the last pushes: whoever did not hear it asks again. */
export class PushAnswers {
  /** By push and shard; `undefined` while it is being done. */
  readonly #answers = new Map<string, Uint8Array | undefined>();

  /**
   * Whether a push was done here before, or is being done: then it is answered as it was.
   *
   * @param id Its id, and the shard.
   */
  repeat(id: string, say: Say): boolean {
    if (!this.#answers.has(id)) return false;
    const answer = this.#answers.get(id);
    if (answer !== undefined) say(answer);
    return true;
  }

  /** A push is being done. */
  begin(id: string): void {
    this.#answers.set(id, undefined);
    if (this.#answers.size <= MAX_ANSWERS) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  /** It was done. */
  end(id: string, answer: Uint8Array): void {
    if (this.#answers.has(id)) this.#answers.set(id, answer);
  }
}
