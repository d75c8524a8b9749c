import { parseAddress } from "../base/address.ts";
import { backoff } from "../base/backoff.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import { LineConnection } from "./line_connection.ts";
import { keepAlive } from "./line_listener.ts";
import { pause } from "./pause.ts";
import {
  decodeRegisterMessage,
  encodeRegisterMessage,
} from "./register_message.ts";

/** What happens between a role and one Register. */
export type RegisterLinkStatus =
  /** The link is open and our introduction is on its way; it may be refused yet. */
  | { readonly type: "introduced"; readonly register: string }
  /** The Register has answered, or has at least not closed the link at once. */
  | { readonly type: "joined"; readonly register: string }
  /** The Register has sent its list of gateways. */
  | {
    readonly type: "listed";
    readonly register: string;
    readonly addresses: readonly string[];
  }
  /** There is no link, and there will be another attempt. */
  | RegisterLinkLoss;

/** Why there is no link to a Register at the moment. */
export interface RegisterLinkLoss {
  /**
   * `unreachable`: nobody answered. `refused`: it closed the link right after our
   * introduction without a word, as it does when the secret keys differ. `lost`:
   * the link was up and is not.
   */
  readonly type: "unreachable" | "refused" | "lost";
  /** The Register, as it was named in the options. */
  readonly register: string;
  /** What was found. */
  readonly reason: string;
  /** Milliseconds until the next attempt. */
  readonly retryIn: number;
}

/** Options for {@linkcode keepRegisterLink}. */
export interface RegisterLinkOptions {
  /** Where the Register is, `host:port`. */
  readonly register: string;
  /** The first line said on every new link, line feed included. */
  readonly introduction: Uint8Array;
  /** Milliseconds that a dial may take. */
  readonly connectTimeout: number;
  /** Milliseconds between two pings. */
  readonly pingInterval: number;
  /** Is told what happens, in order. Must not throw. */
  readonly onStatus: (status: RegisterLinkStatus) => void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Longest line from a Register, which we chose to trust: enough for tens of
 * thousands of gateways.
 */
const MAX_LIST = 1_048_576;

/** How long a silent Register must keep a new link before we call it joined, in milliseconds. */
const SETTLE_TIME = 1_000;

const REDIAL_BACKOFF = { minDelay: 100, maxDelay: 2_000 };

const PING = encodeRegisterMessage({ event: "ping" });

/**
 * Keeps a link to one Register up: dials, introduces us, listens, pings, and
 * does it all again when the link is lost, until told to end.
 *
 * @param options Which Register, and who is told.
 * @returns Resolves when the signal has aborted and nothing is left open.
 */
export async function keepRegisterLink(
  options: RegisterLinkOptions,
): Promise<void> {
  const { register, signal, onStatus } = options;
  let delays = backoff(REDIAL_BACKOFF);
  while (!signal.aborted) {
    const { settled, ...loss } = await converse(options);
    if (signal.aborted) return;
    if (settled) delays = backoff(REDIAL_BACKOFF);
    const retryIn = Math.ceil(delays.next().value);
    onStatus({ ...loss, register, retryIn });
    await pause(retryIn, signal);
  }
}

/** How a conversation ended, and whether there had been one worth the name. */
interface End {
  readonly type: RegisterLinkLoss["type"];
  readonly reason: string;
  readonly settled: boolean;
}

async function converse(options: RegisterLinkOptions): Promise<End> {
  let conn: Deno.TcpConn;
  try {
    conn = await dial(options);
  } catch (error) {
    const reason = messageOf(error);
    return { type: "unreachable", reason, settled: false };
  }
  await using connection = new LineConnection(conn, MAX_LIST);
  using conversation = new Conversation(connection, options);
  try {
    for await (const line of connection.lines()) conversation.hear(line);
    return conversation.end("the link was closed");
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { ...conversation.end(messageOf(error)), type: "lost" };
  }
}

async function dial(options: RegisterLinkOptions): Promise<Deno.TcpConn> {
  const { register, connectTimeout, signal } = options;
  const attempt = new AbortController();
  const cancel = () => attempt.abort(signal.reason);
  const timer = setTimeout(() => {
    const message = `no answer within ${connectTimeout} ms`;
    attempt.abort(new Deno.errors.TimedOut(message));
  }, connectTimeout);
  signal.addEventListener("abort", cancel);
  try {
    const { hostname, port } = parseAddress(register);
    const conn = await Deno.connect({ hostname, port, signal: attempt.signal });
    // The abort may have come too late for the dial to notice.
    if (signal.aborted) conn.close();
    signal.throwIfAborted();
    keepAlive(conn);
    return conn;
  } finally {
    signal.removeEventListener("abort", cancel);
    clearTimeout(timer);
  }
}

/** One link's life: from our introduction to its end. Owns the timers. */
class Conversation implements Disposable {
  readonly #connection: LineConnection;
  readonly #options: RegisterLinkOptions;
  readonly #pinging: ReturnType<typeof setInterval>;
  readonly #settling: ReturnType<typeof setTimeout>;
  readonly #abort = () => this.#connection.destroy();
  #settled = false;
  #lastWrite = 0;

  constructor(connection: LineConnection, options: RegisterLinkOptions) {
    const { register, introduction, pingInterval, signal } = options;
    this.#connection = connection;
    this.#options = options;
    this.#pinging = setInterval(() => this.#ping(), pingInterval);
    this.#settling = setTimeout(() => this.settle(), SETTLE_TIME);
    signal.addEventListener("abort", this.#abort);
    connection.send(introduction);
    options.onStatus({ type: "introduced", register });
  }

  hear(line: string): void {
    this.settle();
    const message = decodeRegisterMessage(line);
    if (message.event !== "broadcast_addresses") return;
    const { addresses } = message;
    const { register, onStatus } = this.#options;
    onStatus({ type: "listed", register, addresses });
  }

  /** From now on an end of the link is a loss and no refusal. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    const { register, onStatus } = this.#options;
    onStatus({ type: "joined", register });
  }

  end(reason: string): End {
    const settled = this.#settled;
    return { type: settled ? "lost" : "refused", reason, settled };
  }

  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener("abort", this.#abort);
    clearInterval(this.#pinging);
    clearTimeout(this.#settling);
  }

  /** A ping that is still not written at the next one: the Register does not read. */
  #ping(): void {
    const write = this.#connection.writeInFlight;
    if (write !== 0 && write === this.#lastWrite) {
      return this.#connection.destroy();
    }
    this.#lastWrite = write;
    this.#connection.send(PING);
  }
}
