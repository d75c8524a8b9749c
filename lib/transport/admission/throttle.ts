import { now } from "../../base/clock.ts";

/** Something that was stopped, and may go on when time has passed. */
export interface Throttled {
  /** Looks whether it may go on; returns whether it does. */
  tryAgain(now: number): boolean;
}

/** How often those that were stopped are looked at, in milliseconds. */
const PERIOD = 20;

/** One timer for all that were stopped; it runs only while there are any. */
export class Throttle implements Disposable {
  readonly #stopped = new Set<Throttled>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** Looks after a target until it goes on. */
  add(target: Throttled): void {
    this.#stopped.add(target);
    this.#timer ??= setInterval(() => this.#look(), PERIOD);
  }

  /** Forgets a target. Does nothing if it is not here. */
  remove(target: Throttled): void {
    if (this.#stopped.delete(target)) this.#rest();
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    this.#stopped.clear();
    this.#rest();
  }

  #look(): void {
    const time = now();
    for (const target of this.#stopped) {
      if (target.tryAgain(time)) this.#stopped.delete(target);
    }
    this.#rest();
  }

  #rest(): void {
    if (this.#stopped.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
