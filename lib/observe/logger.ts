import { now } from "../base/clock.ts";
import { getLogger, type Logger } from "@logtape/logtape";

export type { Logger };

/** The root of every log category of this package. */
export const LOG_ROOT = "gatewayworker";

/** The rooms that log, which are the categories below the root. */
export const ROOMS: readonly string[] = [
  "admin",
  "cli",
  "cluster",
  "dashboard",
  "gateway",
  "link",
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

/** Most causes remembered at a time; older ones are forgotten first. */
const MAX_CAUSES = 1_000;

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
   * @param cause What the lines have in common.
   * @param log Writes the line; is told how many like it were left out before.
   */
  once(cause: string, log: (suppressed: number) => void): void {
    const time = now();
    const seen = this.#causes.get(cause);
    if (seen !== undefined && time < seen.until) {
      seen.suppressed++;
      return;
    }
    this.#causes.delete(cause);
    this.#causes.set(cause, { until: time + QUIET_TIME, suppressed: 0 });
    if (this.#causes.size > MAX_CAUSES) {
      for (const oldest of this.#causes.keys()) {
        this.#causes.delete(oldest);
        break;
      }
    }
    log(seen?.suppressed ?? 0);
  }
}
