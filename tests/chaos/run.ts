import type { GatewayOptions } from "../../mod.ts";
import { FAKE_TIME_LIBRARY } from "../_support/fake_time.ts";
import { Checker } from "./checker.ts";
import { FaultDriver } from "./fault_driver.ts";
import type { Finding, Rule } from "./finding.ts";
import { JournalReader, JournalWriter } from "./journal.ts";
import { LatencyRecord } from "./latency_record.ts";
import { checkSettled, LedgerWatch } from "./ledger_watch.ts";
import type { Saboteur } from "./link_frames.ts";
import type { GatewayReport } from "./gateway_process.ts";
import type { FaultKind, PlannedFault } from "./plan.ts";
import { Random } from "./random.ts";
import { Swarm } from "./swarm.ts";
import type { Tally } from "./tally.ts";
import { type GatewaySlot, TestCluster } from "./test_cluster.ts";

/** How often counters are looked at and the journal is read, in milliseconds. */
const SAMPLE_INTERVAL = 500;

/** How long gateways may wait for acknowledgements when all was handled, in milliseconds. */
const ACKNOWLEDGE_TIME = 5_000;

/** Milliseconds between two looks whether they still do. */
const LOOK_INTERVAL = 50;

/** Least milliseconds between the end of one fault and the next one. */
const MIN_GAP = 250;

/** What a run does. */
export interface RunOptions {
  /** Decides everything that is random. */
  readonly seed: number;
  /** Milliseconds of sending. */
  readonly duration: number;
  /** What to do meanwhile. */
  readonly plan: readonly PlannedFault[];
  /**
   * Milliseconds that all of the plan may take longer, on a machine that is busy.
   *
   * @default {0}
   */
  readonly overtime?: number;
  /** Milliseconds between two rolling reloads; 0 for none. */
  readonly reloadInterval: number;
  /** How many clients. */
  readonly clients: number;
  /** Messages per second and client. */
  readonly rate: number;
  /** Clients that leave and come back, per second. */
  readonly churn: number;
  /** Register processes. */
  readonly registers: number;
  /** Gateway processes. */
  readonly gateways: number;
  /** Worker processes. */
  readonly workers: number;
  /** Further options of the gateways. */
  readonly gatewayOptions?: GatewayOptions;
  /** Milliseconds that the last messages may take to be answered. */
  readonly settleTimeout: number;
  /** Folder of journal and logs. */
  readonly folder: string;
  /** Spoils frames on the links of the first gateway. */
  readonly saboteur?: Saboteur | undefined;
  /** Is told how it goes. */
  readonly say: (line: string) => void;
}

/** What came of a run. */
export interface RunResult {
  /** How often each fault was done. */
  readonly done: ReadonlyMap<FaultKind, number>;
  /** Rolling reloads that were done. */
  readonly reloads: number;
  /** What was seen. */
  readonly tally: Tally;
  /** Looks at the counters of gateways. */
  readonly samples: number;
  /** Largest memory of a gateway, in bytes. */
  readonly memory: number;
  /** Milliseconds between message and answer. */
  readonly latencies: LatencyRecord;
  /** Lines that killed processes left unfinished. */
  readonly torn: number;
  /** The first violations. */
  readonly findings: readonly Finding[];
  /** How often each rule was violated. */
  readonly counts: ReadonlyMap<Rule, number>;
}

/** One run: a cluster, clients, faults, and the checker that reads what they write. */
class Run {
  readonly #options: RunOptions;
  readonly #journal: JournalWriter;
  readonly #reader: JournalReader;
  readonly #cluster: TestCluster;
  readonly #swarm: Swarm;
  readonly #driver: FaultDriver;
  readonly #checker = new Checker();
  readonly #latencies = new LatencyRecord();
  readonly #ledgers: LedgerWatch;
  #sampling: Promise<void> | undefined;
  #isSampling = true;
  #reloads = 0;

  constructor(options: RunOptions, journal: JournalWriter) {
    const { folder, workers } = options;
    this.#options = options;
    this.#journal = journal;
    this.#reader = new JournalReader(`${folder}/journal`);
    this.#ledgers = new LedgerWatch(this.#checker.findings);
    const setsClocks = options.plan.some(({ kind }) => kind === "step-clock");
    this.#cluster = new TestCluster({ ...options, setsClocks }, journal);
    this.#driver = new FaultDriver(
      this.#cluster,
      workers,
      ({ number }, report) =>
        this.#ledgers.takeLast(`gateway${number}`, report),
    );
    this.#swarm = new Swarm(
      {
        ...options,
        ports: () => this.#cluster.gateways.map(({ port }) => port),
        random: new Random(options.seed + 1),
      },
      journal,
      this.#latencies,
    );
  }

  async run(): Promise<RunResult> {
    try {
      await this.#start();
      await this.#disturb();
      await this.#settle();
      await this.#stop();
    } catch (error) {
      this.#checker.findings.report("stuck", "the run", String(error));
      await this.#abandon();
    }
    this.#readJournal();
    this.#checker.finish();
    this.#reader[Symbol.dispose]();
    return this.#result();
  }

  async #start(): Promise<void> {
    const { clients, gateways, workers, saboteur, say } = this.#options;
    await this.#cluster.start();
    const [first] = this.#cluster.gateways;
    if (first !== undefined) first.proxy.saboteur = saboteur;
    say(`${gateways} gateways, ${workers} workers are up`);
    await this.#swarm.connect();
    say(`${clients} clients are connected`);
    this.#sampling = this.#sample();
  }

  /** Sends, and does what the plan says meanwhile. */
  async #disturb(): Promise<void> {
    const { plan, duration, overtime = 0 } = this.#options;
    this.#swarm.start();
    const began = performance.now();
    const reloading = this.#reloadUntil(began + duration);
    let late = 0;
    for (const { at, kind, roll } of plan) {
      // One that took long moves all that follow, so that they do not come at once.
      late = Math.max(late, performance.now() - began + MIN_GAP - at);
      if (at + late >= duration + overtime) break;
      await pauseUntil(began + at + late);
      const time = ((performance.now() - began) / 1_000).toFixed(1);
      this.#options.say(`${time.padStart(6)} s  ${kind}`);
      await this.#driver.do(kind, roll);
    }
    await pauseUntil(began + duration);
    await reloading;
  }

  async #reloadUntil(end: number): Promise<void> {
    const { reloadInterval } = this.#options;
    if (reloadInterval === 0) return;
    let next = performance.now() + reloadInterval / 2;
    for (; next < end; next += reloadInterval) {
      await pauseUntil(next);
      this.#options.say("          rolling reload");
      await this.#driver.reload();
      this.#reloads++;
    }
  }

  /** Nothing is done any more: what was sent must come to an end. */
  async #settle(): Promise<void> {
    const { settleTimeout, say } = this.#options;
    await this.#driver.heal();
    await this.#swarm.stop();
    await this.#cluster.linked();
    say("faults and sending are over");
    const answered = await this.#cluster.until(
      () => this.#swarm.unanswered === 0,
      settleTimeout,
    );
    if (!answered) {
      const detail = `${this.#swarm.unanswered} messages were not answered`;
      this.#checker.findings.report("stuck", "the swarm", detail);
    }
    await this.#swarm.leave();
    const closed = () => {
      this.#readJournal();
      return this.#checker.unclosed === 0;
    };
    await this.#cluster.until(closed, settleTimeout);
  }

  async #stop(): Promise<void> {
    this.#isSampling = false;
    await this.#sampling;
    for (const slot of this.#cluster.gateways) {
      const report = await this.#lastReport(slot);
      if (report === undefined) continue;
      this.#ledgers.takeLast(`gateway${slot.number}`, report);
    }
    await this.#cluster.shutdown();
    for (const { who, detail } of this.#cluster.badExits) {
      this.#checker.findings.report("exit", who, detail);
    }
  }

  /** Returns what a gateway says when all is acknowledged, or when that takes too long. */
  async #lastReport(slot: GatewaySlot): Promise<GatewayReport | undefined> {
    const { settleTimeout } = this.#options;
    const deadline = performance.now() +
      Math.min(ACKNOWLEDGE_TIME, settleTimeout);
    while (true) {
      const report = await this.#cluster.ask(slot);
      const isLast = report === undefined || performance.now() > deadline ||
        checkSettled(report.ledger) === undefined;
      if (isLast) return report;
      await pauseUntil(performance.now() + LOOK_INTERVAL);
    }
  }

  async #abandon(): Promise<void> {
    this.#isSampling = false;
    await this.#swarm.stop();
    await this.#cluster.destroy();
    await this.#swarm.leave();
    await this.#sampling?.catch(() => {});
  }

  async #sample(): Promise<void> {
    while (this.#isSampling) {
      for (const slot of this.#cluster.gateways) {
        const report = await this.#cluster.ask(slot);
        if (report === undefined) continue;
        this.#ledgers.take(`gateway${slot.number}`, report);
      }
      this.#readJournal();
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_INTERVAL));
    }
  }

  #readJournal(): void {
    for (const record of this.#reader.read()) this.#checker.take(record);
  }

  #result(): RunResult {
    const { tally, findings: { list: findings, counts } } = this.#checker;
    const { samples, memory } = this.#ledgers;
    return {
      done: this.#driver.done,
      reloads: this.#reloads,
      tally,
      samples,
      memory,
      latencies: this.#latencies,
      torn: this.#reader.torn,
      findings,
      counts,
    };
  }
}

/** Runs a cluster under clients and faults, and says what was found. */
export async function run(options: RunOptions): Promise<RunResult> {
  await Deno.mkdir(options.folder, { recursive: true });
  if (FAKE_TIME_LIBRARY === undefined) {
    options.say("no clock is set: that needs faketime");
    const plan = options.plan.filter(({ kind }) => kind !== "step-clock");
    options = { ...options, plan };
  }
  using journal = new JournalWriter(`${options.folder}/journal`);
  return await new Run(options, journal).run();
}

async function pauseUntil(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}
