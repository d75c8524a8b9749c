import { Pace } from "../../base/pace.ts";
import type { Connection, OutputCodec } from "../../transport/connection.ts";
import type { Client } from "./client.ts";
import type { ResolvedClientOptions } from "./client_options.ts";

/** Looks in one interval: a ping comes no earlier than all but one of them. */
const LOOKS = 4;

/** Looks after a ping by which its answer must have come. */
const HALF = LOOKS / 2;

/** What the heartbeat needs to know. */
export interface HeartbeatOptions {
  /** Milliseconds without a message after which a client is pinged, and from then on. */
  readonly interval: number;
  /** Pings without an answer after which a client is destroyed; 0 for never. */
  readonly limit: number;
  /** What is sent; if empty, the protocol's own ping, where it has one. */
  readonly data: string;
}

/**
 * Pings clients that say nothing and ends those that do not answer, on one timer for
 * all of them (`pingInterval`, `pingData` and `pingNotResponseLimit` of GatewayWorker
 * for PHP). A ping is due by one interval after the last message or ping: answers to
 * pings put none off, so that whoever stands between never sees a longer silence.
 *
 * With ping data only messages are answers; without, any byte is, since clients answer
 * the ping of WebSocket by themselves. Who was asked nothing owes no answer. Who is
 * not read is left alone: how should it show that it lives? So is who is being closed.
 * Nor is anybody judged just after this process stood still, before it has read what
 * came meanwhile.
 */
export class Heartbeat implements Disposable {
  readonly #clients: () => Iterable<Client>;
  readonly #limit: number;
  readonly #data: Uint8Array;
  /** The question for all who speak alike. */
  readonly #questions = new WeakMap<OutputCodec, Uint8Array>();
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
    const tick = options.interval / LOOKS;
    this.#pace = new Pace(tick);
    this.#timer = setInterval(() => this.#tick(), tick);
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    if (!this.#pace.tick()) return;
    for (const client of this.#clients()) {
      const { connection } = client;
      if (connection === undefined || connection.isPaused) continue;
      if (connection.isOpen) this.#look(client, connection);
    }
  }

  #look(client: Client, connection: Connection): void {
    if (this.#hasAnswered(client, connection)) client.unansweredPings = 0;
    client.silentLooks++;
    const phase = client.silentLooks % LOOKS;
    if (phase === LOOKS - 1) return this.#ping(client, connection);
    const limit = this.#limit;
    const isOverdue = limit > 0 && client.unansweredPings >= limit &&
      phase === HALF - 1;
    if (isOverdue) connection.destroy();
  }

  #hasAnswered(client: Client, { activity }: Connection): boolean {
    if (client.silentLooks < 0) return true;
    if (this.#data.length > 0) return false;
    const hasAnswered = activity !== client.seenActivity;
    client.seenActivity = activity;
    return hasAnswered;
  }

  #ping(client: Client, connection: Connection): void {
    const question = this.#data.length > 0
      ? this.#questionIn(connection.codec)
      : undefined;
    if (connection.ping(question)) client.unansweredPings++;
  }

  #questionIn(codec: OutputCodec): Uint8Array {
    const known = this.#questions.get(codec);
    if (known !== undefined) return known;
    const question = codec.encode(this.#data, false);
    this.#questions.set(codec, question);
    return question;
  }
}
