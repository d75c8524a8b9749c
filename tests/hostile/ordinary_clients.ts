import { endsWithin } from "../../lib/base/pause.ts";
import { ORDINARY } from "./limits.ts";
import { TestClient } from "../_support/test_client.ts";

/** Milliseconds between a client's answer and its next message. */
const PAUSE = 5;

/** Longest wait for anything that an ordinary client is owed, in milliseconds. */
const PATIENCE = 20_000;

/** Ordinary clients, who say something and wait for the answer. */
export class OrdinaryClients implements AsyncDisposable {
  readonly #clients: readonly TestClient[];

  private constructor(clients: readonly TestClient[]) {
    this.#clients = clients;
  }

  /** Connects them. */
  static async connect(url: string): Promise<OrdinaryClients> {
    const dial = () => TestClient.connect(url);
    const clients = Promise.all(Array.from({ length: ORDINARY }, dial));
    return new OrdinaryClients(await soon(clients, "connected"));
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
    const closed = this.#clients.map((client) => client.close());
    await soon(Promise.all(closed), "closed");
  }
}

async function talkUntil(client: TestClient, end: number): Promise<number[]> {
  const times: number[] = [];
  while (performance.now() < end) {
    const start = performance.now();
    client.send("an ordinary message");
    await answer(client);
    times.push(performance.now() - start);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  return times;
}

/** Waits for an answer, which does not come any more once the client is closed. */
async function answer(client: TestClient): Promise<void> {
  const closed = client.closed.then(({ code, reason }) => {
    throw new RangeError(`An ordinary client was closed: ${code} ${reason}`);
  });
  await soon(Promise.race([client.hear(), closed]), "answered");
}

/** Waits, but not for ever, and says for what it did in vain. */
async function soon<Value>(promise: Promise<Value>, what: string) {
  if (await endsWithin(promise, PATIENCE)) return await promise;
  throw new RangeError(
    `An ordinary client was not ${what} within ${PATIENCE} ms`,
  );
}
