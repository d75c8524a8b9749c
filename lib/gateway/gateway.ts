import { formatAddress } from "../base/address.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import type { GatewayReport } from "../observe/report.ts";
import { formatClientId, gatewayIdOf } from "../wire/bodies/client_id.ts";
import { Command } from "../wire/command.ts";
import type { ConnectionRow } from "../wire/bodies/connection_list.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { LinkListener } from "../link/link_listener.ts";
import type { Peer } from "../link/link.ts";
import { listenForPeers, type PeerListener } from "../peer/listen_for_peers.ts";
import { Refusals } from "../peer/refusals.ts";
import { RegisterClient } from "../roster/register_client.ts";
import { Trust } from "../peer/trust.ts";
import { CLOSE_GOING_AWAY } from "../transport/connection.ts";
import { Client, type EventTaker } from "./clients/client.ts";
import { ClientListeners } from "./clients/client_listeners.ts";
import { ClientTable } from "./clients/client_table.ts";
import { connectionRows } from "./clients/connection_rows.ts";
import { Delivery } from "./delivery/delivery.ts";
import { Dispatcher } from "./commands/dispatcher.ts";
import { Doorkeeper } from "./clients/doorkeeper.ts";
import { FanOut } from "./commands/fan_out.ts";
import { Heartbeat } from "./clients/heartbeat.ts";
import { Interest } from "./clients/interest.ts";
import { Ledger, type LedgerEntry } from "./clients/ledger.ts";
import { GatewayMonitor } from "./monitor.ts";
import {
  type GatewayOptions,
  type ResolvedGatewayOptions,
  resolveGatewayOptions,
} from "./options.ts";
import { Router } from "./delivery/router.ts";
import { SessionStore } from "./clients/session_store.ts";
import { SlowClients } from "./clients/slow_clients.ts";
import { Witnesses } from "./delivery/witnesses.ts";
import { WorkerLink, type WorkerLinkOwner } from "./delivery/worker_link.ts";

const logger = roomLogger("gateway");

/** Link heartbeats without a sign of life after which a worker is stale. */
const LINK_HEARTBEAT_LIMIT = 3;

/** How often workers are told of clients that dropped messages, in milliseconds. */
const SLOW_INTERVAL = 1_000;

/** How often a shutdown looks whether all is done, in milliseconds. */
const SETTLE_INTERVAL = 10;

/** The role that holds the clients' connections, and nothing of the business. */
export class Gateway implements Role {
  readonly #options: ResolvedGatewayOptions;
  readonly #listeners: ClientListeners;
  readonly #doorkeeper: Doorkeeper | undefined;
  readonly #table = new ClientTable();
  readonly #router = new Router();
  readonly #ledger = new Ledger();
  readonly #slow = new SlowClients(this.#ledger);
  readonly #interest = new Interest();
  readonly #witnesses = new Witnesses(this.#table, this.#router);
  readonly #delivery: Delivery;
  readonly #dispatcher: Dispatcher;
  readonly #links = new Set<WorkerLink>();
  readonly #trust: Trust;
  readonly #refusals: Refusals;
  readonly #linkListener: LinkListener;
  readonly #register: RegisterClient;
  readonly #monitor: GatewayMonitor;
  readonly #instance = crypto.randomUUID();
  readonly #gatewayId: string;
  readonly #finished = Promise.withResolvers<void>();
  readonly #timers = new DisposableStack();
  #stopping: Promise<void> | undefined;
  /** Where workers reach this gateway, `host:port`. */
  readonly lanAddress: string;

  private constructor(
    options: ResolvedGatewayOptions,
    trust: Trust,
    listener: PeerListener,
    refusals: Refusals,
    listeners: ClientListeners,
  ) {
    this.#options = options;
    this.#listeners = listeners;
    this.#doorkeeper = Doorkeeper.of(options, this.#interest);
    this.#trust = trust;
    this.#refusals = refusals;
    const { lanIp, name } = options;
    this.#delivery = new Delivery(
      this.#table,
      this.#router,
      this.#ledger,
      options,
      (client) => formatClientId(this.#gatewayId, client.connectionId),
    );
    this.#dispatcher = this.#timers.use(
      new Dispatcher(
        this.#table,
        new FanOut(this.#ledger, this.#slow),
        new SessionStore(options.maxSession),
        this.#interest,
      ),
    );
    this.#table.onNamed = (name) => void this.#interest.present(name);
    this.#table.onDismissed = (client) => this.#witnesses.dismiss(client);
    this.#linkListener = new LinkListener(listener, {
      introduction: { role: "gateway", name, instance: this.#instance },
      trust,
      refusals,
      welcome: () => this.#welcome,
      open: (conn, peer) => this.#openLink(conn, peer),
    });
    const { port } = this.#linkListener.addr;
    this.#gatewayId = gatewayIdOf({ hostname: lanIp, port });
    this.lanAddress = formatAddress({ hostname: lanIp, port });
    this.#register = new RegisterClient({
      registers: options.register,
      trust,
      introduction: {
        event: "gateway_connect",
        address: this.lanAddress,
        name,
        instance: this.#instance,
        pid: Deno.pid,
      },
      report: () => ({ ...this.report() }),
    });
    this.#monitor = this.#timers.use(
      new GatewayMonitor(this, {
        instance: this.#instance,
        gatewayId: this.#gatewayId,
        options: { ...options, maxConnections: listeners.maxConnections },
        table: this.#table,
        router: this.#router,
        register: this.#register,
        delivery: this.#delivery,
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
    const refusals = new Refusals(roomLogger("link"), "a link");
    const listeners = await ClientListeners.prepare(resolved);
    const listener = await listenForPeers(
      { hostname: lanListen, port: startPort },
      { trust, refusals },
    );
    const gateway = new Gateway(
      resolved,
      trust,
      listener,
      refusals,
      listeners,
    );
    try {
      gateway.#listen();
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
    return this.#table.size;
  }

  /** Workers that are linked. */
  get workers(): number {
    return this.#router.links.size;
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
    let inFlight = 0;
    for (const link of this.#links) inFlight += link.inFlight;
    return this.#ledger.entry(inFlight);
  }

  /** Returns how the gateway is, as `status` shows it. */
  report(): GatewayReport {
    return this.#monitor.report();
  }

  /** Returns some of the clients, no more than `limit`. */
  connections(limit: number): ConnectionRow[] {
    return connectionRows(this.#table.all(), this.#gatewayId, limit);
  }

  /** Resolves when the gateway has ended. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Takes no new clients, closes all with 1001 after what is queued for them, lets
   * workers handle the last events, then ends. Safe to call twice.
   */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  /** The same as {@linkcode Gateway.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #listen(): void {
    const { reusePort, pingInterval, linkHeartbeat } = this.#options;
    this.#listeners.listen(
      reusePort,
      (_, listener) => new Client(this.#table.nextId(), listener, this.#taker),
    );
    this.#every(linkHeartbeat, () => {
      for (const { link } of this.#links) link.heartbeat(LINK_HEARTBEAT_LIMIT);
    });
    this.#every(SLOW_INTERVAL, () => {
      this.#slow.sweep();
      this.#witnesses.sweep();
    });
    const { pace } = this.#delivery;
    this.#every(pace.interval, () => this.#delivery.sweep(pace.time), pace);
    if (pingInterval > 0) {
      this.#timers.use(Heartbeat.of(() => this.#table.all(), this.#options));
    }
    this.#register.start();
  }

  /** Judges and tells at intervals, but not just after standing still. */
  #every(interval: number, act: () => void, pace = new Pace(interval)): void {
    const timer = setInterval(() => pace.tick() && act(), interval);
    this.#timers.defer(() => clearInterval(timer));
  }

  readonly #taker: EventTaker = {
    takeMessage: (client, flags, buffer, start, end) =>
      this.#delivery.takeMessage(client, flags, buffer, start, end),
    takeEvent: (client, command, payload) =>
      this.#delivery.takeEvent(client, command, payload),
    authorize: (client, request, remoteAddress) =>
      this.#doorkeeper?.decide(client, request, remoteAddress),
    onClientOpen: (client) => {
      this.#table.add(client);
      this.#doorkeeper?.settle(client, this.#table);
      if (this.#stopping) client.connection?.close(CLOSE_GOING_AWAY);
    },
    onClientLeaving: (client, answered) =>
      this.#delivery.seeOff(client, answered),
    onClientClosed: (client) => this.#table.depart(client),
  };

  get #welcome() {
    return { gatewayId: this.#gatewayId, window: this.#options.window };
  }

  #openLink(conn: ByteStream, peer: Peer): void {
    const link = new WorkerLink(
      conn,
      peer,
      this.#welcome,
      this.#linkOwner,
      this.#options.gatherWithin,
    );
    this.#links.add(link);
    link.link.start();
    if (peer.role !== "worker") return;
    this.#router.add(link);
    logger.info("Worker {name} joined from {address}", {
      name: peer.name,
      address: peer.address,
    });
    this.#delivery.onWorker();
  }

  readonly #linkOwner: WorkerLinkOwner = {
    onCommand: (link, header, buffer, start, end) =>
      this.#dispatcher.onCommand(link, header, buffer, start, end),
    onProgress: (link, n, free) => this.#delivery.onProgress(link, n, free),
    onKept: (cost) => this.#delivery.backlog.kept += cost,
    onDraining: (link) => {
      logger.info("Worker {name} is draining", { name: link.link.peer.name });
      this.#delivery.onDraining(link);
    },
    onDeferred: (link, id, last) => this.#delivery.onDeferred(link, id, last),
    onReleased: (link, kept, n) => this.#delivery.onReleased(link, kept, n),
    onClosed: (link, error) => this.#closeLink(link, error),
  };

  #closeLink(link: WorkerLink, error: Error | undefined): void {
    this.#links.delete(link);
    this.#interest.forget(link);
    if (link.link.peer.role !== "worker") return;
    this.#router.remove(link);
    const { name, address } = link.link.peer;
    const unacknowledged = link.inFlight;
    const isProper = link.isDraining || this.#stopping !== undefined;
    if (isProper && unacknowledged === 0) {
      logger.info("Worker {name} left", { name, address });
    } else {
      logger.warn(
        "Lost worker {name} at {address} ({reason}): {unacknowledged} events go to other workers",
        { name, address, reason: error?.message ?? "closed", unacknowledged },
      );
    }
    this.#delivery.onLost(link);
  }

  #onAbort = (): void => {
    void this.shutdown();
  };

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#listeners.close();
    await this.#register.close();
    for (const client of this.#table.all()) {
      client.connection?.close(CLOSE_GOING_AWAY);
    }
    await this.#settle();
    // First, so that no worker joins that nobody tells.
    await this.#linkListener[Symbol.asyncDispose]();
    for (const { link } of this.#links) link.send(Command.Leave, 0, 0);
    await Promise.all([...this.#links].map(({ link }) => link.close()));
    this.#timers.dispose();
    await this.#listeners[Symbol.asyncDispose]();
    this.#finished.resolve();
  }

  /** Waits until all clients are gone and their close events handled, bounded. */
  async #settle(): Promise<void> {
    const isSettled = () =>
      this.#table.size === 0 &&
      (this.#router.links.size === 0 || this.#table.departed === 0);
    const { stopTimeout } = this.#options;
    if (await becomesSo(isSettled, stopTimeout, SETTLE_INTERVAL)) return;
    for (const client of this.#table.all()) client.connection?.destroy();
  }
}
