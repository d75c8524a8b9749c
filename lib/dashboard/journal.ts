import { type ClusterReport, isOverdue } from "../observe/report.ts";
import { fieldsOf, listOf, numberOf, textOf } from "./read_figures.ts";
import { nameOf, processOf } from "./rows.ts";
import { SeenEvents } from "./seen_events.ts";

/** Most entries that are remembered. */
const MAX_ENTRIES = 300;

/** Most events of one report that are read: a node of ours tells fewer. */
const MAX_TOLD = 40;

/** Looks within which nodes find a Register that was started anew. */
const GRACE = 15;

/** What a Register is called. */
const REGISTER = "Register";

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
  /** Whether its report was old, which it is once if it was the Register that slept. */
  readonly isLate: boolean;
}

/**
 * What happened in the cluster of late: what the nodes tell, and who came, went, or
 * changed.
 */
export class Journal {
  /** In order of time. */
  readonly #entries: JournalEntry[] = [];
  readonly #seen = new SeenEvents();
  #known: ReadonlyMap<string, Known> | undefined;
  /** Looks for which who is not there may be about to come back. */
  #grace = 0;
  #number = 0;

  /** Number of the newest entry. */
  get last(): number {
    return this.#number;
  }

  /** Returns what was learnt after an entry, in order of time. */
  since(number: number): JournalEntry[] {
    return this.#entries.filter((entry) => entry.number > number);
  }

  /** Takes what is reported at a time. */
  take(report: ClusterReport, time: number): void {
    const known = new Map<string, Known>();
    const found: Omit<JournalEntry, "number">[] = [];
    this.#countDown(report);
    for (const [kind, node] of nodesOf(report)) {
      const old = this.#known?.get(node.id);
      const who = nameOf(node);
      const isLate = isOverdue(node);
      const state = stateOf(node, old);
      const isReturning = old !== undefined && state === "silent" &&
        this.#grace > 0;
      known.set(
        node.id,
        isReturning ? old : { name: who, kind, state, isLate },
      );
      const text = isReturning ? undefined : changeOf(kind, state, old);
      if (this.#known !== undefined && text !== undefined) {
        const level = levelOf(state);
        found.push({ time, level, who, text, isLogged: false });
      }
      // Roles that share a process tell the same.
      const tellers = [node.id, processOf(node)];
      for (const event of this.#seen.take(tellers, eventsOf(node.events))) {
        // Clocks differ: nothing that is known now happens later.
        found.push({ ...event, time: Math.min(event.time, time), who });
      }
    }
    for (const [id, gone] of this.#known ?? []) {
      if (known.has(id)) continue;
      if (this.#grace > 0 && gone.kind !== REGISTER) known.set(id, gone);
      else found.push({ time, ...farewell(gone), isLogged: false });
    }
    this.#known = known;
    this.#add(found);
  }

  /** A Register that was started anew knows nobody, until they have found it. */
  #countDown({ registers }: ClusterReport): void {
    const isNew = this.#known !== undefined && registers.length > 0 &&
      !registers.some(({ id }) => this.#known?.has(id));
    this.#grace = isNew ? GRACE : Math.max(0, this.#grace - 1);
  }

  /** A node tells what happened up to a second later, and much later on a busy machine. */
  #add(found: Omit<JournalEntry, "number">[]): void {
    found.sort((one, other) => one.time - other.time);
    for (const entry of found.slice(-MAX_ENTRIES)) {
      this.#entries.push({ number: ++this.#number, ...entry });
    }
    this.#entries.sort((one, other) =>
      one.time - other.time || one.number - other.number
    );
    const surplus = this.#entries.length - MAX_ENTRIES;
    if (surplus > 0) this.#entries.splice(0, surplus);
  }
}

function* nodesOf(
  { registers, gateways, workers }: ClusterReport,
): Generator<[string, ClusterReport["registers"][number]]> {
  for (const register of registers) yield [REGISTER, register];
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

function stateOf(
  node: ClusterReport["registers"][number],
  old: Known | undefined,
): string {
  if (isOverdue(node) && old !== undefined) {
    return old.isLate ? "overdue" : old.state;
  }
  return textOf(node.state) || "silent";
}

function farewell({ name, kind, state }: Known) {
  const level = state === "draining" ? "info" : "warn";
  return { level, who: name, text: `${kind} left` };
}

function levelOf(state: string): string {
  return state === "waiting" || state === "overdue" ? "warn" : "info";
}

function eventsOf(
  events: unknown,
): Omit<JournalEntry, "number" | "who">[] {
  return listOf(events).slice(-MAX_TOLD).map(fieldsOf).map((event) => ({
    time: numberOf(event["time"]),
    level: textOf(event["level"]),
    text: textOf(event["text"]),
    isLogged: true,
  })).filter(({ time }) => time > 0);
}
