/**
 * Hot where a rate is limited.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import type { Meter } from "../connection.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How much a client may send, and what happens if it sends more. */
export interface RateLimit {
  /** Messages a second, pings and fragments included; `Infinity` for any number. */
  readonly messages: number;
  /** Bytes a second, as they come; `Infinity` for any number. */
  readonly bytes: number;
  /** `pause` stops reading until the rate is kept again; `close` closes with 1008. */
  readonly policy: "pause" | "close";
}

/** What one client has sent lately. Each limit allows a burst of one second. */
export class RateMeter implements Meter {
  readonly #messages: TokenBucket;
  readonly #bytes: TokenBucket;
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

  /** What came was sent in a longer time than it took to come. */
  forgive(): void {
    this.#messages.forgive();
    this.#bytes.forgive();
    this.isOver = false;
  }

  /** Counts messages and bytes that came. */
  count(messages: number, bytes: number, time: number): void {
    this.#time = time;
    const areFew = this.#messages.take(messages, time);
    const isLittle = this.#bytes.take(bytes, time);
    this.isOver = !areFew || !isLittle;
  }

  /**
   * Counts bytes that have just come. The clock is looked at here, and not for each
   * message in them: 5,000 pings in one read take 0.1 ms, and would take 0.5.
   */
  countBytes(bytes: number): void {
    this.count(0, bytes, now());
  }

  /** Counts a message, or a part of one, in the bytes that came last. */
  countMessage(): void {
    this.count(1, 0, this.#time);
  }
}
