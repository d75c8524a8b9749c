import { parseAddress } from "../base/address.ts";
import { backoff } from "../base/backoff.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import type { PeerStream } from "../peer/byte_stream.ts";
import { dialPeer } from "../peer/dial_peer.ts";
import { LineConnection } from "./line_connection.ts";
import { pause } from "../base/pause.ts";
import { decodeRegisterMessage } from "./register_decoder.ts";
import {
  type BridgeConnect,
  type Challenge,
  type Conflict,
  encodeRegisterMessage,
  type GatewayConnect,
  type WorkerConnect,
} from "./register_message.ts";
import { NodeProof } from "./register_proof.ts";
import { encodeReport } from "./report_line.ts";
import type { Trust } from "../peer/trust.ts";

/** What happens between a role and one Register. */
export type RegisterLinkStatus =
  /** The link is open and our introduction is on its way; it may be refused yet. */
  | { readonly type: "introduced"; readonly register: string }
  /** The Register has answered, or has at least not closed the link at once. */
  | { readonly type: "joined"; readonly register: string }
  /** The Register is of our own kind: it takes reports and answers questions. */
  | { readonly type: "welcomed"; readonly register: string }
  /** Another gateway announces our address, so that workers reach only one of the two. */
  | {
    readonly type: "conflicting";
    readonly register: string;
    readonly conflict: Conflict;
  }
  /** The Register has sent its list of gateways. */
  | {
    readonly type: "listed";
    readonly register: string;
    readonly addresses: readonly string[];
    /** The same for gateways of the original. */
    readonly originals: readonly string[];
    /** The same for bridges. */
    readonly bridges: readonly string[];
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
  /** What is said of us on every new link. */
  readonly introduction: GatewayConnect | BridgeConnect | WorkerConnect;
  /** What we believe and show. */
  readonly trust: Trust;
  /** Milliseconds that a dial may take. */
  readonly connectTimeout: number;
  /** Milliseconds between two pings. */
  readonly pingInterval: number;
  /** Says how we are, to Registers that want to know. */
  readonly report?: (() => Readonly<Record<string, unknown>>) | undefined;
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

/** Milliseconds between two reports. */
const REPORT_INTERVAL = 1_000;

/** Pings of those that are answered after which a Register that says nothing is gone. */
const MAX_MISSED = 3;

const REDIAL_BACKOFF = { minDelay: 100, maxDelay: 2_000 };

const logger = roomLogger("link");
const limited = new RateLimitedLog();

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
  let conn: PeerStream;
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

async function dial(options: RegisterLinkOptions): Promise<PeerStream> {
  const { register, connectTimeout, trust, signal } = options;
  const attempt = new AbortController();
  const cancel = () => attempt.abort(signal.reason);
  const timer = setTimeout(() => {
    const message = `no answer within ${connectTimeout} ms`;
    attempt.abort(new Deno.errors.TimedOut(message));
  }, connectTimeout);
  signal.addEventListener("abort", cancel);
  try {
    const address = parseAddress(register);
    return await dialPeer(address, trust, attempt.signal);
  } finally {
    signal.removeEventListener("abort", cancel);
    clearTimeout(timer);
  }
}

/** One link's life: from our introduction to its end. Owns the timers. */
class Conversation implements Disposable {
  readonly #connection: LineConnection;
  readonly #options: RegisterLinkOptions;
  #pinging: ReturnType<typeof setInterval>;
  readonly #settling: ReturnType<typeof setTimeout>;
  /** None if there is no key to prove. */
  readonly #proof: NodeProof | undefined;
  #reporting: ReturnType<typeof setInterval> | undefined;
  readonly #abort = () => this.#connection.destroy();
  #isTrusted: boolean;
  #settled = false;
  #lastWrite = 0;
  /** The Register's, in milliseconds; `undefined` if it answers no pings. */
  #heartbeat: number | undefined;
  #missed = 0;
  #loss: string | undefined;

  constructor(connection: LineConnection, options: RegisterLinkOptions) {
    const { register, introduction, trust, pingInterval, signal } = options;
    this.#connection = connection;
    this.#options = options;
    this.#pinging = setInterval(() => this.#ping(), pingInterval);
    this.#settling = setTimeout(() => this.settle(), SETTLE_TIME);
    signal.addEventListener("abort", this.#abort);
    // An abort between the dial and this line was heard by nobody.
    if (signal.aborted) this.#abort();
    const { secretKeys } = trust;
    this.#proof = secretKeys.length > 0 ? new NodeProof(secretKeys) : undefined;
    this.#isTrusted = this.#proof === undefined;
    connection.send(
      encodeRegisterMessage(this.#proof?.hello() ?? introduction),
    );
    options.onStatus({ type: "introduced", register });
  }

  hear(line: string): void {
    this.#missed = 0;
    const message = decodeRegisterMessage(line);
    if (message.event === "challenge") return this.#prove(message);
    if (message.event === "welcome") this.#believe(message.proof);
    if (!this.#isTrusted) return;
    this.settle();
    const { register, onStatus } = this.#options;
    switch (message.event) {
      case "welcome":
        onStatus({ type: "welcomed", register });
        this.#beat(message.heartbeat);
        return this.#beginToReport();
      case "broadcast_addresses": {
        const { addresses, phpAddresses: originals = [], bridges = [] } =
          message;
        return onStatus({
          type: "listed",
          register,
          addresses,
          originals,
          bridges,
        });
      }
      case "conflict":
        return onStatus({ type: "conflicting", register, conflict: message });
    }
  }

  /** From now on pings are answered, and a Register that is silent is gone. */
  #beat(heartbeat: number | undefined): void {
    if (heartbeat === undefined || this.#heartbeat !== undefined) return;
    this.#heartbeat = heartbeat;
    clearInterval(this.#pinging);
    this.#pinging = setInterval(() => this.#ping(), heartbeat);
    this.#ping();
  }

  #prove(challenge: Challenge): void {
    const { introduction } = this.#options;
    const signed = this.#proof?.sign(challenge, JSON.stringify(introduction));
    if (signed !== undefined) {
      this.#connection.send(encodeRegisterMessage(signed));
    }
  }

  #believe(proof: string | undefined): void {
    if (this.#isTrusted) return;
    if (this.#proof?.isProved(proof) !== true) {
      throw new ProtocolError(
        "Cannot trust Register: its proof of the secret key is wrong",
      );
    }
    this.#isTrusted = true;
  }

  /** From now on an end of the link is a loss and no refusal. */
  settle(): void {
    if (this.#settled || !this.#isTrusted) return;
    this.#settled = true;
    const { register, onStatus } = this.#options;
    onStatus({ type: "joined", register });
  }

  end(found: string): End {
    const settled = this.#settled;
    const reason = this.#loss ?? found;
    return { type: settled ? "lost" : "refused", reason, settled };
  }

  [Symbol.dispose](): void {
    this.#options.signal.removeEventListener("abort", this.#abort);
    clearInterval(this.#pinging);
    clearInterval(this.#reporting);
    clearTimeout(this.#settling);
  }

  #beginToReport(): void {
    const { report } = this.#options;
    if (report === undefined || this.#reporting !== undefined) return;
    const send = () => {
      // A Register that does not read is told nothing more: see the pings.
      if (this.#connection.writeInFlight !== 0) return;
      const { line, excess } = encodeReport(report());
      if (excess !== undefined) warnOfExcess(excess, line);
      if (line !== undefined) this.#connection.send(line, "report");
    };
    this.#reporting = setInterval(send, REPORT_INTERVAL);
    send();
  }

  #ping(): void {
    // Whoever has not proved itself by now never will.
    if (!this.#isTrusted) return this.#connection.destroy();
    if (this.#isGone()) {
      this.#loss = "it was silent for too long";
      return this.#connection.destroy();
    }
    const every = this.#heartbeat;
    const ping = encodeRegisterMessage({ event: "ping", every });
    this.#connection.send(ping, "ping");
  }

  /**
   * A Register that answers pings was silent for some of them. Of any other one is
   * known only that it does not read: a ping is still not written at the next one.
   */
  #isGone(): boolean {
    if (this.#heartbeat !== undefined) return this.#missed++ >= MAX_MISSED;
    const write = this.#connection.writeInFlight;
    const isStuck = write !== 0 && write === this.#lastWrite;
    this.#lastWrite = write;
    return isStuck;
  }
}

function warnOfExcess(length: number, line: Uint8Array | undefined): void {
  limited.once("excess", (suppressed) => {
    logger.warn(
      line === undefined
        ? "Cannot report to the Registers as a report must be short: {length} bytes; they list this node without figures"
        : "Told the Registers of some links and events only as a report must be short: {length} bytes",
      { length, suppressed },
    );
  });
}
