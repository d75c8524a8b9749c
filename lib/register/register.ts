import { formatAddress } from "../base/address.ts";
import type { Role } from "../base/role.ts";
import type { LineConnection } from "../roster/line_connection.ts";
import type { PeerListener } from "../peer/peer_listener.ts";
import { LineListener } from "../roster/line_listener.ts";
import { listenForPeers } from "../peer/listen_for_peers.ts";
import { Refusals } from "../peer/refusals.ts";
import { decodeRegisterMessage } from "../roster/register_decoder.ts";
import {
  type BridgeConnect,
  encodeRegisterMessage,
  type GatewayConnect,
  type Hello,
  type PeerFacts,
  type Ping,
  type Signed,
  type StatusQuery,
  type WorkerConnect,
} from "../roster/register_message.ts";
import { checkPhpKey } from "../peer/php_trust.ts";
import { Trust } from "../peer/trust.ts";
import { roomLogger } from "../observe/logger.ts";
import type { ClusterReport, RegisterReport } from "../observe/report.ts";
import { VERSION } from "../base/version.ts";
import { AddressLists } from "./address_lists.ts";
import { Admission } from "./admission.ts";
import { Complaints } from "./complaints.ts";
import { Conflicts } from "./conflicts.ts";
import { Directory } from "./directory.ts";
import { JOINED, LEFT } from "./log_lines.ts";
import { RegisterMonitor } from "./monitor.ts";
import {
  type RegisterOptions,
  type ResolvedRegisterOptions,
  resolveRegisterOptions,
} from "./options.ts";
import { Peer } from "./peer.ts";
import { Peers } from "./peers.ts";
import type { RegisterStatus } from "./status.ts";
import { Sweeps } from "./sweeps.ts";

const logger = roomLogger("register");

/** How often nodes are asked to ping, in milliseconds. */
const HEARTBEAT = 5_000;

const UNKNOWN = "it reports before it says what it is";
const PONG = encodeRegisterMessage({ event: "pong" });

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
  readonly #sweeps: Sweeps;
  readonly #peers: Peers;
  readonly #directory = new Directory<Peer>();
  readonly #conflicts = new Conflicts(this.#directory, logger);
  readonly #complaints: Complaints;
  readonly #monitor: RegisterMonitor;
  #closing = false;

  private constructor(
    { options, trust, listener, refusals }: {
      readonly options: ResolvedRegisterOptions;
      readonly trust: Trust;
      readonly listener: PeerListener;
      readonly refusals: Refusals;
    },
  ) {
    this.#options = options;
    this.#peers = new Peers(options.maxConnections);
    this.#trust = trust;
    this.#refusals = refusals;
    this.#complaints = new Complaints(logger, refusals);
    this.#admission = new Admission(trust, options);
    this.#listener = new LineListener(listener);
    this.#sweeps = new Sweeps(options);
    this.#monitor = new RegisterMonitor({
      directory: this.#directory,
      address: () => formatAddress(this.addr),
      connections: () => this.#peers.size,
      isClosing: () => this.#closing,
    });
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
    checkPhpKey(trust, resolved.phpSecretKey);
    const refusals = new Refusals(logger, "a peer");
    const listener = await listenForPeers(listen, { trust, refusals });
    return new Register({ options: resolved, trust, listener, refusals });
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
    return this.#monitor.report();
  }

  /** Returns how everybody is, as they told the Register. */
  clusterReport(): ClusterReport {
    return this.#monitor.clusterReport();
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
    const sweeping = setInterval(() => {
      this.#peers.sweep();
      this.#conflicts.look();
    }, this.#sweeps.interval);
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
      this.#monitor[Symbol.dispose]();
    }
    logger.info("Register on {address} has ended", { address });
  }

  #admit(connection: LineConnection): void {
    if (this.#closing) return connection.destroy();
    if (!this.#peers.hasRoom) {
      const stranger = this.#peers.makeRoom();
      this.#complaints.full(this.#options.maxConnections, stranger);
      if (stranger === undefined) return connection.destroy();
    }
    const peer = new Peer(connection, this.#sweeps.patience);
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
    const { role, address } = gateway;
    logger.info(role === "bridge" ? LEFT.bridge : LEFT.gateway, { address });
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
      case "bridge_connect":
      case "gateway_connect":
        return this.#joinListener(peer, message);
      case "worker_connect":
        return this.#joinWorker(peer, message);
      case "ping":
        return this.#hearPing(peer, message);
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
      case "conflict":
      case "pong":
      case "status_reply":
      case "welcome":
        return this.#complaints.refuse(peer, "only a Register says that");
      case "unrecognized":
        return this.#complaints.refuse(peer, message.reason, message.event);
      default:
        return message satisfies never;
    }
  }

  #joinListener(peer: Peer, message: GatewayConnect | BridgeConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const { event, address } = message;
    const facts = this.#factsOf(peer, message);
    const node = { ...facts, address, ...this.#originOf(peer) };
    if (event === "gateway_connect") this.#directory.joinGateway(peer, node);
    else this.#directory.joinBridge(peer, node);
    this.#welcome(peer, facts);
    this.#broadcast();
    logger.info(JOINED[event], { address });
    return true;
  }

  #joinWorker(peer: Peer, message: WorkerConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const facts = this.#factsOf(peer, message);
    this.#directory.joinWorker(peer, { ...facts, ...this.#originOf(peer) });
    this.#welcome(peer, facts);
    this.#tellAddresses([peer]);
    return true;
  }

  /** What a node says of itself; of one that showed the key of the original, nothing. */
  #factsOf(
    peer: Peer,
    { event: _event, secretKey: _secretKey, ...facts }:
      | GatewayConnect
      | BridgeConnect
      | WorkerConnect,
  ): PeerFacts {
    return this.#admission.isOriginal(peer) ? {} : facts;
  }

  /** Says a line to nodes of our own kind, nothing to those of the original. */
  #welcome(peer: Peer, { instance }: PeerFacts): void {
    const proof = this.#admission.proofFor(peer);
    if (instance === undefined && proof === undefined) return;
    const welcome = encodeRegisterMessage({
      event: "welcome",
      version: VERSION,
      proof,
      heartbeat: HEARTBEAT,
    });
    peer.connection.send(welcome, "welcome");
  }

  #hearPing(peer: Peer, { every }: Ping): true {
    peer.ping(this.#sweeps.afterPing(every));
    this.#directory.hear(peer);
    // What is on its way shows as well that the Register is there.
    if (every !== undefined && peer.connection.writeInFlight === 0) {
      peer.connection.send(PONG, "pong");
    }
    return true;
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
      return this.#complaints.refuse(peer, UNKNOWN);
    }
    this.#directory.report(peer, report);
    return true;
  }

  #tellStatus(peer: Peer, query: StatusQuery): boolean {
    if (!this.#identify(peer, query)) return false;
    if (this.#admission.isOriginal(peer)) {
      return this.#complaints.refuse(peer, "its key is not for that");
    }
    const status = this.clusterReport();
    const reply = encodeRegisterMessage({ event: "status_reply", status });
    this.#welcome(peer, {});
    peer.connection.send(reply);
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
    message: GatewayConnect | BridgeConnect | WorkerConnect | StatusQuery,
  ): boolean {
    const refusal = this.#admission.refusalOf(peer, message.secretKey);
    if (refusal !== undefined) return this.#complaints.refuse(peer, refusal);
    this.#peers.identify(peer);
    return true;
  }

  #broadcast(): void {
    this.#tellAddresses(this.#directory.listedTo());
  }

  /** Tells each of some peers what it can dial. */
  #tellAddresses(peers: Iterable<Peer>): void {
    const lists = new AddressLists(this.#directory.addresses());
    for (const peer of peers) {
      const told = this.#directory.peer(peer);
      if (told !== undefined) peer.connection.send(lists.lineFor(told));
    }
  }
}
