import type { Told } from "./return_handler.ts";

/** Which numbers a client was told of one stream of numbered messages. */
interface Stream {
  last: number;
  missing: number;
  /** Whether one has come from which on none may be missing. */
  isBegun: boolean;
}

/**
 * What one client of the return scenario claims of one session, compared with what the
 * sender has numbered. Messages to it are `<stream><number>`, in each stream without a
 * hole from the moment on in which it is bound. Before, some may come and others not: a
 * sender that was told that nobody has the uid there sends nothing until it knows better.
 */
export class SessionClaims {
  readonly #streams = new Map<string, Stream>();
  /** Messages that it was told are missing. */
  #told = 0;
  /** Answers that may be among them. */
  #answers = 0;
  /** Whether it was told of some before each stream had begun, so that nobody can add up. */
  #isVague = false;
  /** Whether it is told everything from now on. */
  #isBound = false;
  /** What is wrong, in words. */
  readonly wrong: string[] = [];

  /** @param streams How many there are. */
  constructor(private readonly streams: number) {}

  /** Whether it was ever bound. */
  get isBound(): boolean {
    return this.#isBound;
  }

  /** Its uid and group are known to all who send. */
  onBound(): void {
    this.#isBound = true;
    for (const stream of this.#streams.values()) {
      stream.missing = 0;
      stream.isBegun = false;
    }
    if (this.#told > 0) this.#isVague = true;
  }

  /** It was told that so many messages are missing here. */
  onMissed(count: number): void {
    this.#told += count;
    const begun = [...this.#streams.values()].filter(({ isBegun }) => isBegun);
    if (begun.length < this.streams) this.#isVague = true;
  }

  /** It was told a message. */
  onMessage(text: string): void {
    const name = text.slice(0, 1);
    const number = parseInt(text.slice(1));
    const stream = this.#streams.get(name);
    if (stream === undefined) {
      this.#streams.set(name, { last: number, missing: 0, isBegun: true });
      return;
    }
    if (number <= stream.last) {
      this.wrong.push(`${name}${number} came after ${name}${stream.last}`);
      return;
    }
    if (stream.isBegun) stream.missing += number - stream.last - 1;
    stream.isBegun = true;
    stream.last = number;
    const missing = this.#missing;
    if (this.#isBound && missing > this.#told) {
      this.wrong.push(
        `${missing} are missing at ${name}${number}, ${this.#told} were told`,
      );
    }
  }

  /** A request failed, as its answer may be among the missing. */
  onAnswerMissed(): void {
    this.#answers++;
  }

  /** The session ended where it stands, or the run did, with all that was sent heard. */
  end(isWhole: boolean): void {
    if (!isWhole || this.#isVague || !this.#isBound) return;
    const unknown = this.#told - this.#missing;
    if (unknown >= 0 && unknown <= this.#answers) return;
    this.wrong.push(
      `${this.#missing} are missing, and ${this.#answers} answers at most: ${this.#told} were told`,
    );
  }

  get #missing(): number {
    let missing = 0;
    for (const stream of this.#streams.values()) missing += stream.missing;
    return missing;
  }
}

/** What a client sent in one session, and what it was told of it. */
export class SentMessages {
  /** Numbers, in the order in which they were sent. */
  readonly sent: number[] = [];
  /** Those that it was told a worker has handled. */
  readonly claimed = new Set<number>();
}

/**
 * Compares what a client sent, by sessions, with what handlers were told.
 *
 * @param name The client's.
 * @param sessions What it sent in each.
 * @param told All that handlers were told of it, in order.
 * @param killed Process ids of workers that were killed: what they sent last may come
 * late, as nobody waits for them.
 * @returns What is wrong, in words.
 */
export function wrongDeliveries(
  name: string,
  sessions: readonly SentMessages[],
  told: readonly Told[],
  killed: ReadonlySet<number> = new Set(),
): string[] {
  const wrong: string[] = [];
  const handled = new Set<number>();
  const unmarked = new Set<number>();
  const lastOf = new Map<string, number>();
  for (const { kind, id, text, redelivered, worker } of told) {
    if (kind !== "message") continue;
    const number = parseInt(text);
    if (!redelivered) {
      if (unmarked.has(number)) wrong.push(`${name}: ${number} came twice`);
      unmarked.add(number);
    }
    if (handled.has(number)) continue;
    handled.add(number);
    const last = lastOf.get(id) ?? 0;
    if (number < last && !killed.has(worker)) {
      wrong.push(`${name}: ${number} came after ${last}`);
    }
    lastOf.set(id, Math.max(last, number));
  }
  for (const { sent, claimed } of sessions) {
    for (const number of claimed) {
      if (handled.has(number)) continue;
      wrong.push(`${name}: ${number} was said to be handled, and was not`);
    }
    const hole = sent.findIndex((number) => !handled.has(number));
    const later = hole < 0
      ? undefined
      : sent.slice(hole).find((number) => handled.has(number));
    if (later !== undefined) {
      wrong.push(`${name}: ${later} was handled and ${sent[hole]} was not`);
    }
  }
  return wrong.concat(wrongLives(name, told));
}

/** Each session has one connect, one close at most, and nothing behind it. */
function wrongLives(name: string, told: readonly Told[]): string[] {
  const wrong: string[] = [];
  const counts = new Map<string, { connect: number; close: number }>();
  for (const { kind, id, redelivered } of told) {
    if (kind !== "connect" && kind !== "close" || redelivered) continue;
    const count = counts.get(id) ?? { connect: 0, close: 0 };
    if (++count[kind] > 1) wrong.push(`${name}: a second ${kind} of ${id}`);
    counts.set(id, count);
  }
  return wrong;
}
