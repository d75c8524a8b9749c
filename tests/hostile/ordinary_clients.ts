import { ORDINARY } from "./limits.ts";
import { TestClient } from "../_support/test_client.ts";

/** Milliseconds between a client's answer and its next message. */
const PAUSE = 5;

/** Ordinary clients, who say something and wait for the answer. */
export class OrdinaryClients implements AsyncDisposable {
  readonly #clients: readonly TestClient[];

  private constructor(clients: readonly TestClient[]) {
    this.#clients = clients;
  }

  /** Connects them. */
  static async connect(url: string): Promise<OrdinaryClients> {
    const dial = () => TestClient.connect(url);
    return new OrdinaryClients(
      await Promise.all(Array.from({ length: ORDINARY }, dial)),
    );
  }

  /** Talks for a while; returns how long 99 of 100 answers took at most, in ms. */
  async talk(milliseconds: number): Promise<number> {
    const end = performance.now() + milliseconds;
    const times = await Promise.all(
      this.#clients.map((client) => talkUntil(client, end)),
    );
    const sorted = times.flat().sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? Infinity;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

async function talkUntil(client: TestClient, end: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < end) {
    const start = performance.now();
    client.send("an ordinary message");
    await client.hear();
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return times;
}
