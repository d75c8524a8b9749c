import type { Link } from "../link/link.ts";
import { Command } from "../wire/command.ts";
import { named, type Notice } from "./deferral.ts";
import type { Numbering } from "./numbering.ts";

/** How far a link must have come before something may be acknowledged. */
export interface Mark {
  /** The link. */
  readonly link: Link;
  /** Bytes appended to it by then. */
  readonly bytes: number;
  /** Whether the gateway must have read them, and not only the operating system have them. */
  readonly isRead: boolean;
}

/**
 * Says how far another link must have come before what was handled is acknowledged.
 *
 * @param link The other link.
 * @param isLeaving Whether this worker leaves. Its clients' next events are then
 * another one's, whose messages take ways of their own: only what a gateway has read
 * cannot be overtaken.
 * @returns `undefined` if nothing is to be waited for.
 */
export function markOf(link: Link, isLeaving: boolean): Mark | undefined {
  if (!isLeaving && link.isFlushed || link.isStalled) return undefined;
  if (isLeaving) link.probe();
  return { link, bytes: link.log.appendedBytes, isRead: isLeaving };
}

/** Whether what was sent by then is still to arrive, on a link that goes on. */
export function isStillToArrive({ link, bytes, isRead }: Mark): boolean {
  if (!link.isOpen || link.isStalled) return false;
  if (!isRead) return link.log.writtenBytes < bytes;
  return link.liveness.readBytes < bytes && !link.liveness.isMute;
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
 * told again. One that leaves waits until it has been read; see {@linkcode markOf}.
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
    for (const mark of waiting.marks) if (isStillToArrive(mark)) return;
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
