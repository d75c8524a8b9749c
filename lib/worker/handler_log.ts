import { now } from "../base/clock.ts";
import { framesOf, messageOf, nameOf, placeOf } from "../base/thrown.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";

const logger = roomLogger("worker");

/** Stacks read in a second: one takes as long as some ten messages. */
const MAX_STACKS = 100;

/** Most kinds of errors whose last place is remembered. */
const MAX_KINDS = 100;

/**
 * What a worker says of the user's code: a line for each cause and minute. The cause
 * is where something was thrown, never what was said, since that may be what a client
 * sent.
 */
export class HandlerLog {
  readonly #limited = new RateLimitedLog();
  /** The last cause of each event type and class of errors. */
  readonly #causes = new Map<string, string>();
  #stacks = 0;
  #second = 0;

  /** A handler threw. */
  threw(type: string, client: string, thrown: unknown): void {
    const name = nameOf(thrown);
    this.#limited.once(
      this.#causeOf(`${type} ${name}`, thrown),
      (suppressed) => {
        const frames = framesOf(thrown);
        const reason = [describe(name, thrown), placeOf(frames)];
        const level = name === "SyntaxError" ? "warn" : "error";
        logger[level](
          "Handler threw on {type} of client {client}: {reason} ({suppressed} like this before)",
          {
            type,
            client,
            reason: reason.filter((part) => part !== "").join(" "),
            suppressed,
            stack: frames.join("\n"),
          },
        );
      },
    );
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

  /** What a handler left in a session could not be stored. */
  notStored(client: string, error: unknown): void {
    this.#limited.once(`session ${nameOf(error)}`, (suppressed) => {
      logger.error(
        "Cannot store the session of client {client}: {reason} ({suppressed} like this before)",
        { client, reason: messageOf(error), suppressed },
      );
    });
  }

  /** Where it was thrown; beyond a rate, where the last one like it was. */
  #causeOf(kind: string, thrown: unknown): string {
    const known = this.#causes.get(kind);
    if (known !== undefined && !this.#mayRead()) return known;
    if (this.#causes.size >= MAX_KINDS) this.#causes.clear();
    const cause = `${kind} ${placeOf(framesOf(thrown))}`;
    this.#causes.set(kind, cause);
    return cause;
  }

  #mayRead(): boolean {
    const second = Math.floor(now() / 1_000);
    if (second !== this.#second) this.#stacks = 0;
    this.#second = second;
    return ++this.#stacks <= MAX_STACKS;
  }
}

/** A parser's message quotes what it was given, which clients send. */
function describe(name: string, thrown: unknown): string {
  return name === "SyntaxError" ? name : `${name}: ${messageOf(thrown)}`;
}
