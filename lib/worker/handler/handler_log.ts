import { messageOf, nameOf } from "../../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../../observe/logger.ts";
import { ThrownLog } from "../../observe/thrown_log.ts";

const logger = roomLogger("worker");

/** What a worker says of the user's code: a line for each cause and minute. */
export class HandlerLog {
  readonly #limited = new RateLimitedLog();
  readonly #thrown = new ThrownLog(logger);

  /** A handler threw. */
  threw(type: string, client: string, thrown: unknown): void {
    this.#thrown.add({
      kind: type,
      text:
        "Handler threw on {type} of client {client}: {reason} ({suppressed} like this before)",
      facts: { type, client },
    }, thrown);
  }

  /** A handler was given up. */
  timedOut(type: string, client: string, timeout: number): void {
    this.#limited.once(`${type} timed out`, (suppressed) => {
      logger.error(
        "Handler still runs after {timeout} ms on {type} of client {client}: going on without it ({suppressed} like this before)",
        { timeout, type, client, suppressed },
      );
    });
  }

  /** A handler returned what is no message. */
  sentNothing(type: string, client: string, found: string): void {
    this.#limited.once(`${type} returned ${found}`, (suppressed) => {
      logger.warn(
        "Handler returned {found} on {type} of client {client}: sent nothing, as only a string or a Uint8Array is a message; return JSON.stringify(value) for JSON ({suppressed} like this before)",
        { found, type, client, suppressed },
      );
    });
  }

  /** What a handler left in a session could not be stored. */
  notStored(client: string, error: unknown): void {
    this.#limited.once(`session ${nameOf(error)}`, (suppressed) => {
      logger.error(
        "Cannot store the session of client {client}: {reason} ({suppressed} like this before)",
        { client, reason: messageOf(error), suppressed },
      );
    });
  }
}
