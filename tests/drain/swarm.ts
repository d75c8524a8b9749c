import { becomesSo } from "../../lib/base/pause.ts";
import { LibraryMember, type Member, PlainMember } from "./member.ts";
import type { Place } from "./raw_socket.ts";

/** How long some may take to come in, in milliseconds. */
const PATIENCE = 120_000;

/** How long what was sent last may take, and how often it is looked, in milliseconds. */
const WAIT = 30_000;
const LOOK = 20;

/** How many of them connect at a time. */
const AT_ONCE = 250;

/** What is tried. */
export interface SwarmOptions {
  /** Clients in all: a tenth are plain, a fifth do not read for a while. */
  readonly clients: number;
  /** Clients a second that are sent away. */
  readonly rate: number;
  /** Port of the gateway that drains, and of the one that takes them. */
  readonly from: number;
  readonly to: number;
  /** Milliseconds between two broadcasts, and between two words of a client. */
  readonly interval: number;
  /** Tells all clients. */
  broadcast(text: string): Promise<void>;
  /** Drains; resolves when that has ended. */
  drain(): Promise<void>;
}

/** What came of it. */
export interface SwarmOutcome {
  readonly library: number;
  readonly stalled: number;
  readonly plain: number;
  /** Clients a second that left, of those who react at once, as a part of the rate. */
  readonly pace: number;
  /** Clients of the library that went on with their sessions, and other things they saw. */
  readonly resumed: number;
  readonly fresh: number;
  readonly aways: number;
  readonly missed: number;
  /** Why clients of the library were closed for good, which none is to be. */
  readonly ends: readonly string[];
  /** Plain clients that were closed with 1001. */
  readonly closed: number;
  /** Numbers that came twice, or not at all, of all clients. */
  readonly wrong: number;
  /** Milliseconds that the drain took. */
  readonly took: number;
}

/** Clients of all kinds at a gateway that drains, under load. */
export async function tryDrain(options: SwarmOptions): Promise<SwarmOutcome> {
  const place = { port: options.from };
  const members = await gather(options.clients, place);
  const library = members.filter((it) => it instanceof LibraryMember);
  const plain = members.filter((it) => it instanceof PlainMember);
  // Each fifth of all; those that are plain read for ever.
  const stalled = library.filter((_, index) => index % 9 < 2);
  const load = new Load(members, options);
  await load.begin();
  for (const member of stalled) member.stall();

  place.port = options.to;
  const begin = performance.now();
  const drained = options.drain();
  const turns = options.clients / options.rate * 1_000;
  await until(() => performance.now() - begin > turns * 0.8, turns + 1_000);
  for (const member of stalled) member.unstall();
  await drained;
  const took = performance.now() - begin;
  const last = await load.end();
  const isWhole = (it: LibraryMember) => it.isOpen && it.hasAll(last);
  const isDone = (it: LibraryMember) => isWhole(it) || it.end !== "";
  await becomesSo(() => library.every(isDone), WAIT, LOOK);
  const outcome = {
    library: library.length,
    stalled: stalled.length,
    plain: plain.length,
    pace: paceOf(members.filter((it) => !isOneOf(stalled, it)), options),
    resumed: library.filter((it) => it.backs > 0 && it.fresh === 0).length,
    fresh: sum(library.map((it) => it.fresh)),
    aways: sum(library.map((it) => it.aways)),
    missed: sum(library.map((it) => it.missed)),
    ends: [...new Set(library.flatMap(({ end }) => end || []))],
    closed: plain.filter(({ code }) => code === 1001).length,
    wrong: sum(members.map((it) => it.wrong)) +
      library.filter((it) => !isWhole(it)).length,
    took,
  };
  for (const member of members) member.close();
  return outcome;
}

/** Speaks, and is told, at intervals. */
class Load {
  readonly #members: readonly Member[];
  readonly #options: SwarmOptions;
  #count = 0;
  #isOver = false;
  #running = Promise.resolve();

  constructor(members: readonly Member[], options: SwarmOptions) {
    this.#members = members;
    this.#options = options;
  }

  async begin(): Promise<void> {
    await this.#step();
    this.#running = this.#run();
  }

  /** Ends; returns the number of the last broadcast. */
  async end(): Promise<number> {
    this.#isOver = true;
    await this.#running;
    await this.#step();
    return this.#count;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      await this.#step();
      await new Promise((resolve) =>
        setTimeout(resolve, this.#options.interval)
      );
    }
  }

  async #step(): Promise<void> {
    for (const member of this.#members) member.speak();
    await this.#options.broadcast(`b${++this.#count}`);
  }
}

async function gather(
  count: number,
  place: Place,
): Promise<(LibraryMember | PlainMember)[]> {
  const members: (LibraryMember | PlainMember)[] = [];
  while (members.length < count) {
    const more = Array.from(
      { length: Math.min(AT_ONCE, count - members.length) },
      (_, index) =>
        index % 10 === 0 ? new PlainMember(place) : new LibraryMember(place),
    );
    members.push(...more);
    await until(() => more.every(({ isOpen }) => isOpen), PATIENCE);
  }
  return members;
}

/** How fast the middle part of them left, compared with the rate that they were to. */
function paceOf(
  members: readonly Member[],
  { clients, rate }: SwarmOptions,
): number {
  const moments = members.flatMap(({ leftAt }) => leftAt ?? [])
    .sort((a, b) => a - b);
  const from = Math.floor(moments.length * 0.1);
  const to = Math.floor(moments.length * 0.9) - 1;
  const time = ((moments[to] ?? 0) - (moments[from] ?? 0)) / 1_000;
  // Those that do not read have their turns among them.
  return (to - from) / time * clients / members.length / rate;
}

function isOneOf(some: readonly unknown[], one: unknown): boolean {
  return some.includes(one);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

async function until(isSo: () => boolean, patience: number): Promise<void> {
  if (await becomesSo(isSo, patience, 10)) return;
  throw new RangeError(`It was not so within ${patience} ms: ${isSo}`);
}
