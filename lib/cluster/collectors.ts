/**
 * What becomes of the rows that gateways tell: each collector says what it wants of
 * a uid or group, takes row after row, and has an answer at any time.
 *
 * @module
 */
import type { NameField } from "../wire/bodies/query.ts";

/** A uid or group, as one gateway tells it, or a part of that. */
export interface NameRow {
  /** The uid or the group's name. */
  readonly name: string;
  /** How many clients it has there. */
  readonly count: number;
  /** Ids of clients that it has there. */
  readonly clientIds: readonly string[];
  /** Uids of clients that it has there; may repeat. */
  readonly uids: readonly string[];
}

/** Puts the rows of all gateways together. */
export interface Collector<Answer> {
  /** What it wants of each uid or group. */
  readonly field: NameField;
  /** Takes a row. */
  take(row: NameRow): void;
  /** Returns what was taken so far, put together. */
  answer(): Answer;
}

/** Makes a record without prototype, so that any name may be a key. */
export function emptyRecord<Value>(): Record<string, Value> {
  return Object.create(null);
}

/** Whether there is any. */
export function isAny(): Collector<boolean> {
  let any = false;
  return {
    field: "none",
    take: () => any = true,
    answer: () => any,
  };
}

/** Which of these there are. */
export function whichOf(
  names: readonly string[],
): Collector<Record<string, boolean>> {
  const found = emptyRecord<boolean>();
  for (const name of names) found[name] = false;
  return {
    field: "none",
    take: ({ name }) => found[name] = true,
    answer: () => found,
  };
}

/** The names, each once. */
export function listOfNames(): Collector<string[]> {
  const names = new Set<string>();
  return {
    field: "none",
    take: ({ name }) => names.add(name),
    answer: () => [...names],
  };
}

/** How many names there are, each counted once. */
export function numberOfNames(): Collector<number> {
  const names = new Set<string>();
  return {
    field: "none",
    take: ({ name }) => names.add(name),
    answer: () => names.size,
  };
}

/** How many clients each has; 0 for those of `names` that have none. */
export function clientCounts(
  names: readonly string[] = [],
): Collector<Record<string, number>> {
  const counts = emptyRecord<number>();
  for (const name of names) counts[name] = 0;
  return {
    field: "count",
    take: ({ name, count }) => counts[name] = (counts[name] ?? 0) + count,
    answer: () => counts,
  };
}

/** How many clients all have together. */
export function sumOfClients(): Collector<number> {
  let sum = 0;
  return {
    field: "count",
    take: ({ count }) => sum += count,
    answer: () => sum,
  };
}

/** The ids of the clients of all, each once. */
export function clientIds(): Collector<string[]> {
  const ids = new Set<string>();
  return {
    field: "clients",
    take: (row) => row.clientIds.forEach((id) => ids.add(id)),
    answer: () => [...ids],
  };
}

/** The ids of the clients of each; none for those of `names` that have none. */
export function clientIdsByName(
  names: readonly string[] = [],
): Collector<Record<string, string[]>> {
  const sets = new SetsByName(names);
  return {
    field: "clients",
    take: (row) => sets.add(row.name, row.clientIds),
    answer: () => sets.map((ids) => [...ids]),
  };
}

/** The uids of the clients of all, each once. */
export function uids(): Collector<string[]> {
  const names = new Set<string>();
  return {
    field: "uids",
    take: (row) => row.uids.forEach((uid) => names.add(uid)),
    answer: () => [...names],
  };
}

/** How many uids the clients of all have, each counted once. */
export function numberOfUids(): Collector<number> {
  const { answer, ...rest } = uids();
  return { ...rest, answer: () => answer().length };
}

/** The uids of the clients of each. */
export function uidsByName(): Collector<Record<string, string[]>> {
  const sets = new SetsByName([]);
  return {
    field: "uids",
    take: (row) => sets.add(row.name, row.uids),
    answer: () => sets.map((names) => [...names]),
  };
}

/** How many uids the clients of each have. */
export function uidCounts(): Collector<Record<string, number>> {
  const sets = new SetsByName([]);
  return {
    field: "uids",
    take: (row) => sets.add(row.name, row.uids),
    answer: () => sets.map(({ size }) => size),
  };
}

class SetsByName {
  readonly #sets = new Map<string, Set<string>>();

  constructor(names: readonly string[]) {
    for (const name of names) this.#sets.set(name, new Set());
  }

  add(name: string, values: readonly string[]): void {
    let set = this.#sets.get(name);
    if (set === undefined) this.#sets.set(name, set = new Set());
    for (const value of values) set.add(value);
  }

  map<Value>(toValue: (set: Set<string>) => Value): Record<string, Value> {
    const record = emptyRecord<Value>();
    for (const [name, set] of this.#sets) record[name] = toValue(set);
    return record;
  }
}
