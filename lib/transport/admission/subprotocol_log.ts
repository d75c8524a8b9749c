import { type Logger, RateLimitedLog } from "../../observe/logger.ts";

/** Longest name that is shown: what is longer may be a token that somebody shows. */
const MAX_SHOWN = 24;

/**
 * Says that clients ask for sub-protocols that are not spoken, one line a minute: they
 * come in, and most libraries then hang up by themselves, which looks like a fault.
 */
export class SubprotocolLog {
  readonly #logger: Logger;
  readonly #limited = new RateLimitedLog();

  /** @param logger Takes the lines. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Notes what a client offered, none of which is spoken. */
  note(offered: readonly string[]): void {
    this.#limited.once("", (suppressed) => {
      const name = offered.find(({ length }) => length <= MAX_SHOWN) ??
        "(a long name)";
      this.#logger.warn(
        'A client asked for sub-protocol "{name}" and got none, upon which most libraries hang up: give --subprotocols the names that are spoken ({suppressed} like this before)',
        { name, suppressed },
      );
    });
  }
}
