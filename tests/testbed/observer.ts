import { Checker } from "../chaos/checker.ts";
import {
  JournalReader,
  type JournalRecord,
  JournalWriter,
  type MarkKind,
} from "../chaos/journal.ts";
import type { CrowdProcess } from "./deployment.ts";

/** One row of the test bed's table. */
export interface Row {
  /** What was done. */
  readonly what: string;
  /** What was measured while it was done. */
  readonly notes: string;
  /** What clients saw. */
  readonly saw: string;
  /** What the checker found. */
  readonly found: string;
}

/** Milliseconds after which what was done shows in the journal. */
const SETTLE_TIME = 1_500;

/** Watches clients and journal while something is done. */
export class Observer implements Disposable {
  readonly #crowd: CrowdProcess;
  readonly #writer: JournalWriter;
  readonly #reader: JournalReader;
  readonly #endings = new Map<string, number>();
  /** Judges the journal. */
  readonly checker: Checker = new Checker();
  /** What was done so far. */
  readonly rows: Row[] = [];

  /** @param path The journal. */
  constructor(path: string, crowd: CrowdProcess) {
    this.#crowd = crowd;
    this.#writer = new JournalWriter(path);
    this.#reader = new JournalReader(path);
  }

  /** Says in the journal what is about to happen. */
  mark(mark: MarkKind, targets: readonly string[]): void {
    for (const target of targets) {
      this.#writer.append({ kind: "mark", mark, target });
    }
  }

  /** Does something and makes a row of it. */
  async watch(what: string, act: () => Promise<string>): Promise<Row> {
    await this.#crowd.do({ order: "look" });
    this.read();
    this.#endings.clear();
    const before = this.checker.findings.list.length;
    const repeats = this.checker.tally.repeats;
    const notes = await act();
    await pause(SETTLE_TIME);
    this.read();
    const found = this.checker.findings.list.length - before;
    const row = {
      what,
      notes,
      saw: await this.#saw(this.checker.tally.repeats - repeats),
      found: found === 0 ? "nothing" : `${found} findings`,
    };
    this.rows.push(row);
    return row;
  }

  /** Reads what is new in the journal. */
  read(): void {
    for (const record of this.#reader.read()) {
      this.checker.take(record);
      this.#count(record);
    }
  }

  /** Closes the journal. */
  [Symbol.dispose](): void {
    this.#writer[Symbol.dispose]();
    this.#reader[Symbol.dispose]();
  }

  async #saw(repeats: number): Promise<string> {
    const { answered, p50, p99, longest } = await this.#crowd.do({
      order: "look",
    });
    const endings = [...this.#endings].map(([how, count]) => `${count} ${how}`);
    return [
      `${answered} answers, p50 ${p50.toFixed(1)} ms, p99 ${
        p99.toFixed(0)
      } ms, longest ${longest.toFixed(0)} ms`,
      endings.length === 0 ? "no disconnect" : endings.join(", "),
      ...(repeats === 0 ? [] : [`${repeats} events repeated, marked`]),
    ].join("; ");
  }

  #count(record: JournalRecord): void {
    if (record.kind !== "ended") return;
    const { how, code } = record;
    // Those who left by themselves saw nothing.
    if (how === "left" || how === "stayed") return;
    const what = how === "closed" ? `closed with ${code}` : how;
    this.#endings.set(what, (this.#endings.get(what) ?? 0) + 1);
  }
}

/** Waits. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
