import type { Link } from "../link/link.ts";
import { Command } from "../wire/command.ts";
import { named, type Notice } from "./deferral.ts";
import type { Numbering } from "./numbering.ts";

/** How far a link must have written before something may be acknowledged. */
export interface Mark {
  /** The link. */
  readonly link: Link;
  /** Bytes appended to it by then. */
  readonly bytes: number;
}

/** What is to be said, and what must have left before. */
interface Waiting {
  readonly done: number;
  readonly released: readonly Notice[];
  readonly marks: readonly Mark[];
}

/**
 * Keeps acknowledgements back until what their handlers sent has left on every link: a
 * worker that dies in between would have sent it to nobody, and the event would not be
 * told again.
 */
export class Barrier {
  readonly #numbering: Numbering;
  readonly #marks: () => readonly Mark[];
  #waiting: Waiting | undefined;
  #acknowledged = 0;

  /**
   * @param numbering Knows what is done.
   * @param marks Says what is still to leave on all other links.
   */
  constructor(numbering: Numbering, marks: () => readonly Mark[]) {
    this.#numbering = numbering;
    this.#marks = marks;
  }

  /** Whether something waits. */
  get isUp(): boolean {
    return this.#waiting !== undefined;
  }

  /** Whether all that is done has been said. */
  get isSettled(): boolean {
    return !this.isUp && this.#acknowledged === this.#numbering.done &&
      this.#numbering.hasSaidAll;
  }

  /** Hot: a write is about to start: says what may be said now. */
  pass(say: (notice: Notice) => void): void {
    this.#waiting ??= this.#next();
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    for (const mark of waiting.marks) if (isStillToLeave(mark)) return;
    this.#waiting = undefined;
    for (const notice of waiting.released) say(notice);
    if (waiting.done === this.#acknowledged) return;
    this.#acknowledged = waiting.done;
    say(named(Command.Acknowledge, waiting.done));
  }

  #next(): Waiting | undefined {
    const { done } = this.#numbering;
    const released = this.#numbering.takeReleased();
    if (done === this.#acknowledged && released.length === 0) return undefined;
    return { done, released, marks: this.#marks() };
  }
}

/** Whether what was sent by then is still to leave, on a link that goes on. */
function isStillToLeave({ link, bytes }: Mark): boolean {
  return link.isOpen && link.log.writtenBytes < bytes && !link.isStalled;
}
