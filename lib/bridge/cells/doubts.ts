import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { Disbelief } from "./cells.ts";

const logger = roomLogger("bridge");

/** Tells of what comes on NATS and is not believed: one line for each cause and minute. */
export class Doubts {
  readonly #limited = new RateLimitedLog();
  /** Messages that were not what they claimed to be. */
  forged = 0;

  /** Nobody of ours has said that. */
  disbelieve(what: "heartbeat" | "message" | "push"): void {
    this.forged++;
    this.#limited.once(`forged ${what}`, (suppressed) =>
      logger.warn(
        "Ignored a {what} on NATS that no key of ours has sealed, or that is none ({suppressed} like this before)",
        { what, suppressed },
      ));
  }

  /** Somebody who may push did so too late, or says it twice: or it was recorded. */
  refusePush(why: "clock" | "repeated"): void {
    this.forged++;
    this.#limited.once(`push ${why}`, (suppressed) =>
      logger.warn(
        why === "clock"
          ? "Refused a push whose time of day is none of ours: the clocks differ, or it was recorded ({suppressed} like this before)"
          : "Refused a push that came before: it was recorded ({suppressed} like this before)",
        { suppressed },
      ));
  }

  /** What somebody of ours has said cannot be done. */
  complain(reason: string): void {
    this.#limited.once(
      reason,
      (suppressed) =>
        logger.warn("{reason} ({suppressed} like this before)", {
          reason,
          suppressed,
        }),
    );
  }

  /** A bridge is not taken for one. */
  ignore(cell: string, why: Exclude<Disbelief, "repeated">): void {
    this.#limited.once(`${cell} ${why}`, (suppressed) =>
      logger.warn(
        "Ignored a bridge of cell {cell}: {reason} ({suppressed} like this before)",
        { cell, reason: REASONS[why], suppressed },
      ));
  }
}

const REASONS: Readonly<Record<Exclude<Disbelief, "repeated">, string>> = {
  clock:
    "its clock and ours differ by more than a minute, or the message was recorded",
  shards: "it has another number of shards (--cell-shards)",
  full: "there are too many bridges",
};
