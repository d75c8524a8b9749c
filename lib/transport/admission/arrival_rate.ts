import { now } from "../../base/clock.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import type { Refusal } from "../connection.ts";
import { TokenBucket } from "./token_bucket.ts";

const logger = roomLogger("transport");

/** Most milliseconds after which a client is told to come again. */
const LONGEST = 3_600_000;

/**
 * Lets so many clients in a second, and tells everybody else when to come again: each a
 * moment of its own, as if they stood in a line, so that a crowd that comes at once is
 * in as soon as the rate allows, and not before. A second's worth may come together.
 */
export class ArrivalRate {
  readonly #rate: number;
  readonly #now: () => number;
  readonly #bucket: TokenBucket;
  readonly #log = new RateLimitedLog();
  /** Those who were told to come again, and have not had the time to. */
  #line = 0;
  #time: number;
  /** Clients that were told to come later. */
  later = 0;

  /**
   * @param rate Clients a second.
   * @param clock The time, in milliseconds.
   */
  constructor(rate: number, clock: () => number = now) {
    this.#rate = rate;
    this.#now = clock;
    this.#time = clock();
    this.#bucket = new TokenBucket(rate, this.#time);
  }

  /** Counts one that wants to come in; returns why not, `undefined` if it may. */
  refusal(): Refusal | undefined {
    const time = this.#now();
    this.#line -= (time - this.#time) / 1_000 * this.#rate;
    this.#line = Math.max(0, this.#line);
    this.#time = time;
    if (this.#bucket.spend(1, time)) return undefined;
    this.#line++;
    this.#note();
    return laterRefusal(Math.min(this.#line / this.#rate * 1_000, LONGEST));
  }

  #note(): void {
    this.later++;
    this.#log.once("", (suppressed) => {
      logger.info(
        "More than {rate} clients a second want to come in: some are told to come later ({suppressed} like this before)",
        { rate: this.#rate, suppressed },
      );
    });
  }
}

/** Has a client come again after so many milliseconds. */
function laterRefusal(after: number): Refusal {
  const seconds = Math.ceil(after / 1_000);
  return {
    status: 503,
    body: "503 too many clients come at once: try again later\n",
    headers: [["Retry-After", String(seconds)]],
    after,
  };
}
