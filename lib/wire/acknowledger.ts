/** An event that is not done, and its number on the link. */
export interface NumberedEvent<Event> {
  /** The event. */
  readonly event: Event;
  /** Its number on the link, from 1. */
  readonly sequence: number;
}

/**
 * Hot: which of the numbered events of a link are done, as the worker counts them.
 * Events finish in any order; the acknowledgement is cumulative. An event that takes
 * long is set aside: it then counts as done here, and whoever set it aside sees to the
 * rest. Pure: no I/O, no clock.
 */
export class Acknowledger<Event> {
  /** What is not done, from `done + 1` on, each at its number modulo the length. */
  #ring: (Event | undefined)[] = new Array(MIN_LENGTH).fill(undefined);
  #finished = 0;
  /** Number of the last event received. */
  received = 0;
  /** All events up to this number are done or set aside. */
  done = 0;

  /** Counts one more event and returns its number. */
  receive(event: Event): number {
    const sequence = ++this.received;
    if (sequence - this.done > this.#ring.length) this.#grow();
    this.#ring[sequence & (this.#ring.length - 1)] = event;
    return sequence;
  }

  /** Counts one more event of which there is nothing to do. */
  skip(): void {
    this.#finished++;
    if (++this.received === this.done + 1) this.#advance();
    else if (this.received - this.done > this.#ring.length) this.#grow();
  }

  /** Events received and not done, those set aside included. */
  get unfinished(): number {
    return this.received - this.#finished;
  }

  /** Notes that an event is done. */
  complete(sequence: number): void {
    this.#finished++;
    if (sequence <= this.done) return;
    this.#ring[sequence & (this.#ring.length - 1)] = undefined;
    if (sequence === this.done + 1) this.#advance();
  }

  /**
   * Sets aside every event up to `limit` that is not done, so that the
   * acknowledgement can go on without them.
   *
   * @returns These events, in order.
   */
  setAside(limit: number): NumberedEvent<Event>[] {
    const mask = this.#ring.length - 1;
    const aside: NumberedEvent<Event>[] = [];
    while (this.done < limit) {
      const sequence = ++this.done;
      const event = this.#ring[sequence & mask];
      if (event === undefined) continue;
      aside.push({ event, sequence });
      this.#ring[sequence & mask] = undefined;
    }
    this.#advance();
    return aside;
  }

  #advance(): void {
    const ring = this.#ring;
    const mask = ring.length - 1;
    const { received } = this;
    let { done } = this;
    while (done < received && ring[(done + 1) & mask] === undefined) done++;
    this.done = done;
  }

  /** Makes room; a link's window bounds how many events are not done. */
  #grow(): void {
    const { length } = this.#ring;
    const ring = new Array<Event | undefined>(2 * length).fill(undefined);
    for (let each = this.done + 1; each < this.received; each++) {
      ring[each & (2 * length - 1)] = this.#ring[each & (length - 1)];
    }
    this.#ring = ring;
  }
}

/** Events that there is room for at first; a power of two. */
const MIN_LENGTH = 64;
