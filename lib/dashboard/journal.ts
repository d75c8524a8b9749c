import type { ClusterReport } from "../observe/report.ts";
import { fieldsOf, listOf, numberOf, textOf } from "./read_figures.ts";
import { nameOf, processOf } from "./rows.ts";

/** Most entries that are remembered. */
const MAX_ENTRIES = 300;

/** Something that happened in the cluster. */
export interface JournalEntry {
  /** Grows with each entry. */
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `info`, `warn` or `error`. */
  readonly level: string;
  /** Who tells it. */
  readonly who: string;
  /** What happened. */
  readonly text: string;
  /** Whether a role logged it: it may be about a client. */
  readonly isLogged: boolean;
}

/** What is remembered of a node between two reports. */
interface Known {
  readonly name: string;
  readonly kind: string;
  readonly state: string;
}

/**
 * What happened in the cluster of late: what the nodes tell, and who came, went, or
 * changed.
 */
export class Journal {
  readonly #entries: JournalEntry[] = [];
  #known: ReadonlyMap<string, Known> | undefined;
  /** Of each process, the events that it told last: its clock may be set, back too. */
  #seen: ReadonlyMap<string, ReadonlySet<string>> = new Map();
  #number = 0;

  /** Number of the newest entry. */
  get last(): number {
    return this.#number;
  }

  /** Returns what came after an entry, the oldest first. */
  since(number: number): JournalEntry[] {
    return this.#entries.filter((entry) => entry.number > number);
  }

  /** Takes what is reported at a time. */
  take(report: ClusterReport, time: number): void {
    const known = new Map<string, Known>();
    const seen = new Map<string, Set<string>>();
    const before = this.#known;
    const found: Omit<JournalEntry, "number">[] = [];
    for (const [kind, node] of nodesOf(report)) {
      const old = before?.get(node.id);
      const name = nameOf(node);
      const state = textOf(node.state) || "silent";
      const change = changeOf(kind, state, old);
      if (before !== undefined && change !== undefined) {
        found.push({
          time,
          level: levelOf(state),
          who: name,
          text: change,
          isLogged: false,
        });
      }
      known.set(node.id, { name, kind, state });
      // Roles that share a process tell the same.
      const process = processOf(node);
      const told = seen.get(process) ?? new Set();
      seen.set(process, told);
      for (const event of eventsOf(node.events)) {
        const key = `${event.time} ${event.text}`;
        const isNew = !told.has(key) && !this.#seen.get(process)?.has(key);
        told.add(key);
        if (isNew) found.push({ ...event, who: name });
      }
    }
    for (const [id, { name, kind, state }] of before ?? []) {
      if (known.has(id)) continue;
      const level = state === "draining" ? "info" : "warn";
      const text = `${kind} left`;
      found.push({ time, level, who: name, text, isLogged: false });
    }
    this.#known = known;
    this.#seen = seen;
    this.#add(found);
  }

  #add(found: Omit<JournalEntry, "number">[]): void {
    found.sort((one, other) => one.time - other.time);
    for (const entry of found.slice(-MAX_ENTRIES)) {
      this.#entries.push({ number: ++this.#number, ...entry });
    }
    const surplus = this.#entries.length - MAX_ENTRIES;
    if (surplus > 0) this.#entries.splice(0, surplus);
  }
}

function* nodesOf(
  { registers, gateways, workers }: ClusterReport,
): Generator<[string, ClusterReport["registers"][number]]> {
  for (const register of registers) yield ["Register", register];
  for (const gateway of gateways) yield ["gateway", gateway];
  for (const worker of workers) yield ["worker", worker];
}

function changeOf(
  kind: string,
  state: string,
  old: Known | undefined,
): string | undefined {
  if (old === undefined) return `${kind} joined`;
  return old.state === state ? undefined : `${kind} is ${state}`;
}

function levelOf(state: string): string {
  return state === "waiting" ? "warn" : "info";
}

function eventsOf(
  events: unknown,
): Omit<JournalEntry, "number" | "who">[] {
  return listOf(events).map(fieldsOf).map((event) => ({
    time: numberOf(event["time"]),
    level: textOf(event["level"]),
    text: textOf(event["text"]),
    isLogged: true,
  })).filter(({ time }) => time > 0);
}
