import { HandshakeError, messageOf } from "../base/errors.ts";
import { type Logger, RateLimitedLog } from "../observe/logger.ts";

/** Peers that were turned away: all are counted, one of a kind is logged. */
export class Refusals {
  readonly #logger: Logger;
  readonly #what: string;
  readonly #limited = new RateLimitedLog();
  /** How many were turned away. */
  count = 0;

  /**
   * @param logger Takes the lines.
   * @param what What was refused, with its article: `a link`.
   */
  constructor(logger: Logger, what: string) {
    this.#logger = logger;
    this.#what = what;
  }

  /** Counts a peer that was turned away, and logs the first of its kind in a while. */
  add(host: string, error: unknown): void {
    this.count++;
    const reason = messageOf(error);
    // Not the reason: part of it is the peer's to choose, anew each time.
    const kind = error instanceof HandshakeError ? "stranger" : "junk";
    this.#limited.once(`${host} ${kind}`, (suppressed) => {
      this.#logger.warn(
        "Refused {what} from {host}: {reason} ({suppressed} like this before)",
        { what: this.#what, host, reason, suppressed },
      );
    });
  }
}
