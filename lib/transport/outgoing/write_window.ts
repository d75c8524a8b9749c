import { now } from "../../base/clock.ts";
import { Deque } from "../../base/deque.ts";

/** Something that may have to wait before it writes again. */
export interface Windowed {
  /** When its last write began, by `now()`; 0 before the first. */
  lastWrite: number;
  /** Writes what has gathered. */
  flushNow(): void;
}

interface Waiting {
  readonly target: Windowed;
  readonly due: number;
}

/**
 * Lets what is sent to a client that was written to just now gather for a while, so
 * that it leaves in one write. One timer for all clients, which runs only while any
 * waits. They are let go in the order they came: nobody waits longer than the window.
 */
export class WriteWindow implements Disposable {
  readonly #within: number;
  readonly #waiting = new Deque<Waiting>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param within Milliseconds from one write to a client to the next, > 0. */
  constructor(within: number) {
    this.#within = within;
  }

  /**
   * Asks to write.
   *
   * @returns Whether the target may write now; else it is told when, once.
   */
  opens(target: Windowed): boolean {
    const time = now();
    const due = target.lastWrite + this.#within;
    if (target.lastWrite === 0 || time >= due) {
      target.lastWrite = time;
      return true;
    }
    this.#waiting.push({ target, due });
    this.#timer ??= setTimeout(this.#onDue, due - time);
    return false;
  }

  /** Stops the timer; who waits is forgotten. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting.clear();
  }

  #onDue = (): void => {
    this.#timer = undefined;
    const time = now();
    const waiting = this.#waiting;
    let next = waiting.first;
    for (; next !== undefined && next.due <= time; next = waiting.first) {
      waiting.shift();
      next.target.lastWrite = time;
      next.target.flushNow();
    }
    if (next !== undefined) {
      this.#timer ??= setTimeout(this.#onDue, next.due - time);
    }
  };
}
