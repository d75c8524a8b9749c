import {
  BlockKind,
  Phase,
  type PresenceBlock,
  type PresenceRow,
} from "../../wire/bodies/presence_rows.ts";
import { Entry, type PresenceTask, type Source } from "./roll_entry.ts";

/** Largest first turn. */
const MAX_FIRST_TURN = 0x7fff_ffff;

/** What makes takeovers and events of one name differ from those of any other time. */
export interface RollOptions {
  /** Draws a number from 0 to below 1. By default `Math.random`. */
  readonly random?: () => number;
  /** Tells the time of day, in milliseconds. By default `Date.now`. */
  readonly today?: () => number;
}

/**
 * The reckoning of one name, by the worker that is responsible for it: sums what gateways
 * have, and finds out which joins and leaves are to be told. Pure: it is told the time.
 */
export class Roll {
  readonly #grace: number;
  readonly #entries = new Map<string, Entry>();
  readonly #guests = new Map<Source, number>();
  /** Users without tabs, and until when they are waited for; the first to go is the first. */
  readonly #leavers = new Map<string, number>();
  readonly #changed = new Set<string>();
  #tasks: PresenceTask[] = [];
  #areGuestsNew = false;
  /** Tasks that are not finished. */
  #open = 0;
  /** Highest epoch of which any gateway knows. */
  #seenEpoch = 0;
  #count = 0;
  #users = 0;
  #isUnsure = false;
  /** Whether another worker is to go on: nothing more is begun. */
  #isWithheld = false;
  /** When it was looked before who has been waited for long enough. */
  #lastTick = -Infinity;
  #lastTurn: number;
  readonly #random: () => number;
  readonly #today: () => number;
  /** The group, behind `g`, or the uid, behind `u`. */
  readonly name: string;
  /** Which takeover of the name this is; 0 as long as it tells nothing. */
  epoch = 0;

  /**
   * @param name The group, behind `g`, or the uid, behind `u`.
   * @param grace Milliseconds that users without tabs are waited for.
   * @param options What makes it differ.
   */
  constructor(name: string, grace: number, options: RollOptions = {}) {
    const { random = Math.random, today = Date.now } = options;
    this.#random = random;
    this.#today = today;
    // Events of a name that was forgotten meanwhile have other ids.
    this.#lastTurn = Math.floor(random() * MAX_FIRST_TURN);
    this.name = name;
    this.#grace = grace;
  }

  /** Whether it tells gateways and handlers who is there. */
  get isActive(): boolean {
    return this.epoch > 0;
  }

  /** Users that are there, those among them that are waited for. */
  get users(): number {
    return this.#users;
  }

  /** Whether nobody is there, and nothing is to be told. */
  get isEmpty(): boolean {
    if (this.#entries.size > 0 || this.#changed.size > 0) return false;
    return this.#guestsOfAll === 0 && !this.#areGuestsNew;
  }

  /** Whether a handler is being told something, or waits to be. */
  get isBusy(): boolean {
    return this.#open > 0;
  }

  /** A gateway says what it has. */
  take(source: Source, block: PresenceBlock, time: number): void {
    const { kind, epoch, guests, rows } = block;
    const isWhole = (kind & BlockKind.Part) !== 0;
    if ((kind & BlockKind.First) !== 0) this.#withdraw(source);
    if (isWhole) this.#hearTold(block);
    else if (!this.isActive) this.#seenEpoch = Math.max(this.#seenEpoch, epoch);
    if (guests !== (this.#guests.get(source) ?? 0)) {
      this.#guests.set(source, guests);
      this.#areGuestsNew = true;
    }
    for (const row of rows) this.#takeRow(source, row, isWhole, time);
    if ((kind & BlockKind.Last) !== 0) this.#judgeAll(time);
  }

  /** A gateway is gone: who was there alone is waited for. */
  lose(source: Source, time: number): void {
    this.#withdraw(source);
    this.#judgeAll(time);
  }

  /** A gateway tells another worker from now on. */
  cede(source: Source): void {
    this.#withdraw(source);
  }

  /**
   * All gateways have said what they have: tells who is there from now on.
   *
   * @param time The time now.
   * @param isUnsure Whether another worker may tell the same.
   */
  activate(time: number, isUnsure: boolean): void {
    this.#isUnsure = isUnsure;
    if (this.isActive) return;
    // A name that was forgotten meanwhile is taken over later than ever before.
    const next = Math.max(Math.floor(this.#seenEpoch) + 1, this.#today());
    this.epoch = next + this.#random() / 2;
    this.#count = 0;
    this.#changed.clear();
    this.#judgeAll(time);
  }

  /**
   * Another worker is responsible, or may be: what no handler was told yet is left to it.
   * What is left to be said is in {@linkcode Roll.takeChanges}; then it is over.
   */
  withhold(): void {
    this.#isWithheld = true;
    for (const entry of this.#entries.values()) {
      const { task } = entry;
      if (task === undefined || task.isStarted) continue;
      task.isCancelled = true;
      entry.task = undefined;
      this.#open--;
      if (task.isAgain) continue;
      entry.phase = task.type === "join" ? Phase.Untold : Phase.Joined;
      entry.turn = task.before;
      this.#touch(entry);
    }
    this.#tasks = [];
    this.#leavers.clear();
  }

  /** It tells nothing any more, until it is made to again. */
  deactivate(): void {
    this.#seenEpoch = Math.max(this.#seenEpoch, this.epoch);
    this.epoch = 0;
    this.#isWithheld = false;
  }

  /**
   * Looks who has been waited for long enough; returns whether anybody has. Who is seen to
   * be late is waited for until the next time: if this worker stood still, that they are
   * back is still to be read.
   */
  tick(time: number): boolean {
    const lastTick = this.#lastTick;
    this.#lastTick = time;
    let isAny = false;
    for (const [uid, until] of this.#leavers) {
      if (until > lastTick) break;
      isAny = true;
      this.#leavers.delete(uid);
      const entry = this.#entries.get(uid);
      if (entry !== undefined) this.#leave(entry);
    }
    return isAny;
  }

  /** A handler has been told. */
  finish(task: PresenceTask, time: number): void {
    const entry = this.#entries.get(task.uid);
    if (entry === undefined || entry.task !== task) return;
    entry.task = undefined;
    this.#open--;
    entry.phase = task.type === "join" ? Phase.Joined : Phase.Untold;
    this.#touch(entry);
    this.#judge(entry, time);
  }

  /** Takes what handlers are to be told, in order. */
  takeTasks(): readonly PresenceTask[] {
    const tasks = this.#tasks;
    this.#tasks = [];
    return tasks;
  }

  /** Takes what has changed since it was last taken, for all gateways. */
  takeChanges(): PresenceBlock | undefined {
    if (this.#changed.size === 0 && !this.#areGuestsNew) return undefined;
    const rows = Array.from(this.#changed, (uid) => this.#rowOf(uid));
    this.#changed.clear();
    this.#areGuestsNew = false;
    this.#count++;
    return this.#block(BlockKind.Difference, rows);
  }

  /** All that there is, in blocks of so many rows. */
  *whole(size: number): Generator<PresenceBlock> {
    let rows: PresenceRow[] = [];
    let first: number = BlockKind.First;
    for (const uid of this.#entries.keys()) {
      if (rows.length === size) {
        yield this.#block(BlockKind.Part | first, rows);
        rows = [];
        first = 0;
      }
      rows.push(this.#rowOf(uid));
    }
    yield this.#block(BlockKind.Part | first | BlockKind.Last, rows);
  }

  /** What is known of a user, for events. */
  row(uid: string): PresenceRow {
    return this.#rowOf(uid);
  }

  get #guestsOfAll(): number {
    let sum = 0;
    for (const guests of this.#guests.values()) sum += guests;
    return sum;
  }

  #block(kind: number, rows: PresenceRow[]): PresenceBlock {
    const { name, epoch } = this;
    const guests = this.#guestsOfAll;
    return { name, kind, epoch, count: this.#count, guests, rows };
  }

  /**
   * Hears what was told of the name before: the newest takeover counts, and what this
   * worker has told itself is no news.
   */
  #hearTold({ epoch, rows }: PresenceBlock): void {
    const isOwn = this.isActive && epoch === this.epoch;
    if (epoch < Math.max(this.#seenEpoch, this.epoch)) return;
    if (epoch > this.#seenEpoch && !this.isActive) this.#forgetTold();
    if (!isOwn) this.#seenEpoch = epoch;
    for (const row of rows) {
      const { uid, phase, state, edition, tabs } = row;
      const isTold = phase !== Phase.Untold && !isOwn;
      if (!isTold && (edition === 0 || tabs === 0)) continue;
      const entry = this.#entryOf(uid);
      if (isTold) entry.hear(row);
      this.#lastTurn = Math.max(this.#lastTurn, row.turn);
      if (edition > entry.edition) {
        entry.state = state ?? "";
        entry.edition = edition;
      }
      this.#touch(entry);
    }
  }

  #forgetTold(): void {
    for (const entry of this.#entries.values()) {
      entry.phase = Phase.Untold;
      entry.turn = 0;
    }
  }

  #takeRow(
    source: Source,
    row: PresenceRow,
    isWhole: boolean,
    time: number,
  ): void {
    const { uid, tabs, attached, state, hasLeft } = row;
    if (tabs === 0 && !this.#entries.has(uid)) return;
    const entry = this.#entryOf(uid);
    entry.setPart(source, tabs, attached);
    entry.hasLeft = hasLeft;
    if (!isWhole && state !== undefined && tabs > 0) {
      entry.state = state;
      entry.edition++;
    }
    this.#touch(entry);
    this.#judge(entry, time);
  }

  #withdraw(source: Source): void {
    if (this.#guests.delete(source)) this.#areGuestsNew = true;
    for (const entry of this.#entries.values()) {
      if (!entry.parts.some((part) => part.source === source)) continue;
      entry.setPart(source, 0, 0);
      entry.hasLeft = false;
      this.#touch(entry);
    }
  }

  #judgeAll(time: number): void {
    for (const entry of this.#entries.values()) this.#judge(entry, time);
  }

  /** Finds out what follows for a user from where it is, and what was told. */
  #judge(entry: Entry, time: number): void {
    const { uid, tabs, phase, task } = entry;
    if (tabs > 0) this.#leavers.delete(uid);
    if (!this.isActive || this.#isWithheld || task !== undefined) return;
    // Another worker was about to tell that, or has.
    if (phase === Phase.Joining) return this.#begin(entry, "join", true);
    if (phase === Phase.Leaving) return this.#begin(entry, "leave", true);
    if (tabs > 0) {
      if (phase === Phase.Untold) this.#begin(entry, "join", false);
      return;
    }
    if (phase === Phase.Untold) return this.#forget(entry);
    if (entry.hasLeft || this.#grace === 0) return this.#leave(entry);
    if (!this.#leavers.has(uid)) this.#leavers.set(uid, time + this.#grace);
  }

  #leave(entry: Entry): void {
    this.#leavers.delete(entry.uid);
    const { tabs, phase, task } = entry;
    if (task !== undefined || tabs > 0 || phase !== Phase.Joined) return;
    this.#begin(entry, "leave", false);
  }

  #begin(entry: Entry, type: PresenceTask["type"], isAgain: boolean): void {
    const before = entry.turn;
    if (!isAgain) entry.turn = ++this.#lastTurn;
    entry.phase = type === "join" ? Phase.Joining : Phase.Leaving;
    entry.task = {
      type,
      uid: entry.uid,
      turn: entry.turn,
      before,
      isAgain: isAgain || this.#isUnsure,
      isStarted: false,
      isCancelled: false,
    };
    this.#tasks.push(entry.task);
    this.#open++;
    this.#touch(entry);
  }

  #forget(entry: Entry): void {
    this.#leavers.delete(entry.uid);
    this.#entries.delete(entry.uid);
    if (entry.isCounted) this.#users--;
    this.#changed.add(entry.uid);
  }

  #touch(entry: Entry): void {
    this.#changed.add(entry.uid);
    const { isThere, isCounted } = entry;
    if (isThere !== isCounted) this.#users += isThere ? 1 : -1;
    entry.isCounted = isThere;
  }

  #entryOf(uid: string): Entry {
    const known = this.#entries.get(uid);
    if (known !== undefined) return known;
    const entry = new Entry(uid);
    this.#entries.set(uid, entry);
    return entry;
  }

  #rowOf(uid: string): PresenceRow {
    return (this.#entries.get(uid) ?? new Entry(uid)).row;
  }
}
