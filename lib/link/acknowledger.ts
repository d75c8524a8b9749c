/**
 * Which of the numbered events of a link are done, as the worker counts them.
 * Events finish in any order; the acknowledgement is cumulative. An event that
 * takes long is deferred: it then counts as done here, and its own release follows.
 * Pure: no I/O, no clock.
 */
export class Acknowledger {
  /** Number of the last event received. */
  received = 0;
  /** All events up to this number are done or deferred. */
  done = 0;
  /** Done events above `done`. */
  readonly #early = new Set<number>();
  readonly #deferred = new Set<number>();

  /** Counts one more event and returns its number. */
  receive(): number {
    return ++this.received;
  }

  /** Events received and not done, deferred ones included. */
  get unfinished(): number {
    return this.received - this.done - this.#early.size + this.#deferred.size;
  }

  /**
   * Notes that an event is done.
   *
   * @returns `"release"` if it had been deferred, so that the gateway must be told.
   */
  complete(sequence: number): "counted" | "release" {
    if (this.#deferred.delete(sequence)) return "release";
    if (sequence !== this.done + 1) {
      this.#early.add(sequence);
      return "counted";
    }
    this.done = sequence;
    if (this.#early.size > 0) this.#advance();
    return "counted";
  }

  /**
   * Sets aside every event up to `limit` that is not done, so that the
   * acknowledgement can go on without them.
   *
   * @returns Their numbers, in order.
   */
  defer(limit: number): number[] {
    const deferred: number[] = [];
    for (let each = this.done + 1; each <= limit; each++) {
      if (this.#early.has(each)) continue;
      deferred.push(each);
      this.#deferred.add(each);
      this.#early.add(each);
    }
    this.#advance();
    return deferred;
  }

  #advance(): void {
    while (this.#early.delete(this.done + 1)) this.done++;
  }
}
