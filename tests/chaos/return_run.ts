/**
 * The return scenario: clients of the library on cables that fail, at one gateway of a
 * cluster of processes, in rounds. What they claim is compared with what was sent, and
 * with what handlers were told.
 *
 * @module
 */
import { pause } from "../../lib/base/pause.ts";
import { GatewayClient } from "../../mod.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { JournalWriter } from "./journal.ts";
import type { Sabotage } from "./link_frames.ts";
import { Random } from "./random.ts";
import { wrongDeliveries } from "./return_claims.ts";
import { COUNTS, type Counts, ReturnClient } from "./return_client.ts";
import { EVERYBODY, JUDGE, type Told } from "./return_handler.ts";
import { TestCluster } from "./test_cluster.ts";

const HANDLER = new URL("./return_handler.ts", import.meta.url).pathname;

/** Bytes that a ring keeps: little, so that rings overflow. */
const RING = 4_096;

/** Milliseconds between pings to a client, so that silence is noticed within a round. */
const PING_INTERVAL = 500;

/** Milliseconds between two things that the driver does. */
const TICK = 10;

/** Most milliseconds that a round may take to settle. */
const SETTLE_TIMEOUT = 40_000;

/** Rounds from one loss of the gateway to the next. */
const GATEWAY_LOSSES = 5;

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
    gateways: 1,
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
  #judge: WebSocket | undefined;

  constructor(
    readonly cluster: TestCluster,
    readonly options: ReturnOptions,
  ) {
    const zeros = Object.keys(COUNTS).map((name) => [name, 0]);
    // Each name of COUNTS, and nothing else.
    this.#counts = Object.fromEntries(zeros) as Counts;
  }

  get #gateway() {
    const [gateway] = this.cluster.gateways;
    if (gateway === undefined) throw new Error("Cannot run without a gateway");
    return gateway;
  }

  async go(): Promise<ReturnResult> {
    const { seeds, together, say } = this.options;
    for (let at = 0; at < seeds.length; at += together) {
      const round = at / together + 1;
      await this.#round(seeds.slice(at, at + together), round);
      say(`round ${round}: ${this.#wrong.length} wrong`);
    }
    return { wrong: this.#wrong, counts: this.#counts };
  }

  async #round(seeds: readonly number[], round: number): Promise<void> {
    const address = `127.0.0.1:${this.#gateway.port}`;
    await this.#seatJudge();
    await using pusher = await GatewayClient.connect({
      register: this.cluster.registerAddresses,
    });
    const { sabotage } = this.options;
    const lives = seeds.map((seed, i) => ({
      seed,
      random: new Random(seed),
      client: new ReturnClient(
        `c${seed}`,
        address,
        this.#counts,
        i === 0 && sabotage ? { sabotage, after: 30 } : undefined,
      ),
    }));
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
        ...wrongDeliveries(client.name, client.sessions, told),
      ];
      if (!isSettled && !client.isSettled) {
        found.push(`does not settle: ${client.standing}`);
      }
      this.#wrong.push(...found.map((each) => `seed ${seed}: ${each}`));
      client[Symbol.dispose]();
    }
    this.#judge?.close();
  }

  /** One tick of a client's life. */
  #live(
    { client, random }: { client: ReturnClient; random: Random },
  ): void {
    if (client.isStolen) return;
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
      const [thief, welcome] = await LastingClient.connect(this.#gateway, {
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
      await this.cluster.kill(worker);
      await this.cluster.startWorker();
    }
    if (round % GATEWAY_LOSSES !== 0) return;
    const { child } = this.#gateway;
    if (child !== undefined) await this.cluster.kill(child);
    await this.cluster.startGateway(this.#gateway);
    await this.cluster.linked();
    await this.#seatJudge();
  }

  /** Connects who writes down what handlers were told. */
  async #seatJudge(): Promise<void> {
    const url = `ws://127.0.0.1:${this.#gateway.port}/?name=${JUDGE}`;
    const socket = new WebSocket(url);
    socket.onmessage = ({ data }) => this.#told.push(JSON.parse(data));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error("Cannot seat the judge"));
    });
    this.#judge = socket;
  }
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
