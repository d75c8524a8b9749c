/**
 * The presence scenario: users with one to five tabs come, go, load their pages again
 * and say things of themselves, while gateways and workers are killed. What
 * `cluster.presence` and clients of the library tell, and the joins and leaves that
 * handlers were told, are compared with what is so.
 *
 * @module
 */
import { now } from "../../lib/base/clock.ts";
import { pause } from "../../lib/base/pause.ts";
import { GatewayClient } from "../../mod.ts";
import { JournalWriter } from "./journal.ts";
import { Lateness } from "./lateness.ts";
import type { Sabotage } from "./link_frames.ts";
import {
  type Look,
  type Seen,
  ToldChanges,
  type ToldToJudge,
  wrongIn,
} from "./presence_checks.ts";
import { PresenceCrowd } from "./presence_crowd.ts";
import { EVERYBODY, JUDGE } from "./presence_handler.ts";
import { PresenceSaboteur } from "./presence_saboteur.ts";
import { LATE, type TrueUser } from "./presence_truth.ts";
import { PresenceWatcher } from "./presence_watcher.ts";
import { pickAt, Random } from "./random.ts";
import { TestCluster } from "./test_cluster.ts";

const HANDLER = new URL("./presence_handler.ts", import.meta.url).pathname;

/** Gateways that users come to, and that are killed; the judge is at one more. */
const GATEWAYS = 3;
const WORKERS = 3;

/** Milliseconds for which who has gone is still there. */
const GRACE = 2_000;

/** Milliseconds between two looks. */
const LOOK = 50;

/** What is done to the cluster, round by round. */
export const FAULTS = ["worker", "gateway", "both"] as const;

/** A kind of fault. */
export type PresenceFault = typeof FAULTS[number];

/** What a run does. */
export interface PresenceRunOptions {
  readonly seed: number;
  /** How many users. */
  readonly users: number;
  /** How often something is killed. */
  readonly rounds: number;
  /** Milliseconds for which users come and go in each round. */
  readonly duration: number;
  /** Who looks at each room. */
  readonly watchers: number;
  /**
   * Milliseconds after which all must be right, after one fault, and after two at once:
   * on a machine that carries the load. By as much as this process itself is late, what
   * it looks at may be late, too.
   */
  readonly limits: { readonly one: number; readonly both: number };
  /** Folder of the logs. */
  readonly folder: string;
  /** What to spoil of what is told. */
  readonly sabotage?: Sabotage | undefined;
  /** Told what goes on. */
  readonly say: (line: string) => void;
}

/** How long it took until all was right after a fault. */
export interface Healing {
  readonly fault: PresenceFault | "none";
  /** Milliseconds from the fault until the lists had the right users, of `cluster.presence` and of clients. */
  readonly users: number;
  /** Milliseconds from the last change of the truth until all was right. */
  readonly all: number;
}

/** What came of it. */
export interface PresenceRunResult {
  readonly wrong: string[];
  readonly healings: Healing[];
  readonly counts: Record<string, number>;
  /** Most milliseconds by which this process was late. */
  readonly late: number;
}

/** Runs the scenario. */
export async function runPresence(
  options: PresenceRunOptions,
): Promise<PresenceRunResult> {
  using journal = new JournalWriter(`${options.folder}/journal`);
  const cluster = new TestCluster({
    registers: 1,
    gateways: GATEWAYS + 1,
    workers: WORKERS,
    folder: options.folder,
    handler: HANDLER,
    workerArgs: [
      "--presence=group:*",
      `--presence-grace=${GRACE / 1_000}`,
      "--presence-clients=see",
    ],
    gatewayOptions: { resume: { window: 30_000 } },
  }, journal);
  const run = new PresenceRun(cluster, options);
  try {
    await cluster.start();
    return await run.go();
  } finally {
    run[Symbol.dispose]();
    await cluster.destroy();
  }
}

class PresenceRun implements Disposable {
  readonly #cluster: TestCluster;
  readonly #options: PresenceRunOptions;
  readonly #random: Random;
  readonly #crowd: PresenceCrowd;
  readonly #watchers: PresenceWatcher[] = [];
  readonly #told = new Map<string, ToldChanges>();
  readonly #saboteur: PresenceSaboteur | undefined;
  readonly #wrong: string[] = [];
  readonly #healings: Healing[] = [];
  readonly #lateness = new Lateness();
  #judge: WebSocket | undefined;

  constructor(cluster: TestCluster, options: PresenceRunOptions) {
    this.#cluster = cluster;
    this.#options = options;
    this.#random = new Random(options.seed);
    const { sabotage, users } = options;
    this.#crowd = new PresenceCrowd({
      users,
      grace: GRACE,
      random: this.#random,
      doors: { address: () => this.#address() },
      late: () => this.#lateness.recent,
    });
    this.#saboteur = sabotage && new PresenceSaboteur(sabotage);
  }

  /** All of it, from the first tab to the last check. */
  async go(): Promise<PresenceRunResult> {
    const { rounds, duration, say } = this.#options;
    await this.#seatJudge();
    await using client = await GatewayClient.connect({
      register: this.#cluster.registerAddresses,
    });
    this.#seatWatchers();
    await this.#crowd.come();
    await this.#heal(client, "none", now());
    for (let round = 0; round < rounds; round++) {
      await this.#crowd.live(duration);
      await this.#heal(client, "none", now());
      const fault = FAULTS[round % FAULTS.length] ?? "both";
      const mend = await this.#break(fault);
      await this.#heal(client, fault, now());
      await mend();
      say(`round ${round + 1}: ${this.#standing}`);
    }
    await this.#leave(client);
    return {
      wrong: this.#wrong,
      healings: this.#healings,
      counts: {
        ...this.#crowd.counts,
        repeats: this.#repeats,
        watched: this.#watched,
      },
      late: this.#lateness.worst,
    };
  }

  [Symbol.dispose](): void {
    this.#lateness[Symbol.dispose]();
    this.#crowd[Symbol.dispose]();
    for (const watcher of this.#watchers) watcher[Symbol.dispose]();
    this.#judge?.close();
  }

  get #standing(): string {
    const { fault, users, all } = this.#healings.at(-1) ??
      { fault: "none", users: 0, all: 0 };
    return `${fault}: users right after ${Math.round(users)} ms, all after ${
      Math.round(all)
    } ms; ${this.#wrong.length} wrong`;
  }

  get #repeats(): number {
    return [...this.#told.values()].reduce(
      (sum, { repeats }) => sum + repeats,
      0,
    );
  }

  get #watched(): number {
    return this.#watchers.reduce((sum, { changes }) => sum + changes, 0);
  }

  /** A group's users, with the group. */
  get #groups(): [group: string, users: readonly TrueUser[]][] {
    const { users, rooms } = this.#crowd;
    return [
      ...rooms.map((room): [string, readonly TrueUser[]] => [
        room,
        users.filter((user) => user.room === room),
      ]),
      [EVERYBODY, users],
    ];
  }

  #pick<T>(list: readonly T[]): T {
    // A list of workers or gateways, of which there are some.
    return pickAt(list, this.#random.next()) as T;
  }

  /** Where somebody connects: at one of those that are up. */
  #address(): string {
    const up = this.#cluster.gateways.slice(0, GATEWAYS)
      .filter(({ child }) => child !== undefined && !child.isDoomed);
    return `127.0.0.1:${up[Math.floor(Math.random() * up.length)]?.port ?? 1}`;
  }

  #seatWatchers(): void {
    for (const room of this.#crowd.rooms) {
      for (let i = 0; i < this.#options.watchers; i++) {
        const watcher = new PresenceWatcher(room, () => this.#address());
        this.#watchers.push(watcher);
      }
    }
  }

  /** Kills something; returns what starts it again. */
  async #break(fault: PresenceFault): Promise<() => Promise<void>> {
    const cluster = this.#cluster;
    // Some do not come back when their gateway is lost.
    this.#crowd.tire();
    const mends: (() => Promise<unknown>)[] = [];
    const kills: Promise<void>[] = [];
    if (fault !== "gateway") {
      kills.push(cluster.kill(this.#pick(cluster.workers)));
      mends.push(() => cluster.startWorker());
    }
    if (fault !== "worker") {
      const slot = this.#pick(cluster.gateways.slice(0, GATEWAYS));
      if (slot.child !== undefined) kills.push(cluster.kill(slot.child));
      this.#crowd.lose(`127.0.0.1:${slot.port}`);
      mends.push(() => cluster.startGateway(slot));
    }
    await Promise.all(kills);
    this.#crowd.onTakeover();
    return async () => {
      for (const mend of mends) await mend();
      await cluster.linked();
      this.#crowd.onTakeover();
    };
  }

  /** Looks until all is right, first the users, then everything. */
  async #heal(
    client: GatewayClient,
    fault: Healing["fault"],
    since: number,
  ): Promise<void> {
    const { one, both } = this.#options.limits;
    const limit = fault === "both" ? both : one;
    const users = await this.#until(client, limit, () => since, false);
    await this.#crowd.settled();
    const all = await this.#until(
      client,
      limit + GRACE,
      () => Math.max(since, this.#crowd.lastChange),
      true,
    );
    this.#healings.push({ fault, users, all });
  }

  /** Looks until nothing is wrong; if that is too late, it is noted. */
  async #until(
    client: GatewayClient,
    limit: number,
    since: () => number,
    isCalm: boolean,
  ): Promise<number> {
    while (true) {
      // What a look finds was so at some time since it began.
      const began = now() - since();
      const wrong = await this.#look(client, isCalm);
      const took = Math.max(0, now() - since());
      const late = this.#lateness.recent;
      if (wrong.length === 0 && began <= limit + late) return took;
      if (began > limit + late) {
        const [first = "right by then"] = wrong;
        this.#wrong.push(
          `not right ${Math.round(limit + late)} ms after it happened${
            isCalm ? "" : ", users alone"
          }: ${first} (and ${Math.max(0, wrong.length - 1)} more)`,
        );
        return took;
      }
      await pause(LOOK);
    }
  }

  async #look(client: GatewayClient, isCalm: boolean): Promise<string[]> {
    const wrong: string[] = [];
    for (const [room, users] of this.#groups) {
      const seen = await this.#ask(client, room);
      const guests = room === EVERYBODY ? 0 : this.#options.watchers;
      const look: Look = { now: now(), guests, isCalm };
      wrong.push(
        ...wrongIn(seen, users, look).map((each) => `${room}: ${each}`),
      );
      for (const watcher of this.#watchers) {
        if (watcher.room !== room) continue;
        // One whose gateway was lost has a list of before, until it is back.
        if (!watcher.isThere && !isCalm) continue;
        wrong.push(
          ...watcher.isThere
            ? wrongIn(watcher.seen, users, look).map((each) =>
              `a client in ${room}: ${each}`
            )
            : [`a client in ${room} sees nothing`],
        );
      }
    }
    return wrong;
  }

  /** Asks for all pages. */
  async #ask(client: GatewayClient, group: string): Promise<Seen> {
    const members = new Map();
    let after: string | undefined;
    while (true) {
      const page = await client.presence(group, {
        limit: 1_000,
        // One that was just lost answers nothing; each of the others knows all.
        partial: true,
        ...(after !== undefined && { after }),
      });
      for (const member of page.members) members.set(member.uid, member);
      after = page.next;
      if (after !== undefined) continue;
      const { users, tabs, guests } = page;
      return { users, tabs, guests, members, isPartial: false };
    }
  }

  /** Everybody leaves; then all joins and leaves must have been told. */
  async #leave(client: GatewayClient): Promise<void> {
    this.#crowd[Symbol.dispose]();
    await pause(GRACE + LATE);
    await this.#heal(client, "none", now());
    for (const user of this.#crowd.users) user.end();
    for (const [room, users] of this.#groups) {
      const told = this.#told.get(room) ?? new ToldChanges();
      this.#wrong.push(...told.end(users).map((each) => `${room}: ${each}`));
    }
    for (const { room, wrong } of this.#watchers) {
      this.#wrong.push(...wrong.map((each) => `a client in ${room}: ${each}`));
    }
  }

  /** Connects who hears what handlers were told. */
  async #seatJudge(): Promise<void> {
    const { port } = this.#cluster.gateways[GATEWAYS] ?? { port: 0 };
    const socket = new WebSocket(`ws://127.0.0.1:${port}/?name=${JUDGE}`);
    socket.onmessage = ({ data }) => {
      if (data === "in") return;
      const told: ToldToJudge = JSON.parse(data);
      for (const each of this.#saboteur?.spoil(told) ?? [told]) {
        this.#onTold(each);
      }
    };
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new TypeError("Cannot seat the judge"));
    });
    this.#judge = socket;
  }

  #onTold(told: ToldToJudge): void {
    const changes = this.#told.get(told.group) ?? new ToldChanges();
    changes.take(told);
    this.#told.set(told.group, changes);
  }
}
