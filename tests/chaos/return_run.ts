/**
 * The return scenario: clients of the library on cables that fail, which come back at
 * any gateway of a cluster of processes, in rounds. Gateways are killed, drained and
 * stand still, and claims are cut off at each step. What they claim is compared with what was sent, and
 * with what handlers were told.
 *
 * @module
 */
import { pause } from "../../lib/base/pause.ts";
import { GatewayClient } from "../../mod.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { JournalWriter } from "./journal.ts";
import { CLAIM_STEPS, type Sabotage, stepOf } from "./link_frames.ts";
import { pickAt, Random } from "./random.ts";
import { wrongDeliveries } from "./return_claims.ts";
import { COUNTS, type Counts, ReturnClient } from "./return_client.ts";
import { EVERYBODY, JUDGE, type Told } from "./return_handler.ts";
import { type GatewaySlot, TestCluster } from "./test_cluster.ts";

const HANDLER = new URL("./return_handler.ts", import.meta.url).pathname;

/** Bytes that a ring keeps: little, so that rings overflow. */
const RING = 4_096;

/** Milliseconds between pings to a client, so that silence is noticed within a round. */
const PING_INTERVAL = 500;

/** Milliseconds between two things that the driver does. */
const TICK = 10;

/** Most milliseconds that a round may take to settle. */
const SETTLE_TIMEOUT = 40_000;

/** Gateways that clients come to, and that are lost. */
const GATEWAYS = 3;

/** Rounds from one loss of a gateway to the next, to one that stands still, is drained. */
const GATEWAY_LOSSES = 3;
const STANDSTILLS = 2;
const DRAINS = 2;

/** Claims that were wrong, of one round, which are said at once. */
const MAX_SAID = 10;

/** Part of the frames of claims that are cut off, in a round that cuts there. */
const CUT_PART = 0.3;

/** What a return run does. */
export interface ReturnOptions {
  /** Seeds, each of which is one client with a life of its own. */
  readonly seeds: readonly number[];
  /** How many of them at a time. */
  readonly together: number;
  /** Milliseconds for which things fail in a round. */
  readonly duration: number;
  /** Folder of the logs. */
  readonly folder: string;
  /** What to spoil of what the first client is told. */
  readonly sabotage?: Sabotage | undefined;
  /** Told what goes on. */
  readonly say: (line: string) => void;
}

/** What came of it. */
export interface ReturnResult {
  /** What was claimed and not so, with the seed. */
  readonly wrong: string[];
  /** What happened. */
  readonly counts: Counts;
}

/** Runs the scenario. */
export async function runReturn(options: ReturnOptions): Promise<ReturnResult> {
  using journal = new JournalWriter(`${options.folder}/journal`);
  const cluster = new TestCluster({
    registers: 1,
    gateways: GATEWAYS + 1,
    workers: 2,
    folder: options.folder,
    handler: HANDLER,
    gatewayOptions: {
      maxDeliveries: 20,
      resume: { bytes: RING, pingInterval: PING_INTERVAL, window: 30_000 },
    },
  }, journal);
  const run = new ReturnRun(cluster, options);
  try {
    await cluster.start();
    return await run.go();
  } finally {
    await cluster.destroy();
  }
}

class ReturnRun {
  readonly #counts: Counts;
  readonly #wrong: string[] = [];
  readonly #told: Told[] = [];
  /** Process ids of workers that were killed. */
  readonly #killed = new Set<number>();
  #judge: WebSocket | undefined;

  constructor(
    readonly cluster: TestCluster,
    readonly options: ReturnOptions,
  ) {
    const zeros = Object.keys(COUNTS).map((name) => [name, 0]);
    // Each name of COUNTS, and nothing else.
    this.#counts = Object.fromEntries(zeros) as Counts;
  }

  /** Whoever writes down what handlers are told has one of their own, which is never lost. */
  get #judges() {
    return this.cluster.gateways[GATEWAYS] as GatewaySlot;
  }

  #gateway(random: Random): GatewaySlot {
    const { gateways } = this.cluster;
    return pickAt(gateways.slice(0, GATEWAYS), random.next()) as GatewaySlot;
  }

  async go(): Promise<ReturnResult> {
    const { seeds, together, say } = this.options;
    for (let at = 0; at < seeds.length; at += together) {
      const round = at / together + 1;
      const known = this.#wrong.length;
      await this.#round(seeds.slice(at, at + together), round);
      const found = this.#wrong.slice(known);
      say(`round ${round}: ${found.length} wrong`);
      for (const each of found.slice(0, MAX_SAID)) say(`  ${each}`);
    }
    return { wrong: this.#wrong, counts: this.#counts };
  }

  async #round(seeds: readonly number[], round: number): Promise<void> {
    await this.#seatJudge();
    this.#cutClaims(round);
    await using pusher = await GatewayClient.connect({
      register: this.cluster.registerAddresses,
    });
    const { sabotage } = this.options;
    const lives = seeds.map((seed, i) => {
      const way = new Random(~seed);
      const client = new ReturnClient(
        `c${seed}`,
        () => `127.0.0.1:${this.#gateway(way).port}`,
        this.#counts,
        i === 0 && sabotage ? { sabotage, after: 30 } : undefined,
      );
      return { seed, random: new Random(seed), client };
    });
    const numbers = { one: 0, all: 0 };
    const push = () => {
      numbers.one++;
      for (const { client } of lives) {
        pusher.sendToUid(client.name, `u${numbers.one} ${"-".repeat(80)}`);
      }
      if (numbers.one % 3 === 0) {
        pusher.sendToGroup(EVERYBODY, `g${++numbers.all} ${"-".repeat(80)}`);
      }
    };
    const losses = this.#loseProcesses(round);
    const end = performance.now() + this.options.duration;
    while (performance.now() < end) {
      push();
      for (const life of lives) this.#live(life);
      await pause(TICK);
    }
    await losses;
    for (const { proxy } of this.cluster.gateways) proxy.cutter = undefined;
    for (const { client } of lives) client.mend();
    // As if the network had come back: nobody waits any longer.
    globalThis.dispatchEvent(new Event("online"));
    const isSettled = await this.cluster.until(
      () => lives.every(({ client }) => client.isSettled),
      SETTLE_TIMEOUT,
    );
    // Each stream once more, so that a hole at its end shows.
    for (let i = 0; i < 3; i++) push();
    await pause(300);
    for (const { seed, client } of lives) {
      client.end();
      const told = this.#told.filter(({ name }) => name === client.name);
      const found = [
        ...client.wrong,
        ...wrongDeliveries(client.name, client.sessions, told, this.#killed),
      ];
      if (!isSettled && !client.isSettled) {
        found.push(`does not settle: ${client.standing}`);
      }
      this.#wrong.push(...found.map((each) => `seed ${seed}: ${each}`));
      client[Symbol.dispose]();
    }
    this.#counts.moves += movesIn(this.#told.splice(0));
    this.#judge?.close();
  }

  /** One tick of a client's life. */
  #live(
    { client, random }: { client: ReturnClient; random: Random },
  ): void {
    if (client.isOver) return;
    if (random.next() < 0.2) client.send();
    if (random.next() < 0.03) client.ask();
    if (random.next() < 0.025) client.fail(random);
    if (random.next() < 0.002) void this.#tryToken(client, random);
  }

  /** Somebody else shows a token: the client's, one that it had before, or any. */
  async #tryToken(client: ReturnClient, random: Random): Promise<void> {
    const dice = random.next();
    const isTheft = dice < 0.2 && client.token !== "";
    // Two welcomes ago: the one before may still be presented.
    const old = client.tokens.at(-3);
    const token = isTheft ? client.token : dice < 0.6 && old !== undefined &&
        !client.tokens.slice(-2).includes(old)
      ? old
      : btoa(crypto.randomUUID()).slice(0, client.token.length);
    if (isTheft) client.isStolen = true;
    try {
      const gateway = this.#gateway(random);
      const [thief, welcome] = await LastingClient.connect(gateway, {
        t: token,
      }, { path: "/?name=thief" });
      if (isTheft) {
        this.#counts.stolen++;
      } else {
        this.#counts.refused++;
        if (welcome.resumed) client.wrong.push(`a stranger resumed it`);
      }
      await thief.say("b");
      thief[Symbol.dispose]();
    } catch {
      // The gateway is being replaced.
    }
  }

  /** Loses a worker, and in some rounds the gateway. */
  async #loseProcesses(round: number): Promise<void> {
    const { duration } = this.options;
    await pause(duration / 4);
    const [worker] = this.cluster.workers;
    if (worker === undefined) return;
    if (round % 2 === 0) {
      const newcomer = this.cluster.startWorker();
      await newcomer;
      await this.cluster.stop(worker);
    } else {
      this.#killed.add(worker.pid);
      await this.cluster.kill(worker);
      await this.cluster.startWorker();
    }
    const random = new Random(round);
    if (round % STANDSTILLS === 0) await this.#halt(random);
    if (round % DRAINS === 1) await this.#drain(random);
    if (round % GATEWAY_LOSSES !== 0) return;
    const slot = this.#gateway(random);
    this.#counts.killed++;
    if (slot.child !== undefined) await this.cluster.kill(slot.child);
    await this.cluster.startGateway(slot);
    await this.cluster.linked();
  }

  /** A gateway stops in order, which sends its clients away, and another takes its place. */
  async #drain(random: Random): Promise<void> {
    const slot = this.#gateway(random);
    if (slot.child === undefined) return;
    this.#counts.drained++;
    await this.cluster.stop(slot.child);
    await this.cluster.startGateway(slot);
    await this.cluster.linked();
  }

  /** A gateway stands still, for longer than claims wait or for less. */
  async #halt(random: Random): Promise<void> {
    const { child } = this.#gateway(random);
    if (child === undefined) return;
    this.#counts.stood++;
    this.cluster.frozen.add(child);
    child.signal("SIGSTOP");
    await pause(random.between(200, 6_000));
    child.signal("SIGCONT");
    this.cluster.frozen.delete(child);
  }

  /** Ends links between gateways at one step of some claims: in each round at another one. */
  #cutClaims(round: number): void {
    const random = new Random(round);
    const step = CLAIM_STEPS[round % CLAIM_STEPS.length];
    const where = round % (2 * CLAIM_STEPS.length) < CLAIM_STEPS.length
      ? "before"
      : "after";
    for (const { proxy } of this.cluster.gateways) {
      proxy.cutter = (frame) => {
        if (stepOf(frame) !== step || random.next() > CUT_PART) return;
        this.#counts.parted++;
        return where;
      };
    }
  }

  /** Connects who writes down what handlers were told. */
  async #seatJudge(): Promise<void> {
    const url = `ws://127.0.0.1:${this.#judges.port}/?name=${JUDGE}`;
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => this.#told.push(JSON.parse(data));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("Cannot seat the judge"));
    });
    this.#judge = socket;
  }
}

/** Times that a client was back with another id. */
function movesIn(told: readonly Told[]): number {
  const last = new Map<string, string>();
  let count = 0;
  for (const { id, at } of told) {
    if (last.has(id) && last.get(id) !== at) count++;
    last.set(id, at);
  }
  return count;
}

/** What a result says, as lines. */
export function returnReportOf({ wrong, counts }: ReturnResult): string {
  const lines = Object.entries(COUNTS).map(([name, what]) =>
    // A key of COUNTS is one of its counts.
    `${`${counts[name as keyof Counts]}`.padStart(9)}  ${what}`
  );
  const verdict = wrong.length === 0
    ? "no claim was wrong"
    : `${wrong.length} WRONG:\n${wrong.slice(0, 40).join("\n")}`;
  return `${lines.join("\n")}\n${verdict}`;
}
