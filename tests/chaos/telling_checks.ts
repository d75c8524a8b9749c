import type { ConnectionHistory } from "./connection_history.ts";
import type { Fates } from "./fates.ts";
import type { Findings } from "./findings.ts";
import type { BeginRecord, EndRecord } from "./journal.ts";
import { answerText, groupOf, indexOf, partnerOf, taskOf } from "./script.ts";
import type { Tally } from "./tally.ts";

/** A message that a handler told to others. */
interface Telling {
  readonly name: string;
  readonly number: number;
  /** When its handler last began, as the number of the record. */
  readonly at: number;
  readonly worker: number;
  /** What was disturbed then: who is behind it may not hear. */
  readonly disturbed: ReadonlySet<string>;
  /** Whether its handler did what it had to. */
  isSure: boolean;
}

/** Judges whether what handlers sent to uids and groups arrived. */
export class TellingChecks {
  readonly #fates: Fates;
  readonly #findings: Findings;
  readonly #tally: Tally;
  readonly #tellings = new Map<string, Telling>();

  /** Creates the checks of one journal. */
  constructor(fates: Fates, findings: Findings, tally: Tally) {
    this.#fates = fates;
    this.#findings = findings;
    this.#tally = tally;
  }

  /** A handler began; `at` is the number of the record. */
  begin({ name }: ConnectionHistory, record: BeginRecord, at: number): void {
    const { type, number, worker, eventId } = record;
    if (type !== "message" || taskOf(name, number).tell === "nobody") return;
    const disturbed = this.#fates.disturbed();
    const isSure = !disturbed.has(`w${worker}`);
    this.#tellings.set(eventId, {
      name,
      number,
      at,
      worker,
      disturbed,
      isSure,
    });
  }

  /** A handler ended. */
  end({ eventId, worker, error }: EndRecord): void {
    const telling = this.#tellings.get(eventId);
    if (telling === undefined) return;
    if (error === "" && !this.#fates.isDisturbed(`w${worker}`)) return;
    telling.isSure = false;
  }

  /** All is over: whoever stayed must have heard what was told while he was there. */
  finish(connections: Iterable<ConnectionHistory>): void {
    const stayed = [...connections].filter(({ ended }) =>
      ended?.how === "stayed"
    );
    const byIndex = Map.groupBy(stayed, ({ index }) => index);
    const byGroup = Map.groupBy(stayed, ({ index }) => groupOf(index));
    for (const [, telling] of this.#tellings) {
      if (!telling.isSure) continue;
      const index = indexOf(telling.name);
      const isForGroup = taskOf(telling.name, telling.number).tell === "group";
      const listeners = isForGroup
        ? byGroup.get(groupOf(index))
        : byIndex.get(partnerOf(index));
      const text = answerText(
        isForGroup ? "g" : "p",
        telling.name,
        telling.number,
      );
      this.#checkHeard(telling, text, listeners ?? []);
    }
  }

  #checkHeard(
    { at, worker, disturbed }: Telling,
    text: string,
    listeners: readonly ConnectionHistory[],
  ): void {
    for (const { name, connect, gateway, heard } of listeners) {
      const wasThere = connect.doneAt >= 0 && connect.doneAt < at;
      if (!wasThere || disturbed.has(gateway)) continue;
      this.#tally.told++;
      if (heard.has(text)) continue;
      const detail = `did not hear "${text}" of worker ${worker}`;
      this.#findings.report("told", name, detail);
    }
  }
}
