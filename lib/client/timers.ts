/** Sets and clears timers, as the globals of these names do. */
export interface TimerFunctions {
  /** Calls after so many milliseconds. */
  setTimeout(call: () => void, ms: number): unknown;
  /** Forgets a timer. */
  clearTimeout(timer: unknown): void;
}

/** Timers by name: one that is set again begins anew. */
export class Timers {
  readonly #functions: TimerFunctions;
  readonly #running = new Map<string, unknown>();

  constructor(functions: TimerFunctions) {
    this.#functions = functions;
  }

  /** Calls after so many milliseconds, unless set again or cleared before. */
  set(name: string, ms: number, call: () => void): void {
    this.clear(name);
    const timer = this.#functions.setTimeout(() => {
      this.#running.delete(name);
      call();
    }, ms);
    this.#running.set(name, timer);
  }

  /** Whether one of them is set and has not been called. */
  has(...names: string[]): boolean {
    return names.some((name) => this.#running.has(name));
  }

  /** Forgets some. */
  clear(...names: string[]): void {
    for (const name of names) {
      this.#functions.clearTimeout(this.#running.get(name));
      this.#running.delete(name);
    }
  }
}
