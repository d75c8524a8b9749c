/**
 * Hot where a rate is limited.
 *
 * @module
 */
import { now } from "../base/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How much a client may send, and what happens if it sends more. */
export interface RateLimit {
  /** Messages a second, pings included; `Infinity` for any number. */
  readonly messages: number;
  /** Bytes a second; `Infinity` for any number. */
  readonly bytes: number;
  /** `pause` stops reading until the rate is kept again; `close` closes with 1008. */
  readonly policy: "pause" | "close";
}

/** What one client has sent lately. Each limit allows a burst of one second. */
export class RateMeter {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
  #read = -1;
  #time: number;
  /** What happens to a client that is too fast. */
  readonly policy: RateLimit["policy"];
  /** Whether it is too fast. */
  isOver = false;

  /** Starts with a full second's allowance. */
  constructor(limit: RateLimit, time: number = now()) {
    this.#messages = new TokenBucket(limit.messages, time);
    this.#bytes = new TokenBucket(limit.bytes, time);
    this.#time = time;
    this.policy = limit.policy;
  }

  /** Counts messages and bytes that came. */
  count(messages: number, bytes: number, time: number): void {
    this.#time = time;
    const areFew = this.#messages.take(messages, time);
    const isLittle = this.#bytes.take(bytes, time);
    this.isOver = !areFew || !isLittle;
  }

  /**
   * Counts a message. The clock is looked at once for each read: 5,000 pings in one
   * take 0.1 ms, and 0.5 if it is looked at for each of them.
   *
   * @param read The number of the read that brought it.
   */
  countMessage(bytes: number, read: number): void {
    if (read !== this.#read) this.#time = now();
    this.#read = read;
    this.count(1, bytes, this.#time);
  }
}
