import { now } from "../../base/clock.ts";

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
  #waiting: Waiting[] = [];
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
    this.#waiting = [];
  }

  #onDue = (): void => {
    this.#timer = undefined;
    const time = now();
    const waiting = this.#waiting;
    const first = waiting.findIndex(({ due }) => due > time);
    this.#waiting = first < 0 ? [] : waiting.slice(first);
    const ready = first < 0 ? waiting : waiting.slice(0, first);
    for (const { target } of ready) {
      target.lastWrite = time;
      target.flushNow();
    }
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#timer ??= setTimeout(this.#onDue, next.due - time);
    }
  };
}
