import { Pace } from "../../base/pace.ts";
import type { Client } from "./client.ts";
import type { ResolvedClientOptions } from "./client_options.ts";

/** What the heartbeat needs to know. */
export interface HeartbeatOptions {
  /** Milliseconds between two pings to a silent client. */
  readonly interval: number;
  /** Pings without a sign of life after which a client is destroyed; 0 for never. */
  readonly limit: number;
  /** What is sent; if empty, the protocol's own ping, where it has one. */
  readonly data: string;
}

/**
 * Pings silent clients and ends those that stay silent, on one timer for all of
 * them, by the rules of GatewayWorker for PHP (`pingInterval`, `pingData`,
 * `pingNotResponseLimit`). With ping data only messages are a sign of life; without,
 * any byte is, since clients answer the ping of WebSocket by themselves. Who is not
 * read is left alone: how should it show that it lives? Nor is anybody judged just
 * after this process stood still, before it has read what came meanwhile.
 */
export class Heartbeat implements Disposable {
  readonly #clients: () => Iterable<Client>;
  readonly #limit: number;
  readonly #data: Uint8Array;
  readonly #pace: Pace;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Starts one as a gateway's options say. */
  static of(
    clients: () => Iterable<Client>,
    options: ResolvedClientOptions,
  ): Heartbeat {
    return new Heartbeat(clients, {
      interval: options.pingInterval * 1_000,
      limit: options.pingNotResponseLimit,
      data: options.pingData,
    });
  }

  /**
   * @param clients Every connected client.
   * @param options When to ping, and when to give up.
   */
  constructor(clients: () => Iterable<Client>, options: HeartbeatOptions) {
    this.#clients = clients;
    this.#limit = options.limit;
    this.#data = new TextEncoder().encode(options.data);
    const tick = options.limit > 0 ? options.interval / 2 : options.interval;
    this.#pace = new Pace(tick);
    this.#timer = setInterval(() => this.#tick(), tick);
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (!this.#pace.tick()) return;
    for (const client of this.#clients()) this.#tickClient(client);
  }

  #tickClient(client: Client): void {
    if (client.connection?.isPaused) return;
    if (this.#data.length === 0) this.#noteActivity(client);
    const limit = this.#limit;
    if (limit > 0 && client.silentTicks >= 2 * limit) {
      return client.connection?.destroy();
    }
    client.silentTicks++;
    const isPingTick = client.silentTicks > 0 &&
      (limit === 0 || client.silentTicks % 2 === 0);
    if (isPingTick) this.#ping(client);
  }

  #noteActivity(client: Client): void {
    const activity = client.connection?.activity ?? 0;
    if (activity !== client.seenActivity) client.silentTicks = -1;
    client.seenActivity = activity;
  }

  #ping({ connection }: Client): void {
    const data = this.#data;
    if (data.length === 0) connection?.ping();
    else connection?.send(data, 0, data.length, false);
  }
}
