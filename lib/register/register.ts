import { formatAddress } from "../base/address.ts";
import { concat } from "../base/concat.ts";
import type { Role } from "../base/role.ts";
import type { LineConnection } from "../link/line_connection.ts";
import type { PeerListener } from "../link/byte_stream.ts";
import { LineListener } from "../link/line_listener.ts";
import { listenForPeers } from "../link/peer_listener.ts";
import { Refusals } from "../link/refusals.ts";
import {
  decodeRegisterMessage,
  encodeRegisterMessage,
  type GatewayConnect,
  type Hello,
  type PeerFacts,
  type Signed,
  type StatusQuery,
  type WorkerConnect,
} from "../link/register_message.ts";
import { Trust } from "../link/trust.ts";
import { roomLogger } from "../observe/logger.ts";
import { ProcessMeter } from "../observe/process_meter.ts";
import { recentEvents } from "../observe/recent_events.ts";
import type { ClusterReport, RegisterReport } from "../observe/report.ts";
import { VERSION } from "../base/version.ts";
import { Admission } from "./admission.ts";
import { Complaints } from "./complaints.ts";
import {
  Directory,
  type RegisteredGateway,
  type RegisteredPeer,
} from "./directory.ts";
import { toNodeReport } from "./node_report.ts";
import {
  type RegisterOptions,
  type ResolvedRegisterOptions,
  resolveRegisterOptions,
} from "./options.ts";
import { type Patience, Peer } from "./peer.ts";
import { Peers } from "./peers.ts";

const logger = roomLogger("register");

/** Longest time between two looks at who is overdue, in milliseconds. */
const MAX_SWEEP_INTERVAL = 1_000;

/** How long a peer may leave one write unread, in milliseconds. */
const WRITE_TIMEOUT = 30_000;

/** What a Register knows, as data. */
export interface RegisterStatus {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Connections, of peers that have identified themselves and others. */
  readonly connections: number;
  /** The gateways that are up. */
  readonly gateways: readonly RegisteredGateway[];
  /** The workers that are up, and programs that asked as workers do. */
  readonly workers: readonly RegisteredPeer[];
}

/**
 * Knows which gateways are up and tells the workers. It carries no client's
 * messages: a running cluster does without it until somebody new comes.
 *
 * @example Starting a Register for one machine
 * ```ts
 * import { Register } from "@gatewayworker/core/register";
 * import { assertEquals } from "@std/assert";
 *
 * await using register = await Register.start({ listen: "127.0.0.1:0" });
 *
 * assertEquals(register.addr.hostname, "127.0.0.1");
 * ```
 */
export class Register implements Role {
  /** Where it listens; port `0` in the options has become a real one. */
  readonly addr: Deno.NetAddr;
  /** Resolves when the Register has ended; rejects if it failed. */
  readonly finished: Promise<void>;
  readonly #options: ResolvedRegisterOptions;
  readonly #trust: Trust;
  readonly #refusals: Refusals;
  readonly #listener: LineListener;
  readonly #admission: Admission;
  readonly #patience: Patience;
  readonly #sweepInterval: number;
  readonly #peers: Peers;
  readonly #directory = new Directory<Peer>();
  readonly #complaints: Complaints;
  readonly #instance = crypto.randomUUID();
  readonly #meter = new ProcessMeter();
  #closing = false;

  private constructor(
    options: ResolvedRegisterOptions,
    trust: Trust,
    listener: PeerListener,
    refusals: Refusals,
  ) {
    const { identifyTimeout, staleTimeout, acceptPlainKey } = options;
    this.#options = options;
    this.#peers = new Peers(options.maxConnections);
    this.#trust = trust;
    this.#refusals = refusals;
    this.#complaints = new Complaints(logger, refusals);
    this.#admission = new Admission(trust, acceptPlainKey);
    this.#listener = new LineListener(listener);
    this.#sweepInterval = Math.min(
      MAX_SWEEP_INTERVAL,
      identifyTimeout,
      staleTimeout || Infinity,
    );
    this.#patience = {
      identify: this.#toSweeps(identifyTimeout),
      stale: this.#toSweeps(staleTimeout || Infinity),
      write: this.#toSweeps(WRITE_TIMEOUT),
    };
    this.addr = listener.addr;
    this.finished = this.#run();
  }

  /**
   * Starts a Register. When this resolves it can be dialed.
   *
   * @param options Where to listen, and who may join.
   * @returns The running Register.
   * @throws {TypeError} If `listen` is not an address, or strangers could join.
   * @throws {RangeError} If a number is out of range.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  static async start(options: RegisterOptions = {}): Promise<Register> {
    const resolved = resolveRegisterOptions(options);
    const { listen, signal } = resolved;
    signal?.throwIfAborted();
    const trust = await Trust.load(options);
    trust.checkListen("Register", listen.hostname);
    const refusals = new Refusals(logger, "a peer");
    const listener = await listenForPeers(listen, { trust, refusals });
    return new Register(resolved, trust, listener, refusals);
  }

  /** Peers that were turned away since the start. */
  get refused(): number {
    return this.#refusals.count;
  }

  /**
   * Reads secret keys and certificates again. Peers that have joined stay; who comes
   * from now on is judged anew.
   *
   * @param secretKey Replaces the option, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renewTrust(secretKey?: string | readonly string[]): Promise<void> {
    await this.#trust.renew(secretKey);
  }

  /** Returns what the Register knows now. */
  status(): RegisterStatus {
    return {
      address: formatAddress(this.addr),
      connections: this.#peers.size,
      gateways: [...this.#directory.gateways],
      workers: [...this.#directory.workers],
    };
  }

  /** Returns how the Register is. */
  report(): RegisterReport {
    return {
      id: this.#instance,
      name: "Register",
      index: 0,
      address: formatAddress(this.addr),
      state: this.#closing ? "draining" : "ready",
      ...this.#meter.figures(),
      connections: this.#peers.size,
      events: recentEvents(),
    };
  }

  /** Returns how everybody is, as they told the Register. */
  clusterReport(): ClusterReport {
    return {
      registers: [this.report()],
      gateways: this.#directory.reportedGateways().map(toNodeReport),
      workers: this.#directory.reportedWorkers()
        .filter(({ role }) => role !== "client").map(toNodeReport),
    };
  }

  /**
   * Ends the Register. Nobody is told that gateways leave, for they do not.
   * Safe to call twice.
   *
   * @returns Resolves when it has ended.
   */
  shutdown(): Promise<void> {
    this.#closing = true;
    this.#listener.close();
    this.#peers.destroy();
    return this.finished;
  }

  /** The same as {@linkcode shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const abort = () => void this.shutdown();
    const sweeping = setInterval(
      () => this.#peers.sweep(),
      this.#sweepInterval,
    );
    signal?.addEventListener("abort", abort);
    const address = formatAddress(this.addr);
    logger.info("Register listens on {address}", { address });
    try {
      for await (const connection of this.#listener.accept()) {
        this.#admit(connection);
      }
      await this.#peers.ended();
    } finally {
      signal?.removeEventListener("abort", abort);
      clearInterval(sweeping);
      this.#meter[Symbol.dispose]();
    }
    logger.info("Register on {address} has ended", { address });
  }

  #toSweeps(time: number): number {
    return Math.ceil(time / this.#sweepInterval);
  }

  #admit(connection: LineConnection): void {
    if (this.#closing) return connection.destroy();
    if (!this.#peers.hasRoom) {
      const stranger = this.#peers.makeRoom();
      this.#complaints.full(this.#options.maxConnections, stranger);
      if (stranger === undefined) return connection.destroy();
    }
    const peer = new Peer(connection, this.#patience);
    this.#peers.add(peer, (peer) => this.#serve(peer));
  }

  /** Never rejects: whatever one peer's lines do, they end no more than its link. */
  async #serve(peer: Peer): Promise<void> {
    try {
      for await (const line of peer.connection.lines()) {
        if (!this.#take(peer, line)) break;
      }
    } catch (error) {
      this.#complaints.rebuke(peer, error, "");
    }
    this.#forget(peer);
    await peer.close();
    this.#peers.delete(peer);
  }

  #forget(peer: Peer): void {
    const gateway = this.#directory.leave(peer);
    if (gateway === undefined || this.#closing) return;
    logger.info("Gateway {address} left", { address: gateway.address });
    this.#broadcast();
  }

  /** Returns whether to go on listening to this peer. */
  #take(peer: Peer, line: string): boolean {
    try {
      return this.#dispatch(peer, line);
    } catch (error) {
      return this.#complaints.rebuke(peer, error, line);
    }
  }

  #dispatch(peer: Peer, line: string): boolean {
    const message = decodeRegisterMessage(line);
    switch (message.event) {
      case "gateway_connect":
        return this.#joinGateway(peer, message);
      case "worker_connect":
        return this.#joinWorker(peer, message);
      case "ping":
        peer.ping();
        return true;
      case "hello":
        return this.#challenge(peer, message);
      case "signed":
        return this.#takeSigned(peer, message);
      case "report":
        return this.#takeReport(peer, message.report);
      case "status":
        return this.#tellStatus(peer, message);
      case "broadcast_addresses":
      case "challenge":
      case "status_reply":
      case "welcome":
        return this.#complaints.refuse(peer, "only a Register says that");
      case "unrecognized":
        return this.#complaints.refuse(peer, message.reason, message.event);
      default:
        return message satisfies never;
    }
  }

  #joinGateway(peer: Peer, message: GatewayConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const { event: _event, secretKey: _secretKey, ...facts } = message;
    this.#directory.joinGateway(peer, { ...facts, ...this.#originOf(peer) });
    const welcome = this.#welcomeFor(peer, facts);
    if (welcome.length > 0) peer.connection.send(welcome);
    this.#broadcast();
    logger.info("Gateway {address} joined", { address: message.address });
    return true;
  }

  #joinWorker(peer: Peer, message: WorkerConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const { event: _event, secretKey: _secretKey, ...facts } = message;
    this.#directory.joinWorker(peer, { ...facts, ...this.#originOf(peer) });
    const welcome = this.#welcomeFor(peer, facts);
    // One line takes the place of another that waits: so both go as one.
    peer.connection.send(concat(welcome, this.#encodeList()));
    return true;
  }

  /** A line for nodes of our own kind, nothing for those of the original. */
  #welcomeFor(peer: Peer, { instance }: PeerFacts): Uint8Array {
    const proof = this.#admission.proofFor(peer);
    if (instance === undefined && proof === undefined) return new Uint8Array(0);
    return encodeRegisterMessage({ event: "welcome", version: VERSION, proof });
  }

  #challenge(peer: Peer, hello: Hello): boolean {
    const challenge = this.#admission.challenge(peer, hello);
    peer.connection.send(encodeRegisterMessage(challenge));
    return true;
  }

  #takeSigned(peer: Peer, signed: Signed): boolean {
    return this.#admission.prove(peer, signed)
      ? this.#dispatch(peer, signed.line)
      : this.#complaints.refuse(peer, "its secret key is not ours");
  }

  #takeReport(peer: Peer, report: Readonly<Record<string, unknown>>): boolean {
    if (!this.#directory.knows(peer)) {
      return this.#complaints.refuse(
        peer,
        "it reports before it says what it is",
      );
    }
    this.#directory.report(peer, report);
    return true;
  }

  #tellStatus(peer: Peer, query: StatusQuery): boolean {
    if (!this.#identify(peer, query)) return false;
    const status = this.clusterReport();
    const reply = encodeRegisterMessage({ event: "status_reply", status });
    peer.connection.send(concat(this.#welcomeFor(peer, {}), reply));
    return true;
  }

  #originOf(peer: Peer) {
    return {
      remoteAddress: peer.connection.remoteAddress,
      since: Date.now(),
    };
  }

  #identify(
    peer: Peer,
    message: GatewayConnect | WorkerConnect | StatusQuery,
  ): boolean {
    const refusal = this.#admission.refusalOf(peer, message.secretKey);
    if (refusal !== undefined) return this.#complaints.refuse(peer, refusal);
    this.#peers.identify(peer);
    return true;
  }

  #broadcast(): void {
    const list = this.#encodeList();
    for (const peer of this.#directory.workerLinks) peer.connection.send(list);
  }

  #encodeList(): Uint8Array {
    return encodeRegisterMessage({
      event: "broadcast_addresses",
      addresses: this.#directory.addresses(),
    });
  }
}
