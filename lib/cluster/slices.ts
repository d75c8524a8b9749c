import { now } from "../base/clock.ts";
import { Deque } from "../base/deque.ts";

/** Milliseconds of one slice; then everything else gets its turn. */
const SLICE = 2;

/** Steps of short work that are made at once. */
const FREE_STEPS = 32;

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 8;

interface Work {
  readonly steps: Iterator<void>;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * Does long work in slices, so that the reading of a long answer does not keep the
 * events of clients waiting.
 */
export class Slices {
  readonly #waiting = new Deque<Work>();

  /**
   * Does work, at once if it is short and nothing else waits.
   *
   * @param steps The work, step by step. Whatever the first steps throw is thrown.
   * @returns Resolves when it is done; `undefined` if it is done already.
   */
  run(steps: Iterator<void>): Promise<void> | undefined {
    if (this.#waiting.length === 0) {
      for (let step = 0; step < FREE_STEPS; step++) {
        if (steps.next().done) return undefined;
      }
    }
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ steps, done });
    if (this.#waiting.length === 1) setTimeout(this.#slice);
    return done.promise;
  }

  #slice = (): void => {
    const end = now() + SLICE;
    do {
      const work = this.#waiting.first;
      if (work === undefined) return;
      if (advance(work)) this.#waiting.shift();
    } while (now() < end);
    if (this.#waiting.length > 0) setTimeout(this.#slice);
  };
}

/** Makes a few steps; returns whether the work is over. */
function advance({ steps, done }: Work): boolean {
  try {
    for (let step = 0; step < STEPS_PER_LOOK; step++) {
      if (!steps.next().done) continue;
      done.resolve();
      return true;
    }
    return false;
  } catch (error) {
    done.reject(error);
    return true;
  }
}
