import { now } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ClusterReport } from "../observe/report.ts";
import { Journal } from "./journal.ts";
import { type Snapshot, toSnapshot, type Totals } from "./snapshot.ts";

const logger = roomLogger("dashboard");

/** Milliseconds between two looks. */
const INTERVAL = 1_000;

/** Looks that are remembered: five minutes. */
const MAX_POINTS = 300;

/** The totals of one moment, for charts. */
export interface Point extends Totals {
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** Looks at the cluster once a second, for all who watch; remembers the last minutes. */
export class ClusterWatch implements Disposable {
  /** What happened. */
  readonly journal: Journal = new Journal();
  readonly #ask: () => Promise<ClusterReport | undefined>;
  readonly #interval: number;
  readonly #watchers = new Set<(snapshot: Snapshot | undefined) => void>();
  readonly #points: Point[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #snapshot: Snapshot | undefined;
  /** When that was taken, `now()`. */
  #takenAt = 0;
  #isOver = false;

  /**
   * Does not look yet.
   *
   * @param ask Asks for the cluster; resolves with nothing if nobody knows now.
   * @param interval Milliseconds between two looks.
   */
  constructor(
    ask: () => Promise<ClusterReport | undefined>,
    interval: number = INTERVAL,
  ) {
    this.#ask = ask;
    this.#interval = interval;
  }

  /** The last look, if there was one. */
  get snapshot(): Snapshot | undefined {
    return this.#snapshot;
  }

  /** Milliseconds since the last look, whatever the clock says. */
  get age(): number {
    return now() - this.#takenAt;
  }

  /** The totals of the last minutes, the oldest first. */
  get points(): readonly Point[] {
    return this.#points;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** How many watch. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Looks from now on. */
  start(): void {
    void this.#look();
  }

  /**
   * Is told every look, the last one again if nobody knew more, and nothing at the end.
   *
   * @returns Call it to be told no longer.
   */
  watch(onLook: (snapshot: Snapshot | undefined) => void): () => void {
    this.#watchers.add(onLook);
    return () => this.#watchers.delete(onLook);
  }

  /** Ends: all who watch are told. Safe to call twice. */
  [Symbol.dispose](): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    for (const tell of this.#watchers) tell(undefined);
    this.#watchers.clear();
  }

  async #look(): Promise<void> {
    const start = now();
    try {
      const report = await this.#ask();
      if (report !== undefined && !this.#isOver) this.#take(report);
      else if (this.#snapshot !== undefined) this.#tell(this.#snapshot);
    } catch (error) {
      logger.warn("Cannot look at the cluster: {reason}", {
        reason: messageOf(error),
      });
    }
    if (this.#isOver) return;
    const pause = Math.max(0, this.#interval - (now() - start));
    this.#timer = setTimeout(() => void this.#look(), pause);
  }

  #take(report: ClusterReport): void {
    const time = Date.now();
    this.journal.take(report, time);
    const snapshot = toSnapshot(report, time);
    this.#snapshot = snapshot;
    this.#takenAt = now();
    // After the clock was set back, what is remembered lies in the future.
    if (time < (this.#points.at(-1)?.time ?? 0)) this.#points.length = 0;
    this.#points.push({ time, ...snapshot.totals });
    if (this.#points.length > MAX_POINTS) this.#points.shift();
    this.#tell(snapshot);
  }

  #tell(snapshot: Snapshot): void {
    for (const tell of this.#watchers) tell(snapshot);
  }
}
