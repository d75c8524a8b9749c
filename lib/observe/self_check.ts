import { roomLogger } from "./logger.ts";

/** How long a role may lack its peers before somebody is told, in milliseconds. */
const FIRST_LOOK = 5_000;

/** How often it is told again, in milliseconds. */
const INTERVAL = 60_000;

/** When a {@linkcode SelfCheck} looks. */
export interface SelfCheckTimes {
  /** Milliseconds until the first look. */
  readonly first: number;
  /** Milliseconds between the others. */
  readonly interval: number;
}

/**
 * Tells what a role lacks, a few seconds after its start and then every minute: a
 * person who made a slip must not have to guess.
 */
export class SelfCheck implements Disposable {
  readonly #room: string;
  readonly #problem: () => string | undefined;
  readonly #first: ReturnType<typeof setTimeout>;
  #again: ReturnType<typeof setInterval> | undefined;
  #isAmiss = false;

  /**
   * Looks for the first time in a few seconds.
   *
   * @param room The room that logs.
   * @param problem Says what is missing and what usually causes it, or nothing.
   * @param times When to look.
   */
  constructor(
    room: string,
    problem: () => string | undefined,
    times: SelfCheckTimes = { first: FIRST_LOOK, interval: INTERVAL },
  ) {
    this.#room = room;
    this.#problem = problem;
    this.#first = setTimeout(() => {
      this.#look();
      this.#again = setInterval(() => this.#look(), times.interval);
    }, times.first);
  }

  /** Looks no more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#first);
    clearInterval(this.#again);
  }

  #look(): void {
    const problem = this.#problem();
    const logger = roomLogger(this.#room);
    if (problem !== undefined) {
      logger.warn("Self-check: {problem}", { problem });
    } else if (this.#isAmiss) logger.info("Self-check: nothing is missing now");
    this.#isAmiss = problem !== undefined;
  }
}
