import { now } from "../../base/clock.ts";
import { TokenBucket } from "./token_bucket.ts";

/**
 * What telling one costs, and how much may be spent in a second: a tenth of it or so,
 * as it takes one to two milliseconds with a handshake of TLS, and 0.1 to 0.3 without.
 */
const TLS_COST = 20;
const PLAIN_COST = 1;
const PER_SECOND = 1_000;

/**
 * What is spent on clients that may not come in: to tell them so takes reading what
 * they want. Whoever is beyond it is cut off, so that a crowd costs those who are in
 * little.
 */
export class RefusalBudget {
  readonly #bucket = new TokenBucket(PER_SECOND, now());

  /**
   * Takes what it costs to tell one client.
   *
   * @param isSecure Whether it takes a handshake of TLS.
   * @returns Whether to tell it.
   */
  take(isSecure: boolean): boolean {
    return this.#bucket.spend(isSecure ? TLS_COST : PLAIN_COST, now());
  }
}
