import { formatAddress } from "../base/address.ts";
import { messageOf, ProtocolError } from "../base/errors.ts";
import type { Role } from "../base/role.ts";
import type { LineConnection } from "../link/line_connection.ts";
import { LineListener } from "../link/line_listener.ts";
import {
  decodeRegisterMessage,
  encodeRegisterMessage,
  type GatewayConnect,
  type WorkerConnect,
} from "../link/register_message.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import {
  Directory,
  type RegisteredGateway,
  type RegisteredPeer,
} from "./directory.ts";
import {
  type RegisterOptions,
  type ResolvedRegisterOptions,
  resolveRegisterOptions,
} from "./options.ts";
import { type Patience, Peer } from "./peer.ts";
import { isSameSecretKey } from "./secret_key.ts";

const logger = roomLogger("register");

/** Longest time between two looks at who is overdue, in milliseconds. */
const MAX_SWEEP_INTERVAL = 1_000;

/** How long a peer may leave one write unread, in milliseconds. */
const WRITE_TIMEOUT = 30_000;

/** Longest part of a line that is given back to whoever sent it. */
const MAX_ECHO = 200;

const encoder = new TextEncoder();

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
  readonly #listener: LineListener;
  readonly #patience: Patience;
  readonly #sweepInterval: number;
  readonly #peers = new Map<Peer, Promise<void>>();
  readonly #directory = new Directory<Peer>();
  readonly #log = new RateLimitedLog();
  #closing = false;

  private constructor(
    options: ResolvedRegisterOptions,
    listener: LineListener,
  ) {
    const { identifyTimeout, staleTimeout } = options;
    this.#options = options;
    this.#listener = listener;
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
   * @throws {TypeError} If `listen` is not an address.
   * @throws {RangeError} If a number is out of range.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   */
  static start(options: RegisterOptions = {}): Promise<Register> {
    return Promise.try(() => {
      const resolved = resolveRegisterOptions(options);
      resolved.signal?.throwIfAborted();
      const listener = new LineListener(resolved.listen);
      return new Register(resolved, listener);
    });
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

  /**
   * Ends the Register. Nobody is told that gateways leave, for they do not.
   * Safe to call twice.
   *
   * @returns Resolves when it has ended.
   */
  shutdown(): Promise<void> {
    this.#closing = true;
    this.#listener.close();
    for (const peer of this.#peers.keys()) peer.connection.destroy();
    return this.finished;
  }

  /** The same as {@linkcode shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #run(): Promise<void> {
    const { signal } = this.#options;
    const abort = () => void this.shutdown();
    const sweeping = setInterval(() => this.#sweep(), this.#sweepInterval);
    signal?.addEventListener("abort", abort);
    const address = formatAddress(this.addr);
    logger.info("Register listens on {address}", { address });
    try {
      for await (const connection of this.#listener.accept()) {
        this.#admit(connection);
      }
      await Promise.all(this.#peers.values());
    } finally {
      signal?.removeEventListener("abort", abort);
      clearInterval(sweeping);
    }
    logger.info("Register on {address} has ended", { address });
  }

  #toSweeps(time: number): number {
    return Math.ceil(time / this.#sweepInterval);
  }

  #sweep(): void {
    for (const peer of this.#peers.keys()) peer.sweep();
  }

  #admit(connection: LineConnection): void {
    if (this.#closing) return connection.destroy();
    if (this.#peers.size >= this.#options.maxConnections) {
      connection.destroy();
      return this.#warnFull();
    }
    const peer = new Peer(connection, this.#patience);
    this.#peers.set(peer, this.#serve(peer));
  }

  #warnFull(): void {
    const { maxConnections } = this.#options;
    this.#log.once("full", (suppressed) =>
      logger.warn(
        "Closed a new peer at once: all {maxConnections} connections are in use",
        { maxConnections, suppressed },
      ));
  }

  async #serve(peer: Peer): Promise<void> {
    try {
      for await (const line of peer.connection.lines()) {
        if (!this.#take(peer, line)) break;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#rebuke(peer, error, "");
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
      if (!(error instanceof ProtocolError)) throw error;
      this.#rebuke(peer, error, line);
      return false;
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
      case "broadcast_addresses":
        return this.#refuse(peer, "only a Register broadcasts addresses");
      case "unrecognized":
        return this.#refuse(peer, message.reason);
      default:
        return message satisfies never;
    }
  }

  #joinGateway(peer: Peer, message: GatewayConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const { event: _event, secretKey: _secretKey, ...facts } = message;
    this.#directory.joinGateway(peer, { ...facts, ...this.#originOf(peer) });
    this.#broadcast();
    logger.info("Gateway {address} joined", { address: message.address });
    return true;
  }

  #joinWorker(peer: Peer, message: WorkerConnect): boolean {
    if (!this.#identify(peer, message)) return false;
    const { event: _event, secretKey: _secretKey, ...facts } = message;
    this.#directory.joinWorker(peer, { ...facts, ...this.#originOf(peer) });
    peer.connection.send(this.#encodeList());
    return true;
  }

  #originOf(peer: Peer): { remoteAddress: string; since: number } {
    return {
      remoteAddress: peer.connection.remoteAddress,
      since: Date.now(),
    };
  }

  #identify(peer: Peer, message: GatewayConnect | WorkerConnect): boolean {
    const { secretKey = "" } = message;
    if (!isSameSecretKey(secretKey, this.#options.secretKey)) {
      return this.#refuse(peer, "its secret key is not ours");
    }
    peer.identify();
    return true;
  }

  /** Closes without a word, as the protocol asks. */
  #refuse(peer: Peer, reason: string): false {
    const { remoteAddress, remoteHostname } = peer.connection;
    this.#log.once(
      `${reason} ${remoteHostname}`,
      (suppressed) =>
        logger.warn("Refused {remoteAddress}: {reason}; closed its link", {
          remoteAddress,
          reason,
          suppressed,
        }),
    );
    return false;
  }

  /** Closes with a line for whoever is puzzled at the other end. */
  #rebuke(peer: Peer, error: ProtocolError, line: string): void {
    const { remoteHostname } = peer.connection;
    const reason = messageOf(error);
    this.#refuse(peer, reason);
    const echo = line.slice(0, MAX_ECHO);
    peer.connection.send(encoder.encode(
      `Bad request for Register. ${reason} (IP:${remoteHostname}, Request:${echo})\n`,
    ));
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
