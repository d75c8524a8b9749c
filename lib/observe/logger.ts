import { now } from "../base/clock.ts";
import { getLogger, type Logger } from "@logtape/logtape";

export type { Logger };

/** The root of every log category of this package. */
export const LOG_ROOT = "gatewayworker";

/** The rooms that log, which are the categories below the root. */
export const ROOMS: readonly string[] = [
  "admin",
  "bridge",
  "cli",
  "cluster",
  "dashboard",
  "gateway",
  "link",
  "nats",
  "process",
  "register",
  "transport",
  "worker",
];

/**
 * Returns the logger of a room.
 *
 * @param room The folder below `lib/` that logs.
 * @returns A logger with the category `["gatewayworker", room]`.
 */
export function roomLogger(room: string): Logger {
  return getLogger([LOG_ROOT, room]);
}

/** Most causes that have a line of their own in a minute; all others share one. */
const MAX_CAUSES = 1_000;

/** Most characters of a cause: what follows makes no difference. */
const MAX_CAUSE = 300;

/** The cause that the others share. */
const OTHERS = "";

/** How long one cause stays quiet after a line, in milliseconds. */
const QUIET_TIME = 60_000;

/**
 * Lets one line per cause and minute through, and counts the rest: a peer that
 * fails again and again is one line, not a flood.
 */
export class RateLimitedLog {
  readonly #causes = new Map<string, { until: number; suppressed: number }>();

  /**
   * Calls `log` unless the same cause was logged within the last minute.
   *
   * @param cause What the lines have in common; nothing that a stranger may vary.
   * @param log Writes the line; is told how many like it were left out before.
   */
  once(cause: string, log: (suppressed: number) => void): void {
    const time = now();
    const key = this.#keyOf(cause, time);
    const seen = this.#causes.get(key);
    if (seen !== undefined && time < seen.until) {
      seen.suppressed++;
      return;
    }
    this.#causes.delete(key);
    this.#causes.set(key, { until: time + QUIET_TIME, suppressed: 0 });
    log(seen?.suppressed ?? 0);
  }

  /** Makes room for a cause that is new; where all are quiet still, it is one of the others. */
  #keyOf(cause: string, time: number): string {
    const key = cause.length > MAX_CAUSE
      ? `${cause.slice(0, MAX_CAUSE)}…`
      : cause;
    if (this.#causes.size < MAX_CAUSES || this.#causes.has(key)) return key;
    for (const [oldest, { until }] of this.#causes) {
      if (time < until) return OTHERS;
      this.#causes.delete(oldest);
      return key;
    }
    return key;
  }
}
