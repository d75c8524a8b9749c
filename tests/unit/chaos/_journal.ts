import { Checker } from "../../chaos/checker.ts";
import type { Rule } from "../../chaos/finding.ts";
import type { JournalRecord, MarkKind } from "../../chaos/journal.ts";
import { answerText } from "../../chaos/script.ts";

/** What a told event may be, other than the next one on the first worker. */
export interface Telling {
  /** Which worker handles it. */
  readonly worker?: number;
  /** Whether it is marked as a repeat. */
  readonly redelivered?: boolean;
  /** The id of the event, if not the usual one. */
  readonly eventId?: string;
  /** What the handler found in the session. */
  readonly seen?: number;
}

/** Writes the journal of one connection, `c0.1` with client id `id0`, and of others. */
export class TestJournal {
  readonly records: JournalRecord[] = [];
  readonly #name: string;
  readonly #clientId: string;

  constructor(name = "c0.1", records: JournalRecord[] = []) {
    this.#name = name;
    this.#clientId = `id of ${name}`;
    this.records = records;
  }

  /** The client connects and is welcomed. */
  connect(): this {
    const name = this.#name;
    this.records.push({ kind: "dial", name, gateway: 0 });
    this.records.push({ kind: "open", name });
    return this.tell("connect", 0);
  }

  /** A handler is told an event, and does it. */
  tell(type: "connect" | "message" | "close", number = 0, how: Telling = {}) {
    return this.begin(type, number, how).end(type, number, how);
  }

  /** Handlers are told messages, and clients hear the answers. */
  messages(first: number, last: number, how: Telling = {}): this {
    for (let number = first; number <= last; number++) {
      this.tell("message", number, how).hear(number);
    }
    return this;
  }

  /** A handler begins. */
  begin(
    type: "connect" | "message" | "close",
    number = 0,
    how: Telling = {},
  ): this {
    const { worker = 1, redelivered = false, seen = -1 } = how;
    this.records.push({
      kind: "begin",
      worker,
      type,
      eventId: how.eventId ?? this.#idOf(type, number),
      redelivered,
      clientId: this.#clientId,
      name: type === "close" ? "" : this.#name,
      number,
      seen,
    });
    return this;
  }

  /** A handler ends. */
  end(
    type: "connect" | "message" | "close",
    number = 0,
    { worker = 1, eventId }: Telling = {},
    error = "",
  ): this {
    this.records.push({
      kind: "end",
      worker,
      eventId: eventId ?? this.#idOf(type, number),
      clientId: this.#clientId,
      error,
    });
    return this;
  }

  /** The client hears the answer to a message. */
  hear(number: number): this {
    return this.hearText(answerText("r", this.#name, number));
  }

  /** The client hears something. */
  hearText(text: string): this {
    this.records.push({ kind: "heard", name: this.#name, texts: [text] });
    return this;
  }

  /** The driver says something. */
  mark(mark: MarkKind, target: string): this {
    this.records.push({ kind: "mark", mark, target });
    return this;
  }

  /** The connection is over for the client. */
  ended(
    sent: number,
    how: "left" | "stayed" | "closed" | "broken" | "refused" = "stayed",
    code = how === "broken" ? 0 : 1000,
  ): this {
    this.records.push({ kind: "ended", name: this.#name, how, code, sent });
    return this;
  }

  /** The client stays until the end, and its close event is handled. */
  stay(sent: number, worker = 1): this {
    return this.ended(sent).tell("close", 0, { worker });
  }

  #idOf(type: string, number: number): string {
    return `${this.#clientId} ${type} ${number}`;
  }
}

/** Returns the rules that a journal violates, each once. */
export function rulesBroken({ records }: TestJournal): Rule[] {
  const checker = new Checker();
  for (const record of records) checker.take(record);
  checker.finish();
  return [...checker.findings.counts.keys()];
}
