import type { JournalWriter } from "./journal.ts";
import { pickAt, type Random } from "./random.ts";
import { connectionName } from "./script.ts";
import { type Latencies, SwarmClient } from "./swarm_client.ts";

/** How often the swarm looks whose turn it is, in milliseconds. */
const TICK = 20;

/** Connections that are opened at a time. */
const DIALS = 50;

/** Milliseconds before a client that lost its gateway connects again. */
const RETURN_DELAY = 200;

/** How a {@linkcode Swarm} behaves. */
export interface SwarmOptions {
  /** How many clients. */
  readonly clients: number;
  /** Messages per second and client. */
  readonly rate: number;
  /** Clients that leave and come back, per second. */
  readonly churn: number;
  /** Returns the ports of the gateways. */
  readonly ports: () => readonly number[];
  /** Decides who leaves. */
  readonly random: Random;
}

/** Clients that send numbered messages at a steady rate, and come back when they lost their gateway. */
export class Swarm {
  readonly #options: SwarmOptions;
  readonly #journal: JournalWriter;
  readonly #latencies: Latencies;
  readonly #clients: (SwarmClient | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #returns = new Set<Promise<void>>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #isReturning = true;
  #due = 0;
  #leaving = 0;
  #last = 0;
  #turn = 0;

  /** Creates a swarm that is not connected yet. */
  constructor(
    options: SwarmOptions,
    journal: JournalWriter,
    latencies: Latencies,
  ) {
    this.#options = options;
    this.#journal = journal;
    this.#latencies = latencies;
  }

  /** Clients that are connected. */
  get connected(): number {
    return this.#clients.filter((client) => client?.isOpen).length;
  }

  /** Messages of connected clients that were not answered yet. */
  get unanswered(): number {
    let count = 0;
    for (const client of this.#clients) {
      if (client?.isOpen) count += client.unanswered;
    }
    return count;
  }

  /** Connects every client. */
  async connect(): Promise<void> {
    const indices = Array.from({ length: this.#options.clients }, (_, i) => i);
    const dial = async () => {
      for (let index = indices.shift(); index !== undefined;) {
        await this.#connect(index);
        index = indices.shift();
      }
    };
    await Promise.all(Array.from({ length: DIALS }, dial));
  }

  /** Begins to send. */
  start(): void {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK);
  }

  /** Sends nothing any more; who is not connected stays away. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#isReturning = false;
    await Promise.all(this.#returns);
  }

  /** Everybody says goodbye. */
  async leave(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client?.leave("stayed")));
  }

  #tick(): void {
    const now = performance.now();
    const elapsed = (now - this.#last) / 1_000;
    this.#last = now;
    const { clients, rate, churn, random } = this.#options;
    this.#due += elapsed * clients * rate;
    for (; this.#due >= 1; this.#due--) {
      this.#turn = (this.#turn + 1) % clients;
      const client = this.#clients[this.#turn];
      if (client?.isOpen) client.send();
    }
    this.#leaving += elapsed * churn;
    for (; this.#leaving >= 1; this.#leaving--) {
      void pickAt(this.#clients, random.next())?.leave("left");
    }
  }

  /** Keeps one client connected, at the next gateway if one is gone. */
  async #connect(index: number): Promise<void> {
    const ports = this.#options.ports();
    const generation = (this.#generations[index] ?? 0) + 1;
    this.#generations[index] = generation;
    const gateway = (index + generation) % ports.length;
    const client = await SwarmClient.connect(
      ports[gateway] ?? 0,
      connectionName(index, generation),
      gateway,
      this.#journal,
      this.#latencies,
    );
    this.#clients[index] = client;
    if (client === undefined) this.#comeBack(index);
    else void client.finished.then(() => this.#comeBack(index));
  }

  #comeBack(index: number): void {
    if (!this.#isReturning) return;
    const task = this.#connectLater(index);
    this.#returns.add(task);
    void task.finally(() => this.#returns.delete(task));
  }

  async #connectLater(index: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, RETURN_DELAY));
    if (this.#isReturning) await this.#connect(index);
  }
}
