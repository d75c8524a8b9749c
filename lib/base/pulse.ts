import { setImmediate } from "node:timers";
import { now } from "./clock.ts";

/**
 * Does something soon after it was asked for, once for all who ask meanwhile: in the next
 * turn of the event loop, or, if that was done just before, when some time has passed.
 */
export class Pulse implements Disposable {
  readonly #act: () => void;
  readonly #interval: number;
  #state: "idle" | "asked" | "over" = "idle";
  #last = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @param act What is done.
   * @param interval Milliseconds between two times, at least; 0 for every turn.
   */
  constructor(act: () => void, interval: number) {
    this.#act = act;
    this.#interval = interval;
  }

  /** Whether somebody has asked, and it is not done yet. */
  get isAsked(): boolean {
    return this.#state === "asked";
  }

  /** Asks for it. */
  ask(): void {
    if (this.#state !== "idle") return;
    this.#state = "asked";
    const wait = this.#last + this.#interval - now();
    if (wait <= 0) setImmediate(this.#beat);
    else this.#timer = setTimeout(this.#beat, wait);
  }

  /** Does it no more. */
  [Symbol.dispose](): void {
    this.#state = "over";
    clearTimeout(this.#timer);
  }

  readonly #beat = (): void => {
    if (this.#state !== "asked") return;
    this.#state = "idle";
    this.#last = now();
    this.#act();
  };
}
