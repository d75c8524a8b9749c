import { CellClient } from "./cell_client.ts";
import { disorders } from "./model.ts";
import type { JoinedCell } from "./property.ts";

/** Groups that have a member in every cell. */
const GROUPS = ["red", "green", "blue"];

/** Milliseconds between two breaths of a sender. */
const BREATH = 100;

/** Messages of one breath to one group. */
const MESSAGES = 4;

/** What the messages of a while came to. */
export interface Heard {
  /** Messages that were due to members in other cells than their sender's. */
  readonly due: number;
  /** Of these, such as did not come. */
  readonly missing: number;
  /** What is wrong whatever happened: doubles, disorder, losses within a cell, ended clients. */
  readonly wrongs: string[];
}

/**
 * Senders and members in every cell, and a book of what was sent to whom. Each message is
 * one frame from its cell to each other one, so that what is missing can be held against
 * what bridges count.
 */
export class Load implements Disposable {
  readonly #senders: { cell: string; client: CellClient }[] = [];
  readonly #members: { cell: string; group: string; client: CellClient }[] = [];
  /** The last number of each sender and group. */
  readonly #sent = new Map<string, number>();
  /** Where what each member has heard was looked at last. */
  readonly #looked = new Map<CellClient, number>();
  readonly #begins = new Map<string, number>();
  /** What was sent since the last look, and when, `performance.now()`. */
  #spoken: { readonly at: number; readonly cell: string }[] = [];
  #isRunning = false;
  #sending: Promise<unknown> = Promise.resolve();

  /** Connects everybody. */
  static async begin(cells: readonly JoinedCell[]): Promise<Load> {
    const load = new Load();
    for (const { name: cell, clients } of cells) {
      for (const [i, group] of GROUPS.entries()) {
        const url = clients[i % clients.length] ?? "";
        const client = await CellClient.connect(url);
        await client.do({ what: "join", name: group });
        load.#members.push({ cell, group, client });
      }
      const client = await CellClient.connect(clients[0] ?? "");
      load.#senders.push({ cell, client });
    }
    return load;
  }

  /** A client of a cell, to ask with. */
  senderOf(cell: string): CellClient | undefined {
    return this.#senders.find((each) => each.cell === cell)?.client;
  }

  /** Begins to send. */
  start(): void {
    this.#isRunning = true;
    this.#sending = Promise.all(
      this.#senders.map((each) => this.#send(each)),
    );
  }

  /** Sends no more; resolves when all that was sent is with the workers. */
  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#sending;
  }

  /** Whether everything that was sent up to now has been heard. */
  get isComplete(): boolean {
    return this.#members.every(({ group, client }) => {
      const due = this.#senders.reduce(
        (sum, { cell }) => sum + this.#dueOf(cell, group),
        0,
      );
      return client.heard.length - (this.#looked.get(client) ?? 0) >= due;
    });
  }

  /** Looks at all that was heard since the last look. */
  look(): Heard {
    let [due, missing] = [0, 0];
    const wrongs: string[] = [];
    for (const { cell, group, client } of this.#members) {
      const who = `${group} of ${cell}`;
      const heard = client.heard.slice(this.#looked.get(client) ?? 0);
      this.#looked.set(client, client.heard.length);
      wrongs.push(
        ...disorders(heard).slice(0, 5)
          .map((text) => `${who} heard twice or too late ${text}`),
      );
      const distinct = new Set(heard);
      for (const { cell: from } of this.#senders) {
        const stream = `${from}>${group}#`;
        const count = this.#dueOf(from, group);
        const came = [...distinct].filter((text) => text.startsWith(stream));
        const lacking = count - came.length;
        if (from !== cell) {
          due += count;
          missing += lacking;
        } else if (lacking !== 0) {
          wrongs.push(`${who} lacks ${lacking} of ${count} of its own cell`);
        }
      }
      if (client.closedWith !== undefined) {
        wrongs.push(`${who} was closed with ${client.closedWith}`);
      }
    }
    for (const [stream, last] of this.#sent) this.#begins.set(stream, last);
    this.#spoken = [];
    return { due, missing, wrongs };
  }

  /** How many frames a cell, or all the others, have sent to one other cell since some moment. */
  framesSince(time: number, isSender: (cell: string) => boolean): number {
    const spoken = this.#spoken.filter(({ at, cell }) =>
      at >= time && isSender(cell)
    );
    return spoken.length * MESSAGES;
  }

  /** Ends all connections. */
  [Symbol.dispose](): void {
    for (const { client } of [...this.#senders, ...this.#members]) {
      client[Symbol.dispose]();
    }
  }

  #dueOf(cell: string, group: string): number {
    const stream = `${cell}>${group}`;
    return (this.#sent.get(stream) ?? 0) - (this.#begins.get(stream) ?? 0);
  }

  async #send(
    { cell, client }: { cell: string; client: CellClient },
  ): Promise<void> {
    while (this.#isRunning) {
      for (const name of GROUPS) {
        const stream = `${cell}>${name}`;
        const last = this.#sent.get(stream) ?? 0;
        this.#sent.set(stream, last + MESSAGES);
        this.#spoken.push({ at: performance.now(), cell });
        const texts = Array.from(
          { length: MESSAGES },
          (_, i) => `${stream}#${last + 1 + i}`,
        );
        const { error } = await client.do({ what: "toGroup", name, texts });
        if (error !== undefined) {
          throw new TypeError(`Cannot send in ${cell}: ${error}`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, BREATH));
    }
  }
}
