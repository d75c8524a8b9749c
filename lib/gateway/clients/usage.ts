/**
 * What gateways of one supervisor tell each other of what their uids and addresses use.
 *
 * @module
 */
import { now } from "../../base/clock.ts";
import { isObject } from "../../base/is_object.ts";

/** What one gateway has to tell. */
export interface UsageNews {
  /** Whether what it told before is void. */
  readonly isAnew: boolean;
  /** How many clients it has of names whose number has changed. */
  readonly counts: Readonly<Record<string, number>>;
  /** What was spent of rates since it last told. */
  readonly spent: Readonly<Record<string, number>>;
}

/** What all gateways are told, some times a second. */
export interface UsageRound {
  /** What each said last, by process id; those that said nothing have nothing here. */
  readonly peers: Readonly<Record<string, UsageNews>>;
  /** Whether each is to tell all that it has. */
  readonly whole: boolean;
  /** Most characters that each may say. */
  readonly budget: number;
}

/** Milliseconds without a round after which each gateway goes by its share. */
const SILENCE = 2_000;

/** Longest name that is told of: a longer one counts for each gateway alone. */
const MAX_SHARED_NAME = 300;

/** Most names that have changed and are remembered; for more, all are told anew. */
const MAX_CHANGED = 100_000;

/** What a name costs beside its own characters. */
const ENTRY_COST = 16;

/** What a gateway does with what it is told. */
export interface UsageOwner {
  /** Clients that it has of a name. */
  countOf(name: string): number;
  /** All names that it has any of. */
  names(): Iterable<string>;
  /** What was spent since the last call, by rate. */
  takeSpent(): Iterable<readonly [rate: string, count: number]>;
  /** Another gateway has spent so much. */
  spend(rate: string, count: number): void;
}

/** Knows what the other gateways of this machine's supervisor have. */
export class Usage {
  readonly #owner: UsageOwner;
  readonly #pid: number;
  readonly #peers = new Map<number, Map<string, number>>();
  readonly #changed = new Set<string>();
  /** Whether more has changed than is remembered. */
  #isBehind = false;
  #lastRound = -Infinity;
  #gateways = 1;

  /**
   * @param owner Has clients.
   * @param pid The process id of this gateway.
   */
  constructor(owner: UsageOwner, pid: number = Deno.pid) {
    this.#owner = owner;
    this.#pid = pid;
  }

  /** Whether anybody is told. */
  get isShared(): boolean {
    return this.#gateways > 1;
  }

  /**
   * How many gateways share a limit without knowing of each other: then each goes by
   * its share of it.
   */
  get shares(): number {
    return now() - this.#lastRound < SILENCE ? 1 : this.#gateways;
  }

  /** Notes that the number of clients of a name has changed. */
  touch(name: string): void {
    if (!this.isShared) return;
    if (this.#changed.size < MAX_CHANGED) this.#changed.add(name);
    else this.#isBehind = true;
  }

  /** Clients of a name that the other gateways have. */
  others(name: string): number {
    if (!this.isShared || this.shares > 1) return 0;
    let count = 0;
    for (const counts of this.#peers.values()) count += counts.get(name) ?? 0;
    return count;
  }

  /** Takes what the others say; returns what this one has to say. */
  exchange(round: UsageRound): UsageNews {
    this.#take(round);
    const isAnew = round.whole || this.#isBehind;
    this.#isBehind = false;
    if (isAnew) {
      this.#changed.clear();
      for (const name of this.#owner.names()) this.#changed.add(name);
    }
    return { isAnew, ...this.#tell(round.budget) };
  }

  #take({ peers }: UsageRound): void {
    const pids = Object.keys(peers).map(Number);
    this.#gateways = pids.length;
    this.#lastRound = now();
    for (const pid of this.#peers.keys()) {
      if (!pids.includes(pid)) this.#peers.delete(pid);
    }
    for (const pid of pids) {
      const news = peers[String(pid)];
      if (pid !== this.#pid && news !== undefined) this.#hear(pid, news);
    }
  }

  #hear(pid: number, { isAnew, counts, spent }: UsageNews): void {
    const known = isAnew ? undefined : this.#peers.get(pid);
    this.#keep(pid, known ?? new Map(), counts);
    for (const [rate, count] of Object.entries(spent)) {
      this.#owner.spend(rate, count);
    }
  }

  #keep(
    pid: number,
    known: Map<string, number>,
    counts: UsageNews["counts"],
  ): void {
    this.#peers.set(pid, known);
    for (const [name, count] of Object.entries(counts)) {
      if (count > 0) known.set(name, count);
      else known.delete(name);
    }
  }

  #tell(budget: number): Omit<UsageNews, "isAnew"> {
    let left = budget;
    const fits = (name: string) => {
      left -= JSON.stringify(name).length + ENTRY_COST;
      return left >= 0;
    };
    const counts: Record<string, number> = Object.create(null);
    const spent: Record<string, number> = Object.create(null);
    for (const [rate, count] of this.#owner.takeSpent()) {
      if (rate.length <= MAX_SHARED_NAME && fits(rate)) spent[rate] = count;
    }
    for (const name of this.#changed) {
      const isShort = name.length <= MAX_SHARED_NAME;
      if (isShort && !fits(name)) break;
      this.#changed.delete(name);
      if (isShort) counts[name] = this.#owner.countOf(name);
    }
    return { counts, spent };
  }
}

/** Reads what a gateway has answered; `undefined` if that is no news. */
export function readUsageNews(value: unknown): UsageNews | undefined {
  if (!isObject(value)) return undefined;
  const { isAnew, counts, spent } = value;
  return [counts, spent].every(isNumbers)
    ? { isAnew: isAnew === true, counts, spent } as UsageNews
    : undefined;
}

function isNumbers(value: unknown): boolean {
  return isObject(value) &&
    Object.values(value).every((each) => typeof each === "number");
}
