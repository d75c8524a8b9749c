import type { Client } from "./client.ts";

/** What the heartbeat needs to know. */
export interface HeartbeatOptions {
  /** Milliseconds between two pings to a silent client. */
  readonly interval: number;
  /** Pings without a message after which a client is destroyed; 0 for never. */
  readonly limit: number;
  /** What is sent; nothing if empty. */
  readonly data: string;
}

/**
 * Pings silent clients and ends those that stay silent, on one timer for all of
 * them, by the original's rules (spec: gatewayworker-protocol.md, section 10).
 */
export class Heartbeat implements Disposable {
  readonly #clients: () => Iterable<Client>;
  readonly #limit: number;
  readonly #data: Uint8Array;
  readonly #timer: ReturnType<typeof setInterval>;

  /**
   * @param clients Every connected client.
   * @param options When to ping, and when to give up.
   */
  constructor(clients: () => Iterable<Client>, options: HeartbeatOptions) {
    this.#clients = clients;
    this.#limit = options.limit;
    this.#data = new TextEncoder().encode(options.data);
    const tick = options.limit > 0 ? options.interval / 2 : options.interval;
    this.#timer = setInterval(() => this.#tick(), tick);
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    for (const client of this.#clients()) this.#tickClient(client);
  }

  #tickClient(client: Client): void {
    const limit = this.#limit;
    if (limit > 0 && client.silentTicks >= 2 * limit) {
      return client.connection?.destroy();
    }
    client.silentTicks++;
    const isPingTick = client.silentTicks > 0 &&
      (limit === 0 || client.silentTicks % 2 === 0);
    if (this.#data.length === 0 || !isPingTick) return;
    client.connection?.send(this.#data, 0, this.#data.length, false);
  }
}
