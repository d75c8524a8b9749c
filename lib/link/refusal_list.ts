import { now } from "../base/clock.ts";
import {
  encodeRefusals,
  ENTRIES_PER_FRAME,
  LATEST,
  type RefusalEntry,
  type RefusalKind,
  type RefusalSubject,
} from "../wire/bodies/refusals.ts";
import { Command } from "../wire/command.ts";
import type { Link } from "./link.ts";
import { KNOWS_REFUSALS } from "./link_version.ts";

/** Most refusals that a cluster has at a time. */
export const MAX_REFUSALS = 10_000;

/**
 * How many a node keeps, refusals that were taken back included: more than there may be,
 * since others may have taken some at the same time that it knows nothing of yet.
 */
const MOST_KEPT = 2 * MAX_REFUSALS;

/** One, and when it ends by this process's clock. */
interface Kept {
  readonly entry: RefusalEntry;
  readonly endsAt: number;
}

/** Options for {@linkcode RefusalList}. */
export interface RefusalListOptions {
  /** Time that has passed, in milliseconds. */
  readonly now?: () => number;
  /** The time of day, in milliseconds since 1970. */
  readonly today?: () => number;
}

/**
 * Who may not come in, as one node knows it. Nodes tell each other of all that they did
 * not know, and of two entries of the same name the later one counts, so that all come
 * to know the same. One that was taken back is kept until it would have ended: somebody
 * might still tell of it.
 */
export class RefusalList {
  readonly #kept = new Map<string, Kept>();
  readonly #now: () => number;
  readonly #today: () => number;
  #allowed = 0;

  /** @param options Its clocks. */
  constructor({ now: clock = now, today = Date.now }: RefusalListOptions = {}) {
    this.#now = clock;
    this.#today = today;
  }

  /** Refusals that count, those included that have ended since the last look. */
  get size(): number {
    return this.#kept.size - this.#allowed;
  }

  /** All entries that have not ended, those taken back included. */
  all(): RefusalEntry[] {
    this.#forgetEnded();
    return Array.from(this.#kept.values(), ({ entry }) => entry);
  }

  /** The refusal of a name, if there is one. */
  find(kind: RefusalKind, name: string): RefusalEntry | undefined {
    const kept = this.#kept.get(keyOf({ kind, name }));
    if (kept === undefined || kept.entry.isAllowed) return undefined;
    return kept.endsAt > this.#now() ? kept.entry : undefined;
  }

  /**
   * Gives an entry that is new the stamp that it needs to count as later than what is
   * known: the clocks of two machines differ.
   */
  stamped(entry: RefusalEntry): RefusalEntry {
    const known = this.#kept.get(keyOf(entry))?.entry;
    if (known === undefined || known.stamp < entry.stamp) return entry;
    return { ...entry, stamp: Math.min(known.stamp + 1, LATEST) };
  }

  /**
   * Takes what somebody tells.
   *
   * @returns What of it was not known.
   */
  take(entries: readonly RefusalEntry[]): RefusalEntry[] {
    return entries.filter((entry) => this.#take(entry));
  }

  #take(entry: RefusalEntry): boolean {
    const key = keyOf(entry);
    const known = this.#kept.get(key);
    if (known !== undefined && !isLater(entry, known.entry)) return false;
    const endsAt = this.#now() + entry.until - this.#today();
    if (endsAt <= this.#now() && known === undefined) return false;
    if (known === undefined && !this.#makeRoom()) return false;
    this.#delete(key);
    this.#kept.set(key, { entry, endsAt });
    if (entry.isAllowed) this.#allowed++;
    return true;
  }

  #makeRoom(): boolean {
    if (this.#kept.size < MOST_KEPT) return true;
    this.#forgetEnded();
    for (const [key, { entry }] of this.#kept) {
      if (this.#kept.size < MOST_KEPT) return true;
      if (entry.isAllowed) this.#delete(key);
    }
    return this.#kept.size < MOST_KEPT;
  }

  #forgetEnded(): void {
    const time = this.#now();
    for (const [key, { endsAt }] of this.#kept) {
      if (endsAt <= time) this.#delete(key);
    }
  }

  #delete(key: string): void {
    if (this.#kept.get(key)?.entry.isAllowed) this.#allowed--;
    this.#kept.delete(key);
  }
}

function keyOf({ kind, name }: RefusalSubject): string {
  return `${kind} ${name}`;
}

/** Of two with the same stamp, all nodes choose the same. */
function isLater(one: RefusalEntry, other: RefusalEntry): boolean {
  if (one.stamp !== other.stamp) return one.stamp > other.stamp;
  if (one.isAllowed !== other.isAllowed) return one.isAllowed;
  if (one.until !== other.until) return one.until > other.until;
  return one.reason > other.reason;
}

/** Tells a peer of entries, if it knows what they are. */
export function tellRefusals(
  link: Pick<Link, "send" | "peer">,
  entries: readonly RefusalEntry[],
): void {
  if (link.peer.version < KNOWS_REFUSALS) return;
  for (let at = 0; at < entries.length; at += ENTRIES_PER_FRAME) {
    const some = entries.slice(at, at + ENTRIES_PER_FRAME);
    link.send(Command.Refusals, 0, 0, encodeRefusals(some));
  }
}
