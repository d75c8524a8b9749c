import { now } from "../../base/clock.ts";
import { roomLogger } from "../../observe/logger.ts";

const logger = roomLogger("transport");

/** Least milliseconds between two log lines about refused clients. */
const PERIOD = 1_000;

/** Says that clients are refused, once a second at most. */
export class RefusalLog {
  #count = 0;
  #last = -Infinity;

  /** Notes that one was refused, since `limit` clients are connected. */
  note(limit: number): void {
    this.#count++;
    const time = now();
    if (time - this.#last < PERIOD) return;
    logger.warn("Refused {refused} clients with 503: {limit} are connected", {
      refused: this.#count,
      limit,
    });
    this.#last = time;
    this.#count = 0;
  }
}
