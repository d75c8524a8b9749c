import { now } from "../base/clock.ts";
import {
  framesOf,
  messageOf,
  nameOf,
  placeOf,
  withoutCallers,
} from "../base/thrown.ts";
import { type Logger, RateLimitedLog } from "./logger.ts";

/** Stacks read in a second: one takes as long as some ten messages. */
const MAX_STACKS = 100;

/** Most kinds of errors whose last place is remembered. */
const MAX_KINDS = 100;

/** A line about something that was thrown. */
export interface ThrownLine {
  /** What was called, as part of the cause: `message`. */
  readonly kind: string;
  /** A constant with the placeholders `{reason}`, `{suppressed}` and those of the facts. */
  readonly text: string;
  /** What the line says beside that. */
  readonly facts: Readonly<Record<string, unknown>>;
}

/**
 * Says what the user's code threw: a line for each cause and minute, with the stack.
 * The cause is what was called and where it threw, never what was said, since that may
 * be what a client sent.
 */
export class ThrownLog {
  readonly #logger: Logger;
  readonly #limited = new RateLimitedLog();
  /** The last cause of each kind and class of errors. */
  readonly #causes = new Map<string, string>();
  #stacks = 0;
  #second = 0;

  /** @param logger Takes the lines. */
  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Logs something that was thrown, unless its like was of late. */
  add({ kind, text, facts }: ThrownLine, thrown: unknown): void {
    const name = nameOf(thrown);
    const cause = this.#causeOf(`${kind} ${name}`, thrown);
    this.#limited.once(cause, (suppressed) => {
      const frames = framesOf(thrown);
      const place = placeOf(frames);
      const what = describe(name, thrown);
      const reason = place === undefined ? what : `${what} ${place}`;
      const stack = withoutCallers(frames).join("\n");
      const level = name === "SyntaxError" ? "warn" : "error";
      this.#logger[level](text, { ...facts, reason, suppressed, stack });
    });
  }

  /** Where it was thrown; beyond a rate, where the last one like it was. */
  #causeOf(kind: string, thrown: unknown): string {
    const known = this.#causes.get(kind);
    if (known !== undefined && !this.#mayRead()) return known;
    if (this.#causes.size >= MAX_KINDS) this.#causes.clear();
    const frames = framesOf(thrown);
    const cause = `${kind} ${placeOf(frames) ?? frames[0] ?? ""}`;
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
