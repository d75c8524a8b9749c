import {
  BlockKind,
  Phase,
  type PresenceBlock,
  type PresenceRow,
} from "../../wire/bodies/presence_rows.ts";

/**
 * What the worker that answers for a name has told of it: every gateway has the same, so
 * that nothing is lost with a worker, and each can say who is there.
 */
export class NameCopy {
  #rows = new Map<string, PresenceRow>();
  /** What comes in parts, until it is whole. */
  #parts: Map<string, PresenceRow> | undefined;
  /** Which worker's word it is; see {@linkcode PresenceBlock}. */
  epoch = 0;
  /** How much of it has come. */
  count = 0;
  /** Clients without a uid. */
  guests = 0;
  /** Users that are there, those among them that are waited for. */
  users = 0;
  /** Their clients. */
  tabs = 0;

  /** Whether nobody is there, and nothing is left to be told of anybody. */
  get isEmpty(): boolean {
    return this.#rows.size === 0 && this.guests === 0 && !this.#parts;
  }

  /** Whether it is whole. */
  get isWhole(): boolean {
    return this.epoch > 0;
  }

  /** Everybody of whom something was told. */
  uids(): Iterable<string> {
    return this.#rows.keys();
  }

  /** What was told of a user. */
  row(uid: string): PresenceRow | undefined {
    return this.#rows.get(uid);
  }

  /** Hears more; returns whose part in it can be seen to be another. */
  take({ kind, epoch, count, guests, rows }: PresenceBlock): string[] {
    if ((kind & BlockKind.First) !== 0) this.#parts = new Map();
    const isPart = (kind & BlockKind.Part) !== 0;
    if (!isPart && this.epoch !== epoch && this.#parts === undefined) return [];
    const target = this.#parts ?? this.#rows;
    const changed = target === this.#parts ? [] : rows
      .filter((row) => !looksAlike(this.#rows.get(row.uid), row))
      .map(({ uid }) => uid);
    for (const row of rows) this.#put(target, row);
    if (this.#parts === undefined || (kind & BlockKind.Last) !== 0) {
      this.epoch = epoch;
      this.count = count;
      this.guests = guests;
    }
    if ((kind & BlockKind.Last) === 0) return changed;
    return this.#replace();
  }

  /** The users that are there whose uids come after one, in order; so many at most. */
  page(after: string, limit: number): PresenceRow[] {
    const found: PresenceRow[] = [];
    for (const row of this.#rows.values()) {
      if (row.uid <= after || !isThere(row)) continue;
      const isFull = found.length === limit;
      if (isFull && (limit === 0 || row.uid > (found.at(-1)?.uid ?? ""))) {
        continue;
      }
      if (isFull) found.pop();
      found.splice(placeOf(found, row.uid), 0, row);
    }
    return found;
  }

  #put(target: Map<string, PresenceRow>, row: PresenceRow): void {
    const { uid, tabs, phase } = row;
    const known = target.get(uid);
    if (target === this.#rows) {
      this.#count(known, -1);
      this.#count(row, 1);
    }
    if (tabs === 0 && phase === Phase.Untold) target.delete(uid);
    else target.set(uid, row);
  }

  #replace(): string[] {
    const old = this.#rows;
    this.#rows = this.#parts ?? this.#rows;
    this.#parts = undefined;
    this.users = this.tabs = 0;
    for (const row of this.#rows.values()) this.#count(row, 1);
    const uids = new Set([...old.keys(), ...this.#rows.keys()]);
    return [...uids].filter((uid) =>
      !looksAlike(old.get(uid), this.#rows.get(uid))
    );
  }

  #count(row: PresenceRow | undefined, sign: number): void {
    if (row === undefined || !isThere(row)) return;
    this.users += sign;
    this.tabs += sign * row.tabs;
  }
}

/** Whether a user is there, or waited for. */
export function isThere({ tabs, phase }: PresenceRow): boolean {
  return tabs > 0 || phase === Phase.Joining || phase === Phase.Joined;
}

/** Whether nobody can see a difference between two rows of a user. */
function looksAlike(
  one: PresenceRow | undefined,
  other: PresenceRow | undefined,
): boolean {
  const was = one !== undefined && isThere(one);
  const is = other !== undefined && isThere(other);
  if (!was || !is) return was === is;
  return one.tabs === other.tabs && one.state === other.state &&
    (one.attached === 0) === (other.attached === 0);
}

/** Where a uid belongs in a list that is in order. */
function placeOf(rows: readonly PresenceRow[], uid: string): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((rows[middle]?.uid ?? "") < uid) low = middle + 1;
    else high = middle;
  }
  return low;
}
