/**
 * Joins, leaves and sends at random in three cells, against a model that is one map: after
 * a confirmed join everything arrives, wherever it is sent, once, in order, and nothing
 * arrives that is not meant.
 *
 * @module
 */
import { Random } from "../chaos/random.ts";
import { CellClient } from "./cell_client.ts";
import type { Order } from "./handler.ts";
import { Model } from "./model.ts";

/** What is needed of a cell. */
export interface JoinedCell {
  /** Its name. */
  readonly name: string;
  /** Where clients connect. */
  readonly clients: readonly string[];
}

/** How a run goes. */
export interface PropertyOptions {
  /** The cells. */
  readonly cells: readonly JoinedCell[];
  /** Decides all that is random. */
  readonly seed: number;
  /** How many things happen. */
  readonly steps: number;
  /** Most clients. */
  readonly clients: number;
}

/** Names are few, so that they are met again, and nobody has some of them. */
const NAMES = 6;

/** Most messages of one breath. */
const BREATH = 5;

/** Longest wait until all is heard, in milliseconds. */
const SETTLE_TIMEOUT = 20_000;

/** Milliseconds in which what must not come would have come. */
const QUIET = 300;

/** What a run came to. */
export interface PropertyResult {
  /** What is wrong, a line each. */
  readonly wrongs: readonly string[];
  /** Messages that were due to somebody, and heard. */
  readonly heard: number;
  /** How often each thing was done. */
  readonly did: ReadonlyMap<string, number>;
}

/** Runs it. */
export async function runProperty(
  options: PropertyOptions,
): Promise<PropertyResult> {
  const run = new Run(options);
  try {
    return await run.go();
  } finally {
    run[Symbol.dispose]();
  }
}

class Run implements Disposable {
  readonly #options: PropertyOptions;
  readonly #random: Random;
  readonly #model = new Model();
  readonly #did = new Map<string, number>();
  readonly #wrongs: string[] = [];
  #named = 0;
  readonly #senders = new Map<CellClient, string>();

  constructor(options: PropertyOptions) {
    this.#options = options;
    this.#random = new Random(options.seed);
  }

  async go(): Promise<PropertyResult> {
    const { steps, cells } = this.#options;
    for (const { name } of cells) await this.#come(name);
    for (let step = 0; step < steps && this.#wrongs.length === 0; step++) {
      await this.#step();
    }
    const deadline = performance.now() + SETTLE_TIMEOUT;
    while (!this.#model.isSettled && performance.now() < deadline) {
      await pause(5);
    }
    await pause(QUIET);
    const wrongs = [...this.#wrongs, ...this.#model.wrongs];
    const heard = this.#model.clients
      .reduce((sum, { heard }) => sum + heard.length, 0);
    return { wrongs, heard, did: this.#did };
  }

  [Symbol.dispose](): void {
    for (const each of this.#model.clients) each[Symbol.dispose]();
  }

  async #step(): Promise<void> {
    const dice = this.#random.next();
    const { clients, cells } = this.#options;
    const isFull = this.#model.clients.length >= clients;
    if (dice < 0.06 && !isFull) {
      return await this.#come(this.#pick(cells).name);
    }
    const client = this.#pick(this.#model.clients);
    if (dice < 0.1 && isFull) return this.#leave(client);
    if (dice < 0.22) return await this.#bind(client);
    if (dice < 0.4) return await this.#join(client);
    if (dice < 0.52) return await this.#part(client);
    if (dice < 0.72) return await this.#toUid(client);
    if (dice < 0.92) return await this.#toGroup(client);
    return await this.#toAll(client);
  }

  async #come(cell: string): Promise<void> {
    const { clients = [] } =
      this.#options.cells.find(({ name }) => name === cell) ?? {};
    const client = await CellClient.connect(this.#pick(clients));
    this.#model.come(client, cell);
    this.#senders.set(client, `${cell}${++this.#named}`);
    // It is there for everybody once its gateway has answered.
    await this.#do(client, { what: "join", name: "everybody" });
    this.#model.join(client, "everybody");
    this.#note("came");
  }

  #leave(client: CellClient): void {
    this.#model.leave(client);
    client[Symbol.dispose]();
    this.#note("left");
  }

  async #bind(client: CellClient): Promise<void> {
    const name = this.#name("u");
    await this.#do(client, { what: "bind", name });
    this.#model.bind(client, name);
  }

  async #join(client: CellClient): Promise<void> {
    const name = this.#name("g");
    await this.#do(client, { what: "join", name });
    this.#model.join(client, name);
  }

  async #part(client: CellClient): Promise<void> {
    const name = this.#name("g");
    await this.#settled();
    await this.#do(client, { what: "leave", name });
    this.#model.part(client, name);
  }

  async #toUid(client: CellClient): Promise<void> {
    const name = this.#name("u");
    await this.#send(client, "toUid", name, this.#model.withUid(name));
  }

  async #toGroup(client: CellClient): Promise<void> {
    const name = this.#name("g");
    await this.#send(client, "toGroup", name, this.#model.inGroup(name));
  }

  async #toAll(client: CellClient): Promise<void> {
    await this.#send(client, "toAll", "", this.#model.clients);
  }

  async #send(
    client: CellClient,
    what: Order["what"],
    name: string,
    hearers: readonly CellClient[],
  ): Promise<void> {
    const from = this.#senders.get(client) ?? "";
    const count = 1 + Math.floor(this.#random.next() * BREATH);
    const texts = this.#model.send(from, `${what} ${name}`, count, hearers);
    await this.#do(client, { what, name, texts });
  }

  /** Who leaves a group, or its uid, may still get what was sent before: so that is heard first. */
  async #settled(): Promise<void> {
    const deadline = performance.now() + SETTLE_TIMEOUT;
    while (!this.#model.isSettled && performance.now() < deadline) {
      await pause(2);
    }
  }

  async #do(client: CellClient, order: Omit<Order, "id">): Promise<void> {
    if (order.what === "bind") await this.#settled();
    const { error } = await client.do(order);
    if (error !== undefined) {
      this.#wrongs.push(
        `${order.what} ${order.name} in ${
          this.#model.cellOf(client)
        }: ${error}`,
      );
    }
    this.#note(order.what);
  }

  #note(what: string): void {
    this.#did.set(what, (this.#did.get(what) ?? 0) + 1);
  }

  #name(kind: "u" | "g"): string {
    return `${kind}${Math.floor(this.#random.next() * NAMES)}`;
  }

  #pick<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random.next() * items.length)];
    if (item === undefined) throw new RangeError("Cannot pick out of nothing");
    return item;
  }
}

async function pause(delay: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, delay));
}
