/**
 * Users with one to five tabs, who come, go, load their pages again and say things of
 * themselves.
 *
 * @module
 */
import { now } from "../../lib/base/clock.ts";
import { pause } from "../../lib/base/pause.ts";
import { type Doors, Tab } from "./presence_tab.ts";
import { TrueUser } from "./presence_truth.ts";
import { pickAt, type Random } from "./random.ts";

/** Users of a room, so that a room can be listed. */
const ROOM_SIZE = 500;

/** Most tabs of a user. */
const MAX_TABS = 5;

/** Milliseconds between two things that happen, and the most that all may take to come. */
const TICK = 50;
const COME_TIMEOUT = 60_000;

/** Users who come at a time at first. */
const TOGETHER = 20;

/** Part of the tabs that do not come back if their gateway is lost. */
const TIRED = 0.1;

/** How {@linkcode PresenceCrowd}s are. */
export interface PresenceCrowdOptions {
  /** How many users. */
  readonly users: number;
  /** Milliseconds for which who has gone is still there. */
  readonly grace: number;
  /** Decides what happens. */
  readonly random: Random;
  /** Where somebody connects. */
  readonly doors: Doors;
  /** By how many milliseconds it may find out late what is so. */
  readonly late: () => number;
}

/** All users, and what they do. */
export class PresenceCrowd implements Disposable {
  readonly #random: Random;
  readonly #doors: Doors;
  readonly #tabs = new Map<TrueUser, Set<Tab>>();
  #said = 0;
  /** Everybody, whether there or not. */
  readonly users: readonly TrueUser[];
  /** When the truth changed last. */
  lastChange = 0;
  /** What happened. */
  readonly counts = { tabs: 0, comes: 0, goes: 0, reloads: 0, states: 0 };

  constructor(options: PresenceCrowdOptions) {
    const { users, grace, random, doors, late } = options;
    this.#random = random;
    this.#doors = doors;
    this.users = Array.from(
      { length: users },
      (_, i) =>
        new TrueUser(`u${i}`, `room-${Math.floor(i / ROOM_SIZE)}`, grace, late),
    );
  }

  /** The groups that users are in, beside that of everybody. */
  get rooms(): string[] {
    return [...new Set(this.users.map(({ room }) => room))];
  }

  /** Everybody closes everything. */
  [Symbol.dispose](): void {
    for (const user of this.users) this.#close(user);
  }

  /** Some will not come back if their gateway is lost. */
  tire(): void {
    for (const tab of this.#allTabs()) {
      tab.isTired = this.#random.next() < TIRED;
    }
  }

  /** A gateway is killed: of many sockets that are lost at once, the last says so late. */
  lose(address: string): void {
    for (const tab of this.#allTabs()) tab.lose(address);
  }

  /** Workers are others now. */
  onTakeover(): void {
    for (const user of this.users) user.onTakeover(now());
  }

  /** Most users come, some at a time. */
  async come(): Promise<void> {
    for (const [i, user] of this.users.entries()) {
      if (this.#random.next() < 0.1) continue;
      const tabs = 1 + Math.floor(this.#random.next() * MAX_TABS);
      for (let tab = 0; tab < tabs; tab++) this.#open(user);
      if (i % TOGETHER === TOGETHER - 1) await this.settled();
    }
    await this.settled();
  }

  /** Waits until every tab is in, or over, and nothing is asked. */
  async settled(): Promise<void> {
    const end = now() + COME_TIMEOUT;
    while (true) {
      const busy = [...this.#allTabs()].filter(({ isBusy }) => isBusy);
      const [first] = busy;
      if (first === undefined) return;
      if (now() > end) {
        throw new TypeError(
          `Cannot go on as ${busy.length} tabs do not settle: ${first.standing}`,
        );
      }
      await pause(TICK);
    }
  }

  /** Users come and go for a while. */
  async live(duration: number): Promise<void> {
    for (const tabs of this.#tabs.values()) {
      for (const tab of tabs) if (tab.isOver) tabs.delete(tab);
    }
    const end = now() + duration;
    while (now() < end) {
      const some = Math.ceil(this.users.length / 200);
      for (let i = 0; i < some; i++) this.#do(this.#pick(this.users));
      await pause(TICK);
    }
    await this.settled();
  }

  #do(user: TrueUser): void {
    const dice = this.#random.next();
    const all = [...this.#tabs.get(user) ?? []];
    // What it says just now, and what then happens to it, would be in no order.
    if (all.some(({ isBusy }) => isBusy)) return;
    const tabs = all.length;
    if (tabs === 0) {
      this.counts.comes++;
      return this.#open(user);
    }
    if (dice < 0.25) {
      if (tabs < MAX_TABS) this.#open(user);
    } else if (dice < 0.5) {
      if (tabs > 1) this.#close(user, 1);
    } else if (dice < 0.7) {
      this.counts.reloads++;
      this.#close(user);
      this.#open(user);
    } else if (dice < 0.85) {
      this.counts.goes++;
      this.#close(user);
    } else this.#say(user);
  }

  #say(user: TrueUser): void {
    const [tab] = this.#tabs.get(user) ?? [];
    if (tab === undefined) return;
    this.counts.states++;
    void tab.say({ n: ++this.#said }).then(() => this.lastChange = now());
  }

  #open(user: TrueUser): void {
    const tabs = this.#tabs.get(user) ?? new Set();
    this.counts.tabs++;
    tabs.add(
      new Tab(user, this.#doors, () => this.lastChange = now()),
    );
    this.#tabs.set(user, tabs);
  }

  #close(user: TrueUser, count = MAX_TABS): void {
    const tabs = this.#tabs.get(user) ?? new Set();
    for (const tab of [...tabs].slice(0, count)) {
      tab.close();
      tabs.delete(tab);
    }
  }

  *#allTabs(): Generator<Tab> {
    for (const tabs of this.#tabs.values()) yield* tabs;
  }

  #pick<T>(list: readonly T[]): T {
    // A list of users, of whom there are some.
    return pickAt(list, this.#random.next()) as T;
  }
}
