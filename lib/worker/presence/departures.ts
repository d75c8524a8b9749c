import { Deque } from "../../base/deque.ts";
import type { Link } from "../../link/link.ts";

/** How far a link must have come. */
interface Mark {
  readonly link: Link;
  /** Bytes appended to it by then. */
  readonly bytes: number;
}

interface Waiting {
  readonly marks: readonly Mark[];
  act(): void;
}

/**
 * Does things once all that was sent before has left this process: what it has then said
 * is known, even if it dies. A link that takes nothing for a second is not waited for.
 */
export class Departures {
  readonly #links: () => Iterable<Link>;
  readonly #waiting = new Deque<Waiting>();

  /** @param links All that things are sent on. */
  constructor(links: () => Iterable<Link>) {
    this.#links = links;
  }

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Does something after all that was sent so far has left, in the order of the calls. */
  after(act: () => void): void {
    const marks: Mark[] = [];
    for (const link of this.#links()) {
      if (link.isFlushed || !link.isOpen) continue;
      marks.push({ link, bytes: link.log.appendedBytes });
    }
    this.#waiting.push({ marks, act });
    this.advance();
  }

  /** Something has left, or a link is gone, or some time has passed. */
  advance(): void {
    while (this.#waiting.first?.marks.every(hasLeft)) {
      this.#waiting.shift()?.act();
    }
  }
}

function hasLeft({ link, bytes }: Mark): boolean {
  return !link.isOpen || link.isStalled || link.log.writtenBytes >= bytes;
}
