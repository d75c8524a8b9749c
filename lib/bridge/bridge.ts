import {
  type Address,
  formatAddress,
  isLoopback,
  parseAddress,
} from "../base/address.ts";
import { parseNatsUrl } from "../nats/nats_options.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import type { Role } from "../base/role.ts";
import { GatewayLinks } from "../cluster/gateway_links.ts";
import { LinkListener } from "../link/link_listener.ts";
import { NatsLine } from "../nats/nats_line.ts";
import { roomLogger } from "../observe/logger.ts";
import type { BridgeReport } from "../observe/report.ts";
import { listenForPeers } from "../peer/listen_for_peers.ts";
import type { PeerListener } from "../peer/peer_listener.ts";
import { Refusals } from "../peer/refusals.ts";
import { Trust } from "../peer/trust.ts";
import { gatewayIdOf } from "../wire/bodies/client_id.ts";
import { Callers } from "./home/callers.ts";
import { bridgeOwner, Home } from "./home/home.ts";
import { BridgeMonitor } from "./monitor.ts";
import {
  type BridgeOptions,
  type CellKeys,
  readCellKeys,
  resolveBridgeOptions,
  type ResolvedBridgeOptions,
} from "./options.ts";
import { Switch } from "./switch.ts";

const logger = roomLogger("bridge");

/** How often it is looked what is due, in milliseconds. */
const TICK = 100;

/** Most milliseconds that a stop waits for what was sent to be acknowledged. */
const SETTLE_TIMEOUT = 2_000;

/** The same for a Register, gateways and NATS at the start. */
const READY_TIMEOUT = 10_000;

/** Most milliseconds that NATS may take for the last that is said. */
const FLUSH_TIMEOUT = 1_000;

/** How often that is looked at, in milliseconds. */
const LOOK_INTERVAL = 10;

/** What was prepared before a bridge can be. */
interface Prepared {
  readonly options: ResolvedBridgeOptions;
  readonly given: BridgeOptions;
  readonly trust: Trust;
  readonly keys: CellKeys;
  readonly listener: PeerListener;
  readonly refusals: Refusals;
  readonly nats: NatsLine;
}

/**
 * The role that joins a cluster, a cell, with others by way of NATS. To the workers of
 * its cell it is like a gateway, to the gateways like a program. Two of them run in each
 * cell: for each shard one is active, and the other one stands by.
 */
export class Bridge implements Role {
  readonly #options: ResolvedBridgeOptions;
  readonly #given: BridgeOptions;
  readonly #trust: Trust;
  readonly #gateways: GatewayLinks;
  readonly #callers: Callers;
  readonly #listener: LinkListener;
  readonly #nats: NatsLine;
  readonly #switch: Switch;
  readonly #monitor: BridgeMonitor;
  readonly #timers = new DisposableStack();
  readonly #finished = Promise.withResolvers<void>();
  #stopping: Promise<void> | undefined;
  /** Where workers reach it, `host:port`. */
  readonly lanAddress: string;

  private constructor(
    { options, given, trust, keys, listener, refusals, nats }: Prepared,
  ) {
    this.#options = options;
    this.#given = given;
    this.#trust = trust;
    const { name, cell, cluster, gatherWithin, linkHeartbeat, linkBuffer } =
      options;
    const instance = crypto.randomUUID();
    const lan: Address = { hostname: options.lanIp, port: listener.addr.port };
    this.lanAddress = formatAddress(lan);
    this.#gateways = new GatewayLinks({
      registers: options.register,
      trust,
      introduction: { role: "client", name, instance },
      bridgeAddress: this.lanAddress,
      linkHeartbeat,
      gatherWithin,
      linkBuffer,
      report: () => ({ ...this.report() }),
    });
    this.#nats = nats;
    const home = new Home(this.#gateways);
    const swap = this.#switch = new Switch({
      options,
      keys,
      instance,
      nats,
      home,
      onChange: () => this.#callers.tell(),
    });
    this.#callers = new Callers({
      shards: options.cellShards,
      gatherWithin,
      active: () => swap.active,
      onCommand: (caller, shard, what) => swap.cross(caller, shard, what),
      onDrop: (caller, shard, number) => swap.drop(caller, shard, number),
      onGone: (caller) => swap.forgetCaller(caller),
    });
    const welcome = { gatewayId: gatewayIdOf(lan), window: 0 };
    this.#listener = new LinkListener(listener, {
      introduction: { role: "gateway", name, instance },
      trust,
      refusals,
      welcome: () => welcome,
      open: (conn, peer) => this.#callers.open(conn, peer),
    });
    this.#monitor = this.#timers.use(
      new BridgeMonitor({
        options: { name, cell, cluster },
        instance,
        address: this.lanAddress,
        nats,
        gateways: this.#gateways,
        callers: this.#callers,
        swap,
        isStopping: () => this.#stopping !== undefined,
      }),
    );
  }

  /**
   * Starts a bridge. NATS need not be there yet: it is waited for in the background.
   *
   * @param options Its cell, NATS, and where the cell is.
   * @returns The bridge, when workers can link to it.
   * @throws {Deno.errors.AddrInUse} If the port is taken.
   * @throws {TypeError} If an option is wrong, or strangers could link to it.
   * @throws {RangeError} If a number is out of range.
   */
  static async start(options: BridgeOptions): Promise<Bridge> {
    const resolved = resolveBridgeOptions(options);
    const { lanListen: hostname, bridgePort: port, signal } = resolved;
    const trust = await Trust.load(options);
    trust.checkListen("bridge's port for workers", hostname);
    const keys = await readCellKeys(options);
    checkKeys(keys, options);
    const refusals = new Refusals(roomLogger("link"), "a link");
    const listener = await listenForPeers(
      { hostname, port },
      { trust, refusals },
    );
    const bridge: Bridge = new Bridge({
      options: resolved,
      given: options,
      trust,
      keys,
      listener,
      refusals,
      nats: await NatsLine.open({
        ...options,
        name: `${resolved.name} of cell ${resolved.cell}`,
        onChange: () => bridge.#switch.onConnection(),
      }),
    });
    bridge.#begin();
    signal?.addEventListener("abort", bridge.#onAbort);
    if (signal?.aborted) bridge.#onAbort();
    return bridge;
  }

  /** Whether a Register lists it, and NATS carries what it says to itself. */
  get isReady(): boolean {
    return this.#monitor.state === "ready";
  }

  /**
   * Resolves when it is ready: a Register lists it, gateways are linked or there are
   * none, it is heard on NATS, and for each shard a bridge of its cell is active.
   *
   * @param timeout Milliseconds to wait.
   * @returns Whether it is.
   */
  async ready(timeout: number = READY_TIMEOUT): Promise<boolean> {
    const isReady = () => this.isReady && this.#switch.isServed;
    return await becomesSo(isReady, timeout, LOOK_INTERVAL);
  }

  /** Returns how the bridge is, as `status` shows it. */
  report(): BridgeReport {
    return this.#monitor.report();
  }

  /**
   * Reads secret keys, the keys of cells and certificates again: for links that are made
   * and for messages that come from now on.
   *
   * @param secretKey Replaces the option, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renewTrust(secretKey?: string | readonly string[]): Promise<void> {
    const keys = await readCellKeys(this.#given);
    await this.#trust.renew(secretKey);
    this.#switch.keys = keys;
  }

  /** Resolves when the bridge has ended. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /** Hands its shards to the other bridge of its cell, then ends. Safe to call twice. */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  /** The same as {@linkcode Bridge.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  #begin(): void {
    this.#gateways.start({
      ownerOf: () => bridgeOwner(() => this.#switch.onWritten()),
      onUp: ({ address }) => {
        logger.info("Linked to gateway {address}", { address });
        this.#switch.forgetHome();
      },
      onDown: ({ address }) => {
        logger.info("Lost gateway {address}, dialing again", { address });
        this.#switch.forgetHome();
      },
      onAbsent: (name) => this.#switch.absent(name),
      onPresent: (name) => this.#switch.present(name),
    });
    this.#switch.begin();
    this.#every(TICK, (isJudging) => this.#switch.tick(isJudging));
    this.#every(this.#options.linkHeartbeat, (isJudging) => {
      if (isJudging) this.#callers.heartbeat();
    });
  }

  #every(interval: number, act: (isJudging: boolean) => void): void {
    const pace = new Pace(interval);
    const timer = setInterval(() => act(pace.tick()), interval);
    this.#timers.defer(() => clearInterval(timer));
  }

  #onAbort = (): void => {
    void this.shutdown();
  };

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#switch.leave();
    await becomesSo(
      () => this.#switch.isSettled,
      SETTLE_TIMEOUT,
      LOOK_INTERVAL,
    );
    this.#switch.end();
    await this.#nats.flush(FLUSH_TIMEOUT);
    await this.#listener[Symbol.asyncDispose]();
    await this.#callers.close();
    await this.#gateways[Symbol.asyncDispose]();
    this.#timers.dispose();
    await this.#nats[Symbol.asyncDispose]();
    this.#finished.resolve();
  }
}

/** Refuses to speak without a key where strangers may publish. */
function checkKeys(
  { cell }: CellKeys,
  { nats, insecure = false }: BridgeOptions,
): void {
  const isLocal = [nats].flat().map(parseNatsUrl)
    .every(({ address }) => isLoopback(parseAddress(address).hostname));
  if (cell[0] !== "" || isLocal || insecure) return;
  throw new TypeError(
    "Cannot start bridge as whoever may publish on NATS could speak for a cell and there is no cell key: give one (--cell-key-file), the same in all cells, or say with --insecure that it is so",
  );
}
