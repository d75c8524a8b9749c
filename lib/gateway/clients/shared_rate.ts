/**
 * Hot where rates of uids or addresses are limited.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { TokenBucket } from "../../transport/admission/token_bucket.ts";
import type { Meter } from "../../transport/connection.ts";
import type { ResolvedLimit } from "./limits_options.ts";

/** What those of one uid, or of one range of addresses, have sent lately. */
export class SharedRate {
  readonly #counts: "messages" | "bytes";
  readonly #onOver: (limit: ResolvedLimit) => void;
  readonly #bucket: TokenBucket;
  #wasOver = false;
  /** How many a second. */
  readonly limit: ResolvedLimit;
  /** Clients that draw on it. */
  holders = 0;
  /** What was spent here and told nobody. */
  untold = 0;

  /**
   * Starts with a full second's allowance.
   *
   * @param limit How many, and what happens beyond.
   * @param counts Of what.
   * @param onOver Told when it is exceeded, once until it is kept again.
   */
  constructor(
    limit: ResolvedLimit,
    counts: "messages" | "bytes",
    onOver: (limit: ResolvedLimit) => void,
  ) {
    this.limit = limit;
    this.#counts = counts;
    this.#onOver = onOver;
    this.#bucket = new TokenBucket(limit.max, now());
  }

  /** Whether nobody draws on it and nothing is owed: it may be forgotten. */
  isIdle(time: number): boolean {
    return this.holders === 0 && this.#bucket.isFull(time);
  }

  /** Counts what came; returns whether it is kept, or nothing happens if it is not. */
  take(messages: number, bytes: number, time: number): boolean {
    const count = this.#counts === "messages" ? messages : bytes;
    this.untold += count;
    const isKept = this.#bucket.take(count * this.shares, time);
    if (isKept) {
      this.#wasOver = false;
      return true;
    }
    if (!this.#wasOver) this.#onOver(this.limit);
    this.#wasOver = true;
    // What is not enforced must not add up either.
    if (this.limit.dryRun) this.#bucket.forgive();
    return this.limit.dryRun;
  }

  /** How many gateways have a share of it each, as none knows of the others. */
  shares = 1;

  /** Another gateway has spent so much of it. */
  spendElsewhere(count: number): void {
    this.#bucket.take(count, now());
  }

  /** Lets off what was taken on credit. */
  forgive(): void {
    this.#bucket.forgive();
  }
}

/** Measures a client by limits of its own, if it has any, and by those that it shares. */
export class SharedMeter implements Meter {
  readonly #own: Meter | undefined;
  #time = now();
  /** What it draws on. */
  rates: readonly SharedRate[] = [];
  policy: Meter["policy"] = "pause";
  isOver = false;

  /** @param own Its own limits. */
  constructor(own: Meter | undefined) {
    this.#own = own;
  }

  forgive(): void {
    this.#own?.forgive();
    for (const rate of this.rates) rate.forgive();
    this.isOver = false;
  }

  count(messages: number, bytes: number, time: number): void {
    this.#time = time;
    const own = this.#own;
    own?.count(messages, bytes, time);
    let isOver = own?.isOver === true;
    let mustClose = isOver && own?.policy === "close";
    for (const rate of this.rates) {
      if (rate.take(messages, bytes, time)) continue;
      isOver = true;
      if (rate.limit.policy === "close") mustClose = true;
    }
    this.isOver = isOver;
    this.policy = mustClose ? "close" : "pause";
  }

  countBytes(bytes: number): void {
    this.count(0, bytes, now());
  }

  countMessage(): void {
    this.count(1, 0, this.#time);
  }
}
