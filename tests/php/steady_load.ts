import type { Handler } from "../../mod.ts";
import { TestClient } from "../_support/test_client.ts";

/** How much load there is while the workers are moved. */
export interface MoveLoad {
  /** How many clients. */
  readonly clients: number;
  /** Messages that each sends in a second. */
  readonly rate: number;
  /** Milliseconds of load before and after each step. */
  readonly rest: number;
}

/** What became of the messages that were sent while something was replaced. */
export interface Step {
  /** What was done. */
  readonly name: string;
  /** Messages that were sent. */
  sent: number;
  /** Those of them that were answered by a worker of the original. */
  byPhp: number;
  /** Those of them that were answered by a worker of ours. */
  byOurs: number;
  /** Those that nobody answered. */
  lost: number;
  /** Those that were answered more than once. */
  twice: number;
}

/** What came of a move. */
export interface MoveResult {
  /** Step by step. */
  readonly steps: readonly Step[];
  /** Clients whose connection ended. */
  readonly disconnects: number;
}

/** Milliseconds after the last answer in which a message that is missing counts as lost. */
const SETTLE = 1_500;

/** What workers of ours do: say back what they hear. */
export const echo: Handler = (event) =>
  event.type === "message" ? `ours:${event.text()}` : undefined;

/** A client that sends numbered messages, and counts what comes back. */
class Sender {
  readonly #client: TestClient;
  readonly #answers: Map<number, number>;
  readonly #onAnswer: (number: number, by: string) => void;

  constructor(
    client: TestClient,
    answers: Map<number, number>,
    onAnswer: (number: number, by: string) => void,
  ) {
    this.#client = client;
    this.#answers = answers;
    this.#onAnswer = onAnswer;
    void this.#hear();
  }

  send(number: number): void {
    this.#answers.set(number, 0);
    this.#client.send(String(number));
  }

  async #hear(): Promise<void> {
    while (true) {
      const [by = "", number] = String(await this.#client.hear()).split(":");
      this.#answers.set(
        Number(number),
        (this.#answers.get(Number(number)) ?? 0) + 1,
      );
      this.#onAnswer(Number(number), by);
    }
  }
}

/** Tenths of the clients that send at a time, so that the load is even. */
const SLICES = 10;

/** Clients that send all the time, and what becomes of their messages, step by step. */
export class SteadyLoad implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #steps: Step[] = [];
  readonly #stepOf = new Map<number, Step>();
  readonly #answers = new Map<number, number>();
  readonly #senders: Sender[] = [];
  readonly #rest: number;
  #timer: ReturnType<typeof setInterval> | undefined;
  #lastAnswer = 0;
  #disconnects = 0;
  #isOver = false;
  #number = 0;
  #turn = 0;

  private constructor(rest: number) {
    this.#rest = rest;
  }

  /** Connects the clients, and has them send. */
  static async start(
    urls: readonly string[],
    { clients, rate, rest }: MoveLoad,
  ): Promise<SteadyLoad> {
    const load = new SteadyLoad(rest);
    load.#begin("before");
    for (let index = 0; index < clients; index++) {
      await load.#connect(urls[index % urls.length] ?? "");
    }
    load.#timer = setInterval(() => load.#send(), 1_000 / rate / SLICES);
    await load.#wait();
    return load;
  }

  /** Does something while clients send, and has them send on for a while. */
  async step(name: string, act: () => Promise<unknown>): Promise<void> {
    this.#begin(name);
    await act();
    await this.#wait();
  }

  /** Ends the load; returns what became of it when nothing more comes. */
  async end(): Promise<MoveResult> {
    clearInterval(this.#timer);
    this.#lastAnswer = performance.now();
    while (performance.now() - this.#lastAnswer < SETTLE) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    this.#isOver = true;
    for (const [number, count] of this.#answers) {
      const step = this.#stepOf.get(number);
      if (step === undefined) continue;
      if (count === 0) step.lost++;
      if (count > 1) step.twice++;
    }
    return { steps: this.#steps, disconnects: this.#disconnects };
  }

  /** Closes the clients. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#isOver = true;
    await this.#stack.disposeAsync();
  }

  async #connect(url: string): Promise<void> {
    const client = this.#stack.use(await TestClient.connect(url));
    void client.closed.then(() => void (this.#isOver || this.#disconnects++));
    const onAnswer = (number: number, by: string) => {
      this.#lastAnswer = performance.now();
      const step = this.#stepOf.get(number);
      if (step === undefined) return;
      if (by === "ours") step.byOurs++;
      else step.byPhp++;
    };
    this.#senders.push(new Sender(client, this.#answers, onAnswer));
  }

  #begin(name: string): void {
    this.#steps.push({ name, sent: 0, byPhp: 0, byOurs: 0, lost: 0, twice: 0 });
  }

  #send(): void {
    const step = this.#steps.at(-1);
    const first = this.#turn++ % SLICES;
    for (let at = first; at < this.#senders.length; at += SLICES) {
      if (step === undefined) return;
      this.#stepOf.set(++this.#number, step);
      step.sent++;
      this.#senders[at]?.send(this.#number);
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, this.#rest));
  }
}
