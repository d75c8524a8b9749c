import { GatewayClient, type QueuePolicy } from "../../mod.ts";
import { FanOutClient } from "./fan_out_client.ts";
import { JournalReader, JournalWriter } from "./journal.ts";
import { LatencyRecord } from "./latency_record.ts";
import { checkBalance } from "./ledger_watch.ts";
import { connectionName } from "./script.ts";
import { TestCluster } from "./test_cluster.ts";

/** Milliseconds between two messages to everybody. */
const INTERVAL = 100;

/** Bytes of a message to everybody. */
const MESSAGE_LENGTH = 4 * 1024;

/** Bytes of a message to those who will be slow: what the system queues for them must fill up first. */
const FILL_LENGTH = 64 * 1024;

/** How many of those there are in each phase: together more than the system queues. */
const FILLS = 80;

/** Bytes that the gateway may queue for a client. */
const SEND_BUFFER = 256 * 1024;

/** Memory that the gateway may need for a slow client, in bytes; its queue may be copied once. */
const MEMORY_PER_SLOW_CLIENT = 2 * SEND_BUFFER;

/** Memory that comes and goes with the garbage collector, in bytes. */
const MEMORY_SLACK = 64 * 2 ** 20;

/** The close code of a client that does not keep up. */
const CLOSE_SLOW_CONSUMER = 4008;

/** How much longer others may wait. */
const MAX_RATIO = 1.5;

/** Longest wait for the end of a phase, in milliseconds. */
const PATIENCE = 60_000;

/** What a slow run does. */
export interface SlowRunOptions {
  /** How many clients; every fifth one is slow. */
  readonly clients: number;
  /** Milliseconds of a phase. */
  readonly duration: number;
  /** Folder of journal and logs. */
  readonly folder: string;
  /** Is told how it goes. */
  readonly say: (line: string) => void;
}

/** What came of a slow run. */
export interface SlowRunResult {
  /** Figures, in the order of the report. */
  readonly figures: readonly (readonly [name: string, value: string])[];
  /** What is not as it must be. */
  readonly findings: readonly string[];
}

class SlowRun {
  readonly #options: SlowRunOptions;
  readonly #cluster: TestCluster;
  readonly #fast: FanOutClient[] = [];
  readonly #slow: FanOutClient[] = [];
  readonly #isSlow = new Set<FanOutClient>();
  readonly #figures: [string, string][] = [];
  readonly #findings: string[] = [];
  #latencies = new LatencyRecord();
  #sender: GatewayClient | undefined;
  #sent = 0;
  #filled = 0;

  constructor(options: SlowRunOptions, journal: JournalWriter) {
    const { folder } = options;
    this.#options = options;
    const size = { registers: 1, gateways: 1, workers: 1 };
    this.#cluster = new TestCluster(
      { ...size, folder, gatewayOptions: { sendBuffer: SEND_BUFFER } },
      journal,
    );
  }

  async run(): Promise<SlowRunResult> {
    try {
      await this.#start();
      await this.#phases();
    } catch (error) {
      this.#findings.push(`the run failed: ${error}`);
    }
    const all = [...this.#fast, ...this.#slow];
    await Promise.all(all.map((client) => client.leave()));
    await this.#sender?.[Symbol.asyncDispose]();
    await this.#cluster.shutdown();
    return { figures: this.#figures, findings: this.#findings };
  }

  async #start(): Promise<void> {
    const { clients, say } = this.#options;
    await this.#cluster.start();
    const port = this.#cluster.gateways[0]?.port ?? 0;
    const [register] = this.#cluster.registers;
    this.#sender = await GatewayClient.connect({
      register: [`127.0.0.1:${register?.port}`],
    });
    for (let index = 0; index < clients; index++) {
      const client = await FanOutClient.connect(
        port,
        connectionName(index, 1),
        this.#onMessage,
      );
      if (index % 5 === 0) {
        this.#slow.push(client);
        this.#isSlow.add(client);
      } else this.#fast.push(client);
    }
    say(`${clients} clients are connected`);
  }

  async #phases(): Promise<void> {
    await this.#phase("warm-up", "close", 2_000);
    const before = await this.#memory();
    const calm = await this.#phase("everybody reads", "drop-oldest");
    for (const client of this.#slow) client.pause();
    const slow = await this.#phase("a fifth does not", "drop-oldest");
    this.#checkMemory(before, await this.#memory());
    this.#checkLatency(calm, slow);
    for (const client of this.#slow) client.resume();
    await this.#checkDrops();
    for (const client of this.#slow) client.pause();
    this.#options.say("a fifth does not, and is closed");
    await this.#closeSlow();
    await this.#checkClosed();
  }

  /** Sends for a while; returns the longest wait of 99 % of what the others got. */
  async #phase(
    name: string,
    policy: QueuePolicy,
    duration = this.#options.duration,
  ): Promise<number> {
    this.#options.say(name);
    this.#latencies = new LatencyRecord();
    const began = performance.now();
    const fills = this.#filled + FILLS;
    for (let next = began; next < began + duration; next += INTERVAL) {
      await pauseUntil(next);
      await this.#send(policy);
      if (this.#filled < fills && duration > 2_000) await this.#fill(policy);
    }
    const all = () => this.#fast.every((each) => each.received >= this.#sent);
    if (!await this.#cluster.until(all, PATIENCE)) {
      this.#findings.push(`${name}: not all of the others got all messages`);
    }
    const p99 = this.#latencies.quantile(0.99);
    const p50 = this.#latencies.quantile(0.5);
    this.#figures.push([
      `${name}: p50, p99 of the others`,
      `${p50.toFixed(1)} ms, ${p99.toFixed(1)} ms`,
    ]);
    return p99;
  }

  /** Sends until the gateway has had enough of those who do not read. */
  async #closeSlow(): Promise<void> {
    const began = performance.now();
    for (let next = began; next < began + PATIENCE; next += INTERVAL) {
      if ((await this.#report()).clients <= this.#fast.length) return;
      await pauseUntil(next);
      await this.#send("close");
      await this.#fill("close");
    }
    this.#findings.push("not all of the slow clients were closed");
  }

  async #send(policy: QueuePolicy): Promise<void> {
    const head = `f ${++this.#sent} ${performance.now()} `;
    await this.#sender?.sendToAll(head.padEnd(MESSAGE_LENGTH, "x"), { policy });
  }

  /** The same bytes for those who will be slow, whether they are now or not. */
  async #fill(policy: QueuePolicy): Promise<void> {
    const text = `s ${++this.#filled} `.padEnd(FILL_LENGTH, "x");
    const uids = this.#slowUids;
    await this.#sender?.sendToUid(uids, text, { policy });
  }

  get #slowUids(): string[] {
    return this.#slow.map((_, index) => `u${index * 5}`);
  }

  readonly #onMessage = (client: FanOutClient, text: string): void => {
    if (this.#isSlow.has(client)) return;
    const [, , sentAt] = text.split(" ");
    this.#latencies.add(performance.now() - Number(sentAt));
  };

  async #memory(): Promise<number> {
    return (await this.#report()).memory;
  }

  async #report() {
    const [slot] = this.#cluster.gateways;
    const report = slot && await this.#cluster.ask(slot);
    if (report === undefined) {
      throw new Deno.errors.NotFound("Cannot ask the gateway: it is gone");
    }
    const wrong = checkBalance(report.ledger);
    if (wrong !== undefined) this.#findings.push(wrong);
    return report;
  }

  #checkMemory(before: number, after: number): void {
    const budget = this.#slow.length * MEMORY_PER_SLOW_CLIENT + MEMORY_SLACK;
    this.#figures.push([
      "gateway memory before, while slow, budget for more",
      [
        before,
        after,
        budget,
      ].map(mebibytes).join(", "),
    ]);
    if (after - before <= budget) return;
    this.#findings.push(
      `gateway memory grew by ${mebibytes(after - before)}`,
    );
  }

  #checkLatency(calm: number, slow: number): void {
    const ratio = slow / calm;
    this.#figures.push(["p99 while slow over p99 before", ratio.toFixed(2)]);
    if (ratio <= MAX_RATIO) return;
    this.#findings.push(
      `the others' p99 is ${ratio.toFixed(2)} times that before: ${
        slow.toFixed(1)
      } ms over ${calm.toFixed(1)} ms`,
    );
  }

  /** What the slow ones did not get must be what the gateway says it dropped. */
  async #checkDrops(): Promise<void> {
    const expected = this.#slow.length * (this.#sent + this.#filled);
    const missing = () =>
      expected - this.#slow.reduce((sum, { received }) => sum + received, 0);
    const { ledger: { dropped } } = await this.#report();
    await this.#cluster.until(() => missing() <= dropped, PATIENCE);
    this.#figures.push([
      "messages dropped, and missed",
      `${dropped}, ${missing()}`,
    ]);
    if (dropped === 0) this.#findings.push("nothing was dropped");
    if (missing() !== dropped) {
      this.#findings.push(
        `the gateway dropped ${dropped} messages, the slow clients miss ${missing()}`,
      );
    }
  }

  /** With the default policy the slow ones, and nobody else, must be closed with 4008. */
  async #checkClosed(): Promise<void> {
    for (const client of this.#slow) client.resume();
    const over = () => this.#slow.every(({ isOver }) => isOver);
    if (!await this.#cluster.until(over, PATIENCE)) {
      this.#findings.push("not all of the slow clients saw their end");
    }
    await this.#checkCloseEvents();
    const lost = this.#fast.filter(({ isOver }) => isOver).length;
    this.#figures.push(["other clients disconnected", `${lost}`]);
    if (lost > 0) {
      this.#findings.push(`${lost} other clients were disconnected`);
    }
  }

  /** A client that reads too late does not hear why it was closed; its handler must. */
  async #checkCloseEvents(): Promise<void> {
    let closed = 0;
    using reader = new JournalReader(`${this.#options.folder}/journal`);
    const all = () => {
      for (const record of reader.read()) {
        const { kind } = record;
        if (kind === "begin" && record.code === CLOSE_SLOW_CONSUMER) closed++;
      }
      return closed >= this.#slow.length;
    };
    await this.#cluster.until(all, PATIENCE);
    this.#figures.push(["close events with code 4008", `${closed}`]);
    if (closed === this.#slow.length) return;
    this.#findings.push(
      `${this.#slow.length} slow clients, ${closed} close events with code 4008`,
    );
  }
}

/** Runs a fan-out during which a fifth of all clients stop reading. */
export async function runSlow(options: SlowRunOptions): Promise<SlowRunResult> {
  await Deno.mkdir(options.folder, { recursive: true });
  using journal = new JournalWriter(`${options.folder}/journal`);
  return await new SlowRun(options, journal).run();
}

async function pauseUntil(time: number): Promise<void> {
  const left = time - performance.now();
  if (left > 0) await new Promise((resolve) => setTimeout(resolve, left));
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
