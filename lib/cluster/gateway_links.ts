import { checkPhpKey } from "../peer/php_trust.ts";
import { parseAddress } from "../base/address.ts";
import { LinkClosedError, LinkFullError } from "../base/errors.ts";
import { Pace } from "../base/pace.ts";
import type { ByteStream } from "../peer/byte_stream.ts";
import { gatewayIdOf } from "../wire/bodies/client_id.ts";
import { Dialer } from "../link/dialer.ts";
import type { Introduction, Welcome } from "../link/handshake.ts";
import type { Link } from "../link/link.ts";
import type { LinkedPeer } from "../link/linked_peer.ts";
import type { LinkOwner } from "../link/link_owner.ts";
import { endsWithin, pause } from "../base/pause.ts";
import { RegisterClient } from "../roster/register_client.ts";
import {
  type OriginalOptions,
  Originals,
  resolveOriginalOptions,
} from "../original/originals.ts";
import type { Trust } from "../peer/trust.ts";
import { RateLimitedLog, roomLogger } from "../observe/logger.ts";
import { BridgeLinks } from "./bridge_links.ts";
import { KnownGateways } from "./known_gateways.ts";
import { type LinkedGateway, linkGateway } from "./linked_gateway.ts";
import type { LinkedGateways } from "./linked_gateways.ts";

const logger = roomLogger("cluster");
const limited = new RateLimitedLog();

/** How long a new link waits for the first links to other gateways, in milliseconds. */
const TOGETHER_TIMEOUT = 2_000;

/** Heartbeats without a sign of life after which a gateway is stale. */
const HEARTBEAT_LIMIT = 3;

/** How {@linkcode GatewayLinks} links to gateways. */
export interface GatewayLinksOptions {
  /** Addresses of the Registers. */
  readonly registers: readonly string[];
  /** What the caller believes and shows. */
  readonly trust: Trust;
  /** What the caller says of itself. */
  readonly introduction: Introduction;
  /** Milliseconds between two heartbeats on a link. */
  readonly linkHeartbeat: number;
  /** Milliseconds that frames may wait for others; 0 for never. */
  readonly gatherWithin: number;
  /** Bytes that may wait to leave for one gateway. */
  readonly linkBuffer: number;
  /** Which gateways and Registers are originals; none are if absent. */
  readonly original?: OriginalOptions;
  /** Where the caller itself is reached, if it is a bridge: then it links to no others. */
  readonly bridgeAddress?: string;
  /** Says how the caller is, to Registers that want to know. */
  readonly report?: () => Readonly<Record<string, unknown>>;
}

/** Who is told of the links as they come and go. */
export interface GatewayLinksWatcher {
  /** Makes the owner of a new link; a link without one takes no frames but replies. */
  readonly ownerOf?: (
    gateway: { address: string; instance: string; gatewayId: string },
    welcome: Welcome,
  ) => LinkOwner;
  /** A link is up and can be sent on. */
  readonly onUp?: (gateway: LinkedGateway) => void;
  /** A link is gone. */
  readonly onDown?: (gateway: LinkedGateway, error: Error | undefined) => void;
  /** A gateway could not be linked to; it is tried again. */
  readonly onFailed?: (address: string, error: unknown) => void;
  /** Bytes left for a bridge. */
  readonly onBridgeWritten?: () => void;
  /** A gateway has nobody of a name. */
  readonly onAbsent?: (name: string) => void;
  /** A gateway has somebody of a name; what it returns is waited for. */
  readonly onPresent?: (name: string) => Promise<unknown> | undefined;
  /** A message is about to be appended; not there unless somebody traces. */
  readonly beforeMessage?: ((link: Link) => void) | undefined;
}

/** A link to every gateway that any Register knows, kept up. */
export class GatewayLinks implements LinkedGateways, AsyncDisposable {
  readonly #options: GatewayLinksOptions;
  readonly #originals: Originals;
  readonly #register: RegisterClient;
  readonly #dialers = new Map<string, Dialer>();
  readonly #known = new KnownGateways();
  /** The bridges to other cells; none in a cluster that is no cell. */
  readonly bridges: BridgeLinks;
  readonly #byId = new Map<string, LinkedGateway>();
  #state: "new" | "started" | "closed" = "new";
  /** Sends and calls that were not taken since too much waited for their gateway. */
  refused = 0;
  #watcher: GatewayLinksWatcher = {};
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param options How to link. */
  constructor(options: GatewayLinksOptions) {
    this.#options = options;
    const original = resolveOriginalOptions(options.original ?? {});
    checkPhpKey(options.trust, original.phpSecretKey);
    const originals = new Originals(original);
    this.#originals = originals;
    const { phpRegisters, phpSecretKey } = original;
    const { name, instance } = options.introduction;
    const { bridgeAddress } = options;
    this.bridges = new BridgeLinks({
      ...options,
      onWritten: () => this.#watcher.onBridgeWritten?.(),
    });
    this.#register = new RegisterClient({
      registers: options.registers,
      trust: options.trust,
      introduction: {
        ...(bridgeAddress === undefined
          ? { event: "worker_connect" }
          : { event: "bridge_connect", address: bridgeAddress }),
        name,
        instance,
        role: bridgeAddress === undefined
          ? options.introduction.role
          : "bridge",
        pid: Deno.pid,
        ...(originals.areWanted ? { php: true } : {}),
      },
      originals: {
        addresses: phpRegisters,
        secretKey: phpSecretKey,
      },
      onAddresses: (addresses, theirs, bridges) => {
        if (bridgeAddress === undefined) this.bridges.list(bridges);
        originals.list(theirs);
        const isMeant = (address: string) =>
          !theirs.has(address) || originals.at(address) !== undefined;
        this.#onAddresses(new Set([...addresses].filter(isMeant)));
      },
      ...(options.report === undefined ? {} : { report: options.report }),
    });
  }

  /** The conversation with the Registers. */
  get register(): RegisterClient {
    return this.#register;
  }

  /** Resolves when a Register has answered. */
  get listed(): Promise<void> {
    return this.#known.firstList;
  }

  /** The addresses that the Registers say now. */
  get addresses(): ReadonlySet<string> {
    return this.#known.listed;
  }

  /** Whether any Register is joined now. */
  get hasRegister(): boolean {
    return this.#register.registers().some(({ joined }) => joined);
  }

  /** Resolves when every gateway listed now was reached or failed once. */
  attempted(): Promise<void> {
    return this.#known.attempted();
  }

  /** The gateways that are linked now. */
  all(): IterableIterator<LinkedGateway> {
    return this.#byId.values();
  }

  /** How many gateways are linked now. */
  get size(): number {
    return this.#byId.size;
  }

  /** The linked gateway whose clients' ids begin so. */
  get(gatewayId: string): LinkedGateway | undefined {
    return this.#byId.get(gatewayId);
  }

  /** Whether a Register has told where gateways are. */
  get hasList(): boolean {
    return this.#known.hasList;
  }

  /** Whether a Register has told of gateways, and each was linked to or tried. */
  get isKnown(): boolean {
    return this.#known.isComplete;
  }

  /** Whether it has begun to ask and to dial. */
  get isStarted(): boolean {
    return this.#state !== "new";
  }

  /** Whether it was disposed. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /**
   * Waits until the gateways are known, or for a while.
   *
   * @param timeout Milliseconds to wait.
   * @throws {LinkClosedError} If no Register has told of any in that time.
   */
  async known(timeout: number): Promise<void> {
    if (this.#state === "started") {
      const known = this.listed.then(() => this.attempted());
      await endsWithin(known, timeout);
    }
    if (this.hasList && !this.isClosed) return;
    throw new LinkClosedError(
      `Cannot ask the gateways: no Register at ${
        this.#options.registers.join(", ")
      } has told where they are`,
    );
  }

  /**
   * The addresses of gateways that are listed and not linked: whoever asks all
   * gateways does not hear of their clients. One that refuses connections while no
   * Register can be asked whether it is up is gone, with its clients.
   *
   * @param isMeant Says of what its clients' ids begin with whether it matters.
   */
  missing(isMeant: (gatewayId: string) => boolean): string[] {
    const linked = new Set(Array.from(this.all(), ({ address }) => address));
    const isGone = (address: string) =>
      !this.hasRegister && this.#known.isRefusing(address);
    return [...this.addresses].filter((address) =>
      this.#dialers.has(address) && !linked.has(address) &&
      !isGone(address) && isMeant(gatewayIdOf(parseAddress(address)))
    );
  }

  /** Bytes that wait to leave for all gateways. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const { link } of this.all()) bytes += link.log.pendingBytes;
    for (const { link } of this.bridges.all()) bytes += link.log.pendingBytes;
    return bytes;
  }

  /** Counts and logs that nothing more is taken for a gateway; returns the error for it. */
  refuse({ address, link }: LinkedGateway): LinkFullError {
    this.refused++;
    const bytes = link.log.pendingBytes;
    limited.once(address, (suppressed) => {
      logger.error(
        "Sent nothing to gateway {address}, which does not keep up: {bytes} bytes wait for it ({suppressed} like this before)",
        { address, bytes, suppressed },
      );
    });
    return new LinkFullError(address, bytes);
  }

  /**
   * Begins to ask and to dial; returns at once.
   *
   * @param watcher Who is told of the links.
   */
  start(watcher: GatewayLinksWatcher = {}): void {
    this.#watcher = watcher;
    this.#state = "started";
    this.#register.start();
    const pace = new Pace(this.#options.linkHeartbeat);
    this.#timer = setInterval(() => {
      if (!pace.tick()) return;
      for (const { link } of this.all()) link.heartbeat(HEARTBEAT_LIMIT);
      for (const { link } of this.bridges.all()) {
        link.heartbeat(HEARTBEAT_LIMIT);
      }
      this.bridges.sends.tick();
    }, pace.interval);
  }

  /** A gateway said that it leaves: that nobody listens there is no news. */
  expectGone(address: string): void {
    this.#dialers.get(address)?.expectGone();
  }

  /** Stops asking and dialling, and closes every link after what is queued was written. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#state = "closed";
    clearInterval(this.#timer);
    this.#known.endListing();
    await this.#register.close();
    await Promise.all([
      ...Array.from(this.#dialers.values(), (each) => each.close()),
      this.bridges.close(),
    ]);
    this.#known.endTrying();
  }

  #onAddresses(addresses: ReadonlySet<string>): void {
    this.#known.list(addresses);
    for (const address of addresses) this.#dial(address);
    this.#known.endListing();
  }

  #dial(address: string): void {
    if (this.#dialers.has(address)) return;
    const dialer = this.#newDialer(address);
    if (dialer === undefined) return;
    this.#known.add(address);
    this.#dialers.set(address, dialer);
    dialer.start();
  }

  #newDialer(address: string): Dialer | undefined {
    const { introduction, trust } = this.#options;
    const original = this.#originals.at(address);
    try {
      return new Dialer({
        address,
        introduction,
        trust,
        greet: original &&
          ((signal) => original.greet(introduction, signal)),
        open: (conn, peer, welcome) => this.#open(conn, peer, welcome),
        onFailed: (error) => this.#fail(address, error),
      });
    } catch {
      logger.warn(
        'Cannot link to gateway as its announced address is none: "{address}"',
        { address },
      );
      return undefined;
    }
  }

  #open(conn: ByteStream, peer: LinkedPeer, welcome: Welcome): Link {
    const { address, instance } = peer;
    const { gatewayId } = welcome;
    const owner = this.#watcher.ownerOf?.(
      { address, instance, gatewayId },
      welcome,
    );
    const { gatherWithin, linkBuffer } = this.#options;
    const gateway = linkGateway(conn, peer, {
      gatewayId,
      owner,
      gatherWithin,
      linkBuffer,
      onClosed: (closed, error) => this.#down(closed, error),
      onAbsent: this.#watcher.onAbsent,
      onPresent: this.#watcher.onPresent,
      beforeMessage: this.#watcher.beforeMessage,
    });
    this.#byId.set(gatewayId, gateway);
    this.#known.onReached(address);
    this.#watcher.onUp?.(gateway);
    this.#known.onTried(address);
    void this.#startTogether(gateway.link);
    return gateway.link;
  }

  /**
   * Reads nothing before every gateway listed now was tried, so that a new worker
   * does not handle one gateway's events while it cannot reach the clients of another.
   */
  async #startTogether(link: Link): Promise<void> {
    const done = new AbortController();
    const late = pause(TOGETHER_TIMEOUT, done.signal);
    await Promise.race([this.attempted(), link.closed, late]);
    done.abort();
    link.start();
  }

  #down(gateway: LinkedGateway, error: Error | undefined): void {
    if (this.#byId.get(gateway.gatewayId) === gateway) {
      this.#byId.delete(gateway.gatewayId);
    }
    this.#watcher.onDown?.(gateway, error);
  }

  #fail(address: string, error: unknown): void {
    this.#known.onFailed(address, error);
    this.#known.onTried(address);
    this.#watcher.onFailed?.(address, error);
    if (this.#known.isGone(address)) this.#forget(address);
  }

  #forget(address: string): void {
    this.#known.forget(address);
    void this.#dialers.get(address)?.close();
    this.#dialers.delete(address);
  }
}
