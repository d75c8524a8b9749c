import { Pace } from "../../base/pace.ts";

/** Something that must be over by a certain time. */
export interface Sweepable {
  /** When it is late, in milliseconds of the sweep's clock; set by the sweep. */
  deadline: number;
  /** It is late. Called once, after which the sweep has forgotten it. */
  onDeadline(): void;
}

/** Options for {@linkcode Sweep}. */
export interface SweepOptions {
  /**
   * Milliseconds between two looks: how late a deadline may be noticed.
   *
   * @default {1_000}
   */
  period?: number;
  /** Called at every look. */
  onLook?: () => void;
  /** The clock, in milliseconds; one that stands still with the process if left out. */
  now?: () => number;
}

/**
 * One timer that watches the deadlines of many. Nobody is late just after this process
 * stood still, before it has read what came meanwhile.
 */
export class Sweep implements Disposable {
  readonly #watched = new Set<Sweepable>();
  readonly #now: () => number;
  readonly #pace: Pace;
  readonly #onLook: (() => void) | undefined;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Looks taken so far: a clock that costs nothing to read. */
  tick = 0;

  /**
   * Starts the timer.
   *
   * @param options The period and the clock.
   */
  constructor(options: SweepOptions = {}) {
    const { period = 1_000, now, onLook } = options;
    this.#pace = new Pace(period);
    this.#now = now ?? (() => this.#pace.time);
    this.#onLook = onLook;
    this.#timer = setInterval(() => this.#onTimer(), period);
  }

  /** Whether what comes now may have come while this process stood still. */
  get isCatchingUp(): boolean {
    return this.#pace.isCatchingUp;
  }

  /** The clock that deadlines go by, in milliseconds. */
  get time(): number {
    return this.#now();
  }

  /** How many are watched now. */
  get size(): number {
    return this.#watched.size;
  }

  /**
   * Watches a target from now on; a deadline it had is replaced.
   *
   * @param target What must be over in time.
   * @param timeout Milliseconds from now.
   */
  watch(target: Sweepable, timeout: number): void {
    target.deadline = this.#now() + timeout;
    this.#watched.add(target);
  }

  /** Forgets a target. Does nothing if it is not watched. */
  unwatch(target: Sweepable): void {
    this.#watched.delete(target);
  }

  /** Tells every target that is late. The timer does this by itself. */
  look(): void {
    this.tick++;
    this.#onLook?.();
    const now = this.#now();
    for (const target of this.#watched) {
      if (target.deadline > now) continue;
      this.#watched.delete(target);
      target.onDeadline();
    }
  }

  #onTimer(): void {
    if (this.#pace.tick()) this.look();
  }

  /** Stops the timer. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}
