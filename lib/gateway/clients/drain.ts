import { Pace } from "../../base/pace.ts";
import { roomLogger } from "../../observe/logger.ts";
import type { DrainReport } from "../../observe/report.ts";
import { CLOSE_GOING_AWAY } from "../../transport/connection.ts";
import type { Client } from "./client.ts";

const logger = roomLogger("gateway");

/** Milliseconds between two ticks: so far ahead clients are told of their moment. */
const TICK = 50;

/** Ticks after which it is looked who has gone. */
const LOOK = 5;

/** Most milliseconds of turns that are made up for after a late tick. */
const MAX_LATE = 500;

/**
 * Milliseconds after the last was told by which one of them, at least, has come to
 * another gateway: if none has, there is none that takes them.
 */
const MOVE_TIME = 5_000;

/** Milliseconds between two looks whether those who were told find their place in time. */
const JUDGE_INTERVAL = 1_000;

/** Milliseconds after which whoever was told should have gone. */
const DUE = 1_500;

/** Milliseconds after which it counts no more: it may not read at all. */
const COUNTS_FOR = 4_000;

/** How many must have been due, or nothing can be said. */
const LEAST_DUE = 10;

/** If more than this part of them is late, they are sent more slowly. */
const TOO_LATE = 0.5;

/** If less than this is, faster again. */
const IN_TIME = 0.3;

/** The slowest, as a part of the pace that was set. */
const SLOWEST = 1 / 16;

/** Who is sent away, with as much of a {@linkcode Client} as that takes. */
export type Leaver = Pick<Client, "connection" | "isAway">;

/** Some of a list, which stand far from each other in it. */
export function shareOf<Item>(all: readonly Item[], share: number): Item[] {
  return all.filter((_, index) =>
    Math.floor((index + 1) * share) > Math.floor(index * share)
  );
}

/** How fast clients are sent away. */
export interface DrainPace {
  /** Clients a second; `Infinity` for all at once. */
  readonly rate: number;
  /**
   * Most milliseconds until the last has had its turn: the rate rises for that.
   *
   * @default {Infinity}
   */
  readonly within?: number;
  /**
   * Whether there is another gateway, as far as is known; if not, all are closed.
   *
   * @default {true}
   */
  readonly hasElsewhere?: boolean;
}

/**
 * Sends clients of a gateway away, one after another: whoever can connect anew before it
 * lets go is told when to; everybody else is closed with 1001. Each has a turn of its
 * own, so that whoever takes them in is not overrun; if that is so all the same, the pace
 * falls until they are taken in time, as far as the deadline allows. It runs while
 * somebody waits.
 */
export class Drain implements Disposable {
  readonly #pace = new Pace(TICK);
  readonly #now: () => number;
  /** Those whose turn is still to come, in their order. */
  readonly #waiting = new Set<Leaver>();
  /** Those who were told to go, and are here. */
  readonly #going = new Set<Leaver>();
  #rate = Infinity;
  #hasElsewhere = true;
  /** By when the last must have had its turn. */
  #end = Infinity;
  /** When it is the next one's turn. */
  #turn = 0;
  #ticks = 0;
  #told = 0;
  #lastTold = 0;
  #hasMoved = false;
  /** The part of the pace that those bear who take them in. */
  #haste = 1;
  #judged = 0;
  /** Who was told of late, the oldest first. */
  #recent: { readonly at: number; readonly client: Leaver }[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param now The clock, in milliseconds; one that stands still with the process if left out. */
  constructor(now?: () => number) {
    this.#now = now ?? (() => this.#pace.time);
  }

  /** How far it is. */
  get figures(): DrainReport {
    return {
      told: this.#told,
      waiting: this.#waiting.size,
      going: this.#going.size,
    };
  }

  /** Whether everybody had a turn, and has gone, or can go nowhere. */
  get isDone(): boolean {
    return this.#waiting.size === 0 && (this.#going.size === 0 || this.#isLost);
  }

  /** Whether there is nobody who takes in those who were told to go. */
  get #isLost(): boolean {
    return !this.#hasMoved && this.#now() - this.#lastTold > MOVE_TIME;
  }

  /**
   * Sends some more away, behind those who wait; from now on at this pace. Whoever was
   * told long ago, and is still here, has another turn.
   */
  send(
    clients: Iterable<Leaver>,
    { rate, within = Infinity, hasElsewhere = true }: DrainPace,
  ): void {
    const time = this.#now();
    this.#turn = this.#waiting.size === 0
      ? time
      : Math.min(this.#turn, time + 1_000 / rate);
    if (this.#waiting.size === 0) this.#haste = 1;
    this.#rate = rate;
    this.#end = time + within;
    this.#hasElsewhere = hasElsewhere;
    // Where they had to go, nobody took them so far: they are told again.
    const isStale = time - this.#lastTold > MOVE_TIME;
    if (isStale) this.#hasMoved = false;
    for (const client of clients) {
      if (isStale) this.#going.delete(client);
      this.add(client);
    }
    this.tick();
  }

  /** One more has come, and has its turn after all others. */
  add(client: Leaver): void {
    if (this.#going.has(client)) return;
    this.#waiting.add(client);
    if (this.#timer !== undefined) return;
    this.#pace.resume();
    this.#timer = setInterval(() => this.#pace.tick() && this.tick(), TICK);
  }

  /** One has another socket, here: it has done as it was told. */
  onBack(client: Leaver): void {
    this.#going.delete(client);
  }

  /** Tells those whose turn comes before the next tick. The timer does this by itself. */
  tick(): void {
    const time = this.#now();
    if (this.#ticks++ % LOOK === 0) this.#look();
    if (time - this.#judged >= JUDGE_INTERVAL) this.#judge(time);
    this.#turn = Math.max(this.#turn, time - MAX_LATE);
    for (const client of this.#waiting) {
      if (this.#turn >= time + TICK) break;
      this.#waiting.delete(client);
      if (!this.#tell(client, this.#turn - time)) continue;
      this.#told++;
      this.#lastTold = time;
      this.#turn += this.#step();
    }
    if (this.#waiting.size + this.#going.size === 0) this.#rest();
  }

  /** Whoever has not had a turn stays; who was told to go may do so all the same. */
  cancel(): void {
    this.#waiting.clear();
    this.#going.clear();
    this.#recent = [];
    this.#haste = 1;
    this.#rest();
  }

  /** Sends nobody away any more. */
  [Symbol.dispose](): void {
    this.#waiting.clear();
    this.#going.clear();
    this.#rest();
  }

  /** Milliseconds to the next turn. */
  #step(): number {
    const left = Math.max(this.#end - this.#turn, 0);
    return Math.min(
      1_000 / (this.#rate * this.#haste),
      left / (this.#waiting.size + 1),
    );
  }

  /** Returns whether it was there to be told. */
  #tell(client: Leaver, after: number): boolean {
    const { connection, isAway } = client;
    if (connection === undefined || isAway || !connection.isOpen) return false;
    if (connection.moveOn === undefined || !this.#hasElsewhere) {
      connection.close(CLOSE_GOING_AWAY);
      return true;
    }
    connection.moveOn(Math.max(0, after));
    this.#going.add(client);
    this.#recent.push({ at: this.#now() + after, client });
    return true;
  }

  /** Forgets those who have gone. */
  #look(): void {
    for (const client of this.#waiting) {
      if (client.connection === undefined) this.#waiting.delete(client);
    }
    for (const client of this.#going) {
      if (client.connection !== undefined) continue;
      this.#going.delete(client);
      this.#hasMoved = true;
    }
  }

  /** Sees whether those who were told find their place in time, and sets the haste by it. */
  #judge(time: number): void {
    this.#judged = time;
    this.#recent = this.#recent.filter(({ at }) => time - at < COUNTS_FOR);
    const due = this.#recent.filter(({ at }) => time - at >= DUE);
    if (due.length < LEAST_DUE) return;
    const late = due.filter(({ client }) => this.#going.has(client)).length;
    const part = late / due.length;
    if (part < IN_TIME) this.#haste = Math.min(1, this.#haste * 2);
    if (part <= TOO_LATE || this.#haste <= SLOWEST) return;
    this.#haste /= 2;
    logger.warn(
      "Sends clients away at {part} of the pace, as {late} of {due} were not taken elsewhere in time",
      { part: this.#haste, late, due: due.length },
    );
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
