import type * as nats from "@nats-io/transport-node";
import { backoff } from "../base/backoff.ts";
import { messageOf } from "../base/errors.ts";
import { endsWithin, pause } from "../base/pause.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { connectionOptionsOf } from "./connection_options.ts";
import {
  identityOf,
  type NatsOptions,
  type NatsServer,
  parseNatsUrl,
} from "./nats_options.ts";

const logger = roomLogger("nats");
const complaints = new RateLimitedLog();

/** Bytes that may be on their way to the server: as many as it has not confirmed. */
const MAX_UNCONFIRMED = 8 * 1024 * 1024;

/** Bytes after which the server is asked to confirm. */
const CONFIRM_EVERY = 64 * 1024;

/** Most milliseconds that leaving takes. */
const LEAVE_TIMEOUT = 2_000;

/** Takes what comes on a subject. Bytes are valid during the call only. */
export type Take = (bytes: Uint8Array, reply: string | undefined) => void;

/** What a {@linkcode NatsLine} is told. */
export interface NatsLineOptions extends NatsOptions {
  /** What the server shows its operator as our name. */
  readonly name: string;
  /** Told of each connection and each loss of one. */
  readonly onChange?: (isConnected: boolean) => void;
}

/** What a line has carried since it was made. */
export interface NatsFigures {
  /** Messages that came. */
  readonly inMessages: number;
  /** Bytes that came. */
  readonly inBytes: number;
  /** Messages that were given to the server. */
  readonly outMessages: number;
  /** Bytes that were given to the server. */
  readonly outBytes: number;
  /** Messages that were not taken, since there was no connection or too much waited. */
  readonly refused: number;
}

/**
 * A connection to NATS that comes back for ever. What is published is lost without a
 * word if the connection is: only what the other side says is proof of anything.
 */
export class NatsLine implements AsyncDisposable {
  readonly #options: NatsLineOptions;
  readonly #servers: readonly NatsServer[];
  readonly #library: typeof nats;
  readonly #takers = new Map<
    symbol,
    { subject: string; take: Take; subscription?: nats.Subscription }
  >();
  readonly #end = new AbortController();
  readonly #opening: Promise<void>;
  #connection: nats.NatsConnection | undefined;
  #isConnected = false;
  #connects = 0;
  #unconfirmed = 0;
  #sinceConfirm = 0;
  #refused = 0;

  private constructor(options: NatsLineOptions, library: typeof nats) {
    this.#options = options;
    this.#servers = serversOf(options);
    this.#library = library;
    this.#opening = this.#open();
  }

  /**
   * Loads the library and begins to connect; does not wait until that succeeds.
   *
   * @throws {TypeError} If a server's URL is none, or a file cannot be read.
   */
  static async open(options: NatsLineOptions): Promise<NatsLine> {
    await identityOf(options, serversOf(options));
    const library = await import("@nats-io/transport-node");
    return new NatsLine(options, library);
  }

  /** Whether there is a connection, as far as is known. */
  get isConnected(): boolean {
    return this.#isConnected;
  }

  /** How often it was connected. */
  get connects(): number {
    return this.#connects;
  }

  /** The server it is connected to, for people. */
  get server(): string {
    return this.#isConnected ? this.#connection?.getServer() ?? "" : "";
  }

  /** Bytes that the server has not confirmed. */
  get unconfirmed(): number {
    return this.#unconfirmed;
  }

  /** Longest message that the server takes, in bytes. */
  get maxPayload(): number {
    return this.#connection?.info?.max_payload ?? 1024 * 1024;
  }

  /** What it has carried. */
  get figures(): NatsFigures {
    const { inMsgs = 0, inBytes = 0, outMsgs = 0, outBytes = 0 } =
      this.#connection?.stats() ?? {};
    return {
      inMessages: inMsgs,
      inBytes,
      outMessages: outMsgs,
      outBytes,
      refused: this.#refused,
    };
  }

  /**
   * Hands a message to the server.
   *
   * @param subject Where it goes.
   * @param bytes What; copied.
   * @param reply Where an answer goes.
   * @returns `false` if it was not taken: there is no connection, or too much waits.
   */
  publish(subject: string, bytes: Uint8Array, reply?: string): boolean {
    const connection = this.#connection;
    const isFull = this.#unconfirmed + bytes.length > MAX_UNCONFIRMED;
    if (connection === undefined || !this.#isConnected || isFull) {
      this.#refused++;
      return false;
    }
    connection.publish(subject, bytes, reply === undefined ? {} : { reply });
    this.#unconfirmed += bytes.length;
    this.#sinceConfirm += bytes.length;
    if (this.#sinceConfirm >= CONFIRM_EVERY) this.#confirm(connection);
    return true;
  }

  /** Calls back with all that comes on a subject, whatever becomes of connections. */
  subscribe(subject: string, take: Take): Disposable {
    const id = Symbol(subject);
    this.#takers.set(id, { subject, take });
    this.#listen(id);
    return {
      [Symbol.dispose]: () => {
        const taker = this.#takers.get(id);
        this.#takers.delete(id);
        if (this.#connection?.isClosed() === false) {
          taker?.subscription?.unsubscribe();
        }
      },
    };
  }

  /** Waits until there is a connection; says whether there is one. */
  async connected(timeout: number): Promise<boolean> {
    await endsWithin(this.#opening, timeout);
    return this.#isConnected;
  }

  /** Waits until the server has all that was published; says whether it does. */
  async flush(timeout: number): Promise<boolean> {
    const connection = this.#connection;
    if (connection === undefined || !this.#isConnected) return false;
    const flushed = connection.flush().then(() => true, () => false);
    return await endsWithin(flushed, timeout) && await flushed;
  }

  /** Hands the server what is left, and leaves. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#end.signal.aborted) await this.flush(LEAVE_TIMEOUT);
    this.#end.abort();
    this.#isConnected = false;
    await this.#opening;
    await this.#connection?.close();
  }

  /** The library comes back by itself only where it has been connected once. */
  async #open(): Promise<void> {
    const delays = backoff({ minDelay: 100, maxDelay: 2_000 });
    while (!this.#end.signal.aborted) {
      try {
        this.#connection = await this.#library.connect({
          ...await connectionOptionsOf(
            this.#library,
            this.#options,
            this.#servers,
          ),
          name: this.#options.name,
        });
        break;
      } catch (error) {
        this.#complain(
          "Cannot connect to NATS, trying again: {reason} ({suppressed} more like it)",
          error,
        );
        await pause(delays.next().value, this.#end.signal);
      }
    }
    const connection = this.#connection;
    if (connection === undefined) return;
    if (this.#end.signal.aborted) return await connection.close();
    for (const id of this.#takers.keys()) this.#listen(id);
    void this.#watch(connection);
    this.#change(true);
  }

  #listen(id: symbol): void {
    const taker = this.#takers.get(id);
    const connection = this.#connection;
    if (taker === undefined || connection === undefined) return;
    if (connection.isClosed()) return;
    taker.subscription = connection.subscribe(taker.subject, {
      callback: (error, message) => {
        if (error !== null) {
          return this.#complain(
            "Cannot listen to NATS, going on without: {reason} ({suppressed} more like it)",
            error,
          );
        }
        taker.take(message.data, message.reply);
      },
    });
  }

  /** Follows what the library says of the connection, until it is closed for good. */
  async #watch(connection: nats.NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      switch (status.type) {
        case "disconnect":
          this.#change(false);
          break;
        case "reconnect":
          this.#change(true);
          break;
        case "error":
          this.#complain(
            "NATS refused what was asked of it, going on: {reason} ({suppressed} more like it)",
            status.error,
          );
          break;
      }
    }
    this.#change(false);
  }

  #change(isConnected: boolean): void {
    if (isConnected) this.#connects++;
    this.#unconfirmed = this.#sinceConfirm = 0;
    if (this.#end.signal.aborted || isConnected === this.#isConnected) return;
    this.#isConnected = isConnected;
    logger.info(
      isConnected ? "Connected to NATS at {server}" : "Lost NATS, trying again",
      { server: this.server },
    );
    this.#options.onChange?.(isConnected);
  }

  #confirm(connection: nats.NatsConnection): void {
    const [bytes, connects] = [this.#sinceConfirm, this.#connects];
    this.#sinceConfirm = 0;
    const confirmed = () => {
      if (connects === this.#connects) this.#unconfirmed -= bytes;
    };
    // Where the connection is lost, all counts begin anew.
    connection.flush().then(confirmed, () => {});
  }

  /** @param message A constant with the placeholders `reason` and `suppressed`. */
  #complain(message: string, error: unknown): void {
    if (this.#end.signal.aborted) return;
    const reason = messageOf(error);
    complaints.once(
      message + reason,
      (suppressed) => logger.warn(message, { reason, suppressed }),
    );
  }
}

function serversOf({ nats }: NatsOptions): NatsServer[] {
  const servers = [nats].flat().map(parseNatsUrl);
  if (servers.length > 0) return servers;
  throw new TypeError("Cannot use NATS without a server: give one or several");
}
