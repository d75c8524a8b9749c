import { type Address, formatAddress } from "../base/address.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import type { DrainReport, GatewayReport } from "../observe/report.ts";
import type { ConnectionRow } from "../wire/bodies/connection_list.ts";
import { gatewayIdOf } from "../wire/bodies/client_id.ts";
import { LinkListener } from "../link/link_listener.ts";
import { listenForPeers, type PeerListener } from "../peer/listen_for_peers.ts";
import { checkPhpKey } from "../peer/php_trust.ts";
import { Refusals } from "../peer/refusals.ts";
import type { EventStreams } from "../transport/events/event_streams.ts";
import type { LastingConnections } from "../transport/lasting/lasting_connections.ts";
import { RegisterClient } from "../roster/register_client.ts";
import { Trust } from "../peer/trust.ts";
import { ClientListeners } from "./clients/client_listeners.ts";
import type { UsageNews, UsageRound } from "./clients/usage.ts";
import { Heartbeat } from "./clients/heartbeat.ts";
import { LastingClients } from "./clients/lasting_clients.ts";
import type { LedgerEntry } from "./clients/ledger.ts";
import { Core } from "./core.ts";
import {
  Drains,
  type GatewayDrainOptions,
  type RebalanceOptions,
} from "./drains.ts";
import type { GatewayPeers } from "./moves/gateway_peers.ts";
import { WHY_NOT_READY } from "./why_not_ready.ts";
import { GatewayMonitor } from "./monitor.ts";
import { loadPhpPeers, type PhpPeers } from "./php/load_php_peers.ts";
import { loadTracing } from "./load_tracing.ts";
import type { Tracing } from "../observe/tracing.ts";
import {
  type GatewayOptions,
  type ResolvedGatewayOptions,
  resolveGatewayOptions,
} from "./options.ts";

/** How often workers are told of slow clients, and of those left to them, in milliseconds. */
const SWEEP_INTERVAL = 1_000;

/** How often a shutdown looks whether all is done, in milliseconds. */
const SETTLE_INTERVAL = 10;

/** What was prepared before a gateway can be. */
interface Prepared {
  readonly options: ResolvedGatewayOptions;
  readonly trust: Trust;
  /** Listens for workers already. */
  readonly listener: PeerListener;
  readonly refusals: Refusals;
  readonly listeners: ClientListeners;
  /** Serves nodes of the original, where they may come. */
  readonly Peers: typeof PhpPeers | undefined;
  /** Makes spans, where the runtime exports them. */
  readonly tracing: Tracing | undefined;
}

/** The role that holds the clients' connections, and nothing of the business. */
export class Gateway implements Role {
  readonly #options: ResolvedGatewayOptions;
  readonly #trust: Trust;
  readonly #refusals: Refusals;
  readonly #listeners: ClientListeners;
  readonly #core: Core;
  readonly #linkListener: LinkListener;
  readonly #register: RegisterClient;
  readonly #monitor: GatewayMonitor;
  readonly #lasting: LastingConnections | undefined;
  readonly #events: EventStreams | undefined;
  readonly #drains: Drains;
  readonly #peers: GatewayPeers | undefined;
  readonly #finished = Promise.withResolvers<void>();
  readonly #timers = new DisposableStack();
  #stopping: Promise<void> | undefined;
  /** Where workers reach this gateway, `host:port`. */
  readonly lanAddress: string;

  private constructor(prepared: Prepared) {
    const { options, trust, listener, refusals, listeners, Peers } = prepared;
    this.#options = options;
    this.#trust = trust;
    this.#refusals = refusals;
    this.#listeners = listeners;
    const { lanIp, name, window } = options;
    const instance = crypto.randomUUID();
    const lan = { hostname: lanIp, port: listener.addr.port };
    const gatewayId = gatewayIdOf(lan);
    this.lanAddress = formatAddress(lan);
    const core = this.#core = this.#timers.use(
      new Core(gatewayId, options, prepared.tracing),
    );
    core.watchAddresses(listeners.limit);
    this.#drains = new Drains(core, options, () => this.#hasArrivals);
    const { limit } = listeners;
    const keys = () => trust.secretKeys;
    const lasting = this.#timers.use(
      new LastingClients(options, { gatewayId, keys, limit }),
    );
    this.#lasting = lasting.sessions;
    this.#events = lasting.events;
    const introduction = { role: "gateway", name, instance } as const;
    this.#peers = this.#lasting && this.#timers.use(
      core.letMove(this.#lasting, {
        address: this.lanAddress,
        introduction,
        trust,
      }, this.#events),
    );
    const php = Peers && this.#timers.use(this.#serve(Peers, lan));
    this.#linkListener = new LinkListener(listener, {
      introduction,
      trust,
      refusals,
      welcome: () => ({ gatewayId, window }),
      open: (conn, peer) => void core.links.open(conn, peer),
      receiveOther: php && ((conn, first) => php.receive(conn, first)),
    });
    this.#register = new RegisterClient({
      registers: options.register,
      trust,
      originals: {
        addresses: options.phpRegisters,
        secretKey: options.phpSecretKey,
      },
      introduction: {
        event: "gateway_connect",
        address: this.lanAddress,
        name,
        instance,
        pid: Deno.pid,
        ...(php && { php: true }),
        ...(this.#peers && { list: true }),
      },
      onAddresses: (addresses) => {
        const others = [...addresses].filter((it) => it !== this.lanAddress);
        this.#drains.onList(others.length);
        this.#peers?.list(others);
      },
      report: () => ({ ...this.report() }),
    });
    this.#monitor = this.#timers.use(
      new GatewayMonitor(this, {
        instance,
        core,
        options: { ...options, maxConnections: listeners.maxConnections },
        register: this.#register,
        lasting: this.#lasting,
        php: php?.figures,
        isStopping: () => this.#stopping !== undefined,
      }),
    );
  }

  /**
   * Starts a gateway.
   *
   * @param options Where to listen, and its limits.
   * @returns The gateway, when clients and workers can connect.
   * @throws {Deno.errors.AddrInUse} If a port is taken.
   * @throws {TypeError} If an address is none, or strangers could link to it.
   * @throws {RangeError} If a number is out of range.
   *
   * @example A gateway on any free port
   * ```ts
   * import { Gateway } from "@gatewayworker/core/gateway";
   * import { assert } from "@std/assert";
   *
   * await using gateway = await Gateway.start({
   *   listen: ["ws://127.0.0.1:0"],
   *   startPort: 0,
   * });
   * assert(gateway.addr.port > 0);
   * ```
   */
  static async start(options: GatewayOptions = {}): Promise<Gateway> {
    const resolved = resolveGatewayOptions(options);
    const { lanListen, startPort } = resolved;
    const trust = await Trust.load(options);
    trust.checkListen("gateway's port for workers", lanListen);
    checkPhpKey(trust, resolved.phpSecretKey);
    const refusals = new Refusals(roomLogger("link"), "a link");
    const listeners = await ClientListeners.prepare(resolved);
    const listener = await listenForPeers(
      { hostname: lanListen, port: startPort },
      { trust, refusals },
    );
    const gateway = new Gateway({
      options: resolved,
      trust,
      listener,
      refusals,
      listeners,
      Peers: await loadPhpPeers(resolved),
      tracing: await loadTracing(resolved),
    });
    try {
      await gateway.#listen();
    } catch (error) {
      await gateway.shutdown();
      throw error;
    }
    resolved.signal?.addEventListener("abort", gateway.#onAbort);
    if (resolved.signal?.aborted) gateway.#onAbort();
    return gateway;
  }

  /** Where the first listener listens for clients. */
  get addr(): Deno.NetAddr {
    return this.#listeners.addrs[0] as Deno.NetAddr;
  }

  /** Where every listener listens, in the order of the options. */
  get addrs(): Deno.NetAddr[] {
    return this.#listeners.addrs;
  }

  /** Clients that are connected. */
  get clients(): number {
    return this.#core.table.size;
  }

  /** Workers that are linked. */
  get workers(): number {
    return this.#core.router.links.size;
  }

  /** Whether a Register lists it: workers find it by that. */
  get isJoined(): boolean {
    return this.#register.registers().some(({ joined }) => joined);
  }

  /** Links that were refused since the start. */
  get refusedLinks(): number {
    return this.#refusals.count;
  }

  /**
   * Reads secret keys and certificates again, those for clients among them. Links and
   * clients that are connected stay; what connects from now on is judged anew.
   *
   * @param secretKey Replaces the option, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renewTrust(secretKey?: string | readonly string[]): Promise<void> {
    const useCertificates = await this.#listeners.readCertificates();
    await this.#trust.renew(secretKey);
    useCertificates();
  }

  /** What became of all events and messages. */
  get ledger(): LedgerEntry {
    return this.#core.ledger;
  }

  /** Returns how the gateway is, as `status` shows it. */
  report(): GatewayReport {
    return this.#monitor.report();
  }

  /** Returns some of the clients, no more than `limit`. */
  connections(limit: number): ConnectionRow[] {
    return this.#core.connections(limit);
  }

  /** Takes what other gateways of a supervisor use, and tells what this one does. */
  shareUsage(round: UsageRound): UsageNews {
    return this.#core.limits.usage.exchange(round);
  }

  /** Resolves when the gateway has ended. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Says at `/readyz` of its client ports that it will stop soon, so that balancers
   * send nobody any more. Whoever comes all the same is served until the shutdown.
   */
  expectStop(): void {
    this.#core.expectStop();
  }

  /**
   * Sends all clients away, one after another, and takes no new ones until it is shut
   * down. Clients that speak `gatewayworker.v1` connect elsewhere before they let go;
   * others are closed with 1001. To be called anew for another pace.
   *
   * @param options The pace.
   * @returns Resolves when all have gone, or nobody has for 10 s.
   * @throws {RangeError} If the rate is out of range.
   */
  drain(options: GatewayDrainOptions = {}): Promise<DrainReport> {
    return this.#drains.drain(options);
  }

  /** Takes a drain back: clients are let in again and stay, unless it stops. */
  cancelDrain(options: Pick<GatewayDrainOptions, "by"> = {}): DrainReport {
    return this.#drains.cancel(options);
  }

  /**
   * Has some of the clients connect anew, so that gateways that came later get their
   * part; takes new ones as ever. Who is chosen stands far from each other in the order
   * in which they came.
   *
   * @param options How many, and the pace.
   * @returns Resolves when they have gone, or nobody has for 10 s.
   * @throws {RangeError} If the rate or the share is out of range.
   */
  rebalance(options: RebalanceOptions): Promise<DrainReport> {
    return this.#drains.rebalance(options);
  }

  /**
   * Takes no new clients, sends all away at the pace of `drainRate`, after what is
   * queued for them, lets workers handle the last events, then ends. Safe to call twice.
   */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  /** The same as {@linkcode Gateway.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #serve(Peers: typeof PhpPeers, lan: Address): PhpPeers {
    const { phpSecretKey: secretKey, maxSession } = this.#options;
    const { table, fanOut, links } = this.#core;
    return new Peers({
      secretKey,
      maxSession,
      table,
      fanOut,
      refusals: this.#refusals,
      lan,
      ports: () => this.addrs.map(({ port }) => port),
      open: (conn, peer) => links.open(conn, peer),
    });
  }

  async #listen(): Promise<void> {
    const { reusePort, pingInterval, linkHeartbeat } = this.#options;
    const { delivery, links, table } = this.#core;
    await this.#listeners.listen(reusePort, {
      accept: (_, listener) => this.#core.accept(listener),
      whyNotReady: () => WHY_NOT_READY[this.#core.state],
      keeper: this.#lasting,
      events: this.#events,
    });
    this.#lasting?.start();
    this.#every(linkHeartbeat, () => links.heartbeat());
    this.#every(SWEEP_INTERVAL, () => this.#core.sweep());
    const { pace } = delivery;
    this.#every(pace.interval, () => delivery.sweep(pace.time), pace);
    if (pingInterval > 0) {
      this.#timers.use(Heartbeat.of(() => table.all(), this.#options));
    }
    this.#register.start();
  }

  /** Judges and tells at intervals, but not just after standing still. */
  #every(interval: number, act: () => void, pace = new Pace(interval)): void {
    const timer = setInterval(() => pace.tick() && act(), interval);
    this.#timers.defer(() => clearInterval(timer));
  }

  #onAbort = (): void => {
    void this.shutdown();
  };

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#core.expectEnd();
    this.#listeners.close();
    const left = await this.#drains.finish();
    await this.#register.close();
    this.#core.dismissClients();
    // Until all clients are gone and their close events handled, bounded.
    await becomesSo(() => this.#core.isSettled, left, SETTLE_INTERVAL);
    this.#core.destroyClients();
    // First, so that no worker joins that nobody tells.
    await this.#linkListener[Symbol.asyncDispose]();
    await this.#core.links.leave();
    this.#timers.dispose();
    await this.#listeners[Symbol.asyncDispose]();
    this.#finished.resolve();
  }

  /** Whether somebody has connected who is no client yet. */
  get #hasArrivals(): boolean {
    const { away = 0 } = this.#lasting?.figures ?? {};
    const { limit, isAccepting } = this.#listeners;
    return isAccepting || limit.connections > this.clients - away;
  }
}
