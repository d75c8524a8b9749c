// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * What it costs to know who is here: `deno task bench:presence [CHANGES…]`, changes a
 * second; 10000 if left out. Two gateways, two workers, processes of their own. An
 * outside program takes users into groups and out again, for three seconds after one
 * that does not count: first of groups that nobody watches, then of groups that the
 * workers watch, who are told of each join and leave. The difference is presence.
 *
 * Then the memory of a group of 100,000, at a gateway and at the worker that answers for
 * it.
 *
 * @module
 */
import { now } from "../../../lib/base/clock.ts";
import { pause } from "../../../lib/base/pause.ts";
import { GatewayClient } from "../../../mod.ts";
import { JournalWriter } from "../../chaos/journal.ts";
import { TestCluster } from "../../chaos/test_cluster.ts";
import { memoryOf } from "./memory.ts";

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

const USERS = 1_000;
const GROUPS = 20;
const SECONDS = 3;

/** Milliseconds between two handfuls of changes. */
const TICK = 20;

/** Users of the large group. */
const CROWD = 100_000;

/** What a run of some seconds cost. */
interface Cost {
  /** Changes that were made. */
  readonly changes: number;
  /** Seconds of processors that gateways and workers used. */
  readonly gateways: number;
  readonly workers: number;
  /** Milliseconds from the last change until all gateways knew of it. */
  readonly lag: number;
}

/** Seconds of a processor that a process has used. */
function cpuOf(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // In ticks, of which Linux has 100 a second.
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Users of a cluster, and a program that takes them into groups and out again. */
class Stage {
  readonly #cluster: TestCluster;
  readonly #client: GatewayClient;
  readonly #ids: string[];
  #turn = 0;

  constructor(cluster: TestCluster, client: GatewayClient, ids: string[]) {
    this.#cluster = cluster;
    this.#client = client;
    this.#ids = ids;
  }

  /** Makes so many changes a second, and says what that costs. */
  async measure(kind: string, rate: number): Promise<Cost> {
    await this.#change(kind, rate, 1);
    await this.#settled(kind);
    const before = this.#cpu();
    const changes = await this.#change(kind, rate, SECONDS);
    const start = now();
    await this.#settled(kind);
    const lag = now() - start;
    const after = this.#cpu();
    return {
      changes,
      gateways: after.gateways - before.gateways,
      workers: after.workers - before.workers,
      lag,
    };
  }

  async #change(kind: string, rate: number, seconds: number): Promise<number> {
    const start = now();
    let made = 0;
    let last: Promise<unknown> = Promise.resolve();
    while (now() - start < seconds * 1_000) {
      const due = Math.floor((now() - start) / 1_000 * rate);
      for (; made < due; made++) last = this.#one(kind);
      await pause(TICK);
    }
    await last;
    return made;
  }

  /** The next user goes into its group, or, in the next round, out of it. */
  #one(kind: string): Promise<unknown> {
    const turn = this.#turn++;
    const id = this.#ids[turn % USERS] ?? "";
    const group = `${kind}-${turn % GROUPS}`;
    return Math.floor(turn / USERS) % 2 === 0
      ? this.#client.joinGroup(id, group)
      : this.#client.leaveGroup(id, group);
  }

  /** Waits until what is told of each group is what the gateways' tables have. */
  async #settled(kind: string): Promise<void> {
    for (let group = 0; group < GROUPS; group++) {
      const name = `${kind}-${group}`;
      while (true) {
        const there = await this.#client.getClientIdCountByGroup(name);
        const { users } = await this.#client.presence(name, { limit: 0 });
        if (users === there) break;
        await pause(1);
      }
    }
  }

  #cpu(): { gateways: number; workers: number } {
    const { gateways, workers } = this.#cluster;
    const sum = (pids: number[]) =>
      pids.reduce((total, pid) => total + cpuOf(pid), 0);
    return {
      gateways: sum(gateways.flatMap(({ child }) => child?.pid ?? [])),
      workers: sum(workers.map(({ pid }) => pid)),
    };
  }
}

function say(kind: string, rate: number, cost: Cost): void {
  const per = (seconds: number) =>
    (seconds / cost.changes * 1e6).toFixed(1).padStart(6);
  console.log(
    `${kind.padEnd(10)} ${rate}/s asked, ${
      Math.round(cost.changes / SECONDS)
    }/s made: gateways ${per(cost.gateways)} µs a change, workers ${
      per(cost.workers)
    } µs, of one processor ${
      Math.round((cost.gateways + cost.workers) / SECONDS * 100)
    } %; known everywhere after ${Math.round(cost.lag)} ms`,
  );
}

/** Connects a user; returns its id, and what hangs up. */
async function come(
  name: string,
  port: number,
): Promise<{ id: string; socket: WebSocket }> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/?name=${name}`);
  const id = await new Promise<string>((resolve, reject) => {
    socket.onmessage = ({ data }) => resolve(`${data}`);
    socket.onerror = () => reject(new TypeError("Cannot connect a user"));
  });
  return { id, socket };
}

async function measureRates(rates: readonly number[]): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "gatewayworker-presence-" });
  const journal = new JournalWriter(`${folder}/journal`);
  const cluster = new TestCluster({
    registers: 1,
    gateways: 2,
    workers: 2,
    folder,
    handler: HANDLER,
    workerArgs: ["--presence=group:watched-*"],
  }, journal);
  const sockets: WebSocket[] = [];
  try {
    await cluster.start();
    const ids: string[] = [];
    for (let i = 0; i < USERS; i++) {
      const { port } = cluster.gateways[i % 2] ?? { port: 0 };
      const { id, socket } = await come(`u${i}`, port);
      ids.push(id);
      sockets.push(socket);
    }
    await using client = await GatewayClient.connect({
      register: cluster.registerAddresses,
    });
    const stage = new Stage(cluster, client, ids);
    for (const rate of rates) {
      for (const kind of ["unwatched", "watched"]) {
        say(kind, rate, await stage.measure(kind, rate));
      }
    }
  } finally {
    for (const socket of sockets) socket.close();
    await cluster.destroy();
    journal[Symbol.dispose]();
    await Deno.remove(folder, { recursive: true });
  }
}

async function main(args: readonly string[]): Promise<void> {
  const rates = args.length > 0 ? args.map(Number) : [10_000];
  console.log(`load of the machine: ${Deno.loadavg()[0]?.toFixed(1)}`);
  await measureRates(rates);
  for (const { what, bytes } of memoryOf(CROWD)) {
    console.log(
      `${what}: ${(bytes / 2 ** 20).toFixed(1)} MiB for a group of ${CROWD}, ${
        Math.round(bytes / CROWD)
      } bytes a user`,
    );
  }
}

if (import.meta.main) await main(Deno.args);
