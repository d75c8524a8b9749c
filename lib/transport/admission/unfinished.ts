import { now } from "../../base/clock.ts";
import { roomLogger } from "../../observe/logger.ts";

const logger = roomLogger("transport");

/** Least milliseconds between two log lines. */
const LOG_PERIOD = 1_000;

/** Someone who holds the beginning of a message. */
export interface Holder {
  /** Ends now, and holds nothing any more. */
  destroy(): void;
}

/**
 * Bounds the bytes of unfinished messages of all clients together. If there are too
 * many, those go who have been at theirs the longest: a message that comes at all
 * comes soon.
 */
export class Unfinished {
  readonly #limit: number;
  /** By when it was begun, the oldest first. */
  readonly #held = new Map<Holder, number>();
  #ended = 0;
  #lastLog = -Infinity;

  /** Bytes of all. */
  bytes = 0;

  /** @param limit Most bytes; any number if left out. */
  constructor(limit: number = Infinity) {
    this.#limit = limit;
  }

  /**
   * Notes how many bytes someone holds, and ends others, or the same, if that is too
   * much. Fewer than before are those of another message, which has just begun.
   */
  note(holder: Holder, bytes: number): void {
    const before = this.#held.get(holder) ?? 0;
    this.bytes += bytes - before;
    if (bytes < before) this.#held.delete(holder);
    if (bytes > 0) this.#held.set(holder, bytes);
    if (this.bytes > this.#limit) this.#endOldest();
  }

  #endOldest(): void {
    for (const [holder, bytes] of this.#held) {
      this.#held.delete(holder);
      this.bytes -= bytes;
      this.#ended++;
      holder.destroy();
      if (this.bytes <= this.#limit) break;
    }
    this.#log(now());
  }

  #log(now: number): void {
    if (now - this.#lastLog < LOG_PERIOD) return;
    logger.warn(
      "Ended {ended} clients with unfinished messages, the oldest first: those of all must be {limit} bytes or fewer",
      { ended: this.#ended, limit: this.#limit },
    );
    this.#lastLog = now;
    this.#ended = 0;
  }
}
