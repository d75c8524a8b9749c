import { now } from "../base/clock.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import type { WorkerReport } from "../observe/report.ts";
import { Tracing } from "../observe/tracing.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterCalls } from "../cluster/cluster_calls.ts";
import {
  GatewayLinks,
  type GatewayLinksWatcher,
} from "../cluster/gateway_links.ts";
import type { LinkedGateway } from "../cluster/linked_gateway.ts";
import { WorkerNotices } from "../cluster/worker_notices.ts";
import { Trust } from "../peer/trust.ts";
import { traitsToTell } from "../wire/bodies/traits.ts";
import { GatewayDeaths } from "./gateway_deaths.ts";
import { isStillToArrive, type Mark, markOf } from "./barrier.ts";
import { WorkerPresence } from "./presence/worker_presence.ts";
import { GatewayStream, type StreamOwner } from "./gateway_stream.ts";
import type { Handler } from "./handler/handler.ts";
import { presenceOf } from "./handler/presence_options.ts";
import { TracedHandler } from "./handler/traced_handler.ts";
import { RequestTally } from "./events/open_requests.ts";
import { HandlerStart, tellStop } from "./handler_life.ts";
import { RefusalRelay } from "./refusal_relay.ts";
import { Notices } from "./notices.ts";
import { WorkerMonitor } from "./monitor.ts";
import {
  type BusinessWorkerOptions,
  type ResolvedWorkerOptions,
  resolveWorkerOptions,
} from "./options.ts";

const logger = roomLogger("worker");

/** How often events that still run are looked at, in milliseconds. */
const AGE_INTERVAL = 200;

/** How often a shutdown looks whether all is done, in milliseconds. */
const SETTLE_INTERVAL = 5;

/** The role that runs the user's handler. */
export class BusinessWorker implements Role {
  readonly #options: ResolvedWorkerOptions;
  readonly #trust: Trust;
  readonly #gateways: GatewayLinks;
  readonly #streams = new Map<string, GatewayStream>();
  readonly #streamOwner: StreamOwner;
  readonly #tally = new RequestTally();
  readonly #traces: TracedHandler | undefined;
  readonly #refusals = new RefusalRelay(() => this.#gateways.all());
  readonly #deaths: GatewayDeaths;
  readonly #presence: WorkerPresence | undefined;
  readonly #sent: WorkerNotices;
  readonly #notices: Notices;
  readonly #monitor: WorkerMonitor;
  readonly #finished = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #stopping: Promise<void> | undefined;
  #isLeaving = false;
  readonly #pace = new Pace(AGE_INTERVAL);
  /** Differs for every start. */
  readonly instance: string = crypto.randomUUID();
  /** The user's code. */
  readonly handler: Handler;
  /** What the handler is given. */
  readonly cluster: Cluster;
  /** Events handled since the start. */
  handled = 0;
  /** Handlers that threw since the start. */
  thrown = 0;
  /** Handlers given up since they ran for too long. */
  timedOut = 0;

  private constructor(
    options: ResolvedWorkerOptions,
    handler: Handler,
    trust: Trust,
    tracing: Tracing | undefined,
  ) {
    this.#options = options;
    this.#traces = tracing && new TracedHandler(tracing, options.name);
    this.#trust = trust;
    this.#gateways = new GatewayLinks({
      registers: options.register,
      trust,
      introduction: {
        role: "worker",
        name: options.name,
        instance: this.instance,
        ...traitsToTell(options),
      },
      linkHeartbeat: options.linkHeartbeat,
      gatherWithin: options.gatherWithin,
      linkBuffer: options.linkBuffer,
      original: options,
      report: () => ({ ...this.report() }),
    });
    const { queryTimeout } = options;
    this.#sent = new WorkerNotices(this.#gateways, queryTimeout);
    this.#notices = new Notices({
      instance: this.instance,
      handlerTimeout: options.handlerTimeout,
      handler: () => this.handler,
      cluster: () => this.cluster,
      onThrown: () => void this.thrown++,
      onTimedOut: () => void this.timedOut++,
    });
    this.#monitor = new WorkerMonitor(this, {
      options,
      gateways: this.#gateways,
      tally: this.#tally,
      notices: () => ({
        ...this.#notices.counts,
        ...this.#sent.counts,
      }),
      presence: () => this.#presence,
      streams: () => this.#streams.values(),
      isStopping: () => this.#stopping !== undefined,
    });
    this.handler = this.#monitor.timed(this.#traces?.over(handler) ?? handler);
    this.cluster = new ClusterCalls(this.#gateways, queryTimeout, this.#sent);
    this.#streamOwner = this.#ownStreams();
    const watched = options.presence ?? presenceOf(handler);
    const owner = this.#streamOwner;
    this.#presence = watched &&
      new WorkerPresence(watched, this.instance, owner);
    owner.presence = this.#presence;
    this.#deaths = new GatewayDeaths(
      this.#gateways,
      trust,
      options.linkHeartbeat,
    );
  }

  /**
   * Starts a worker: loads the handler, gives it the `start` event, then joins.
   *
   * @param options The handler, and where the cluster is.
   * @returns The worker, which goes on to link to every gateway.
   * @throws {TypeError} If the handler cannot be loaded, or an option is wrong.
   * @throws {Deno.errors.TimedOut} If the handler is not ready within `startTimeout`.
   * @throws {unknown} The signal's reason, if it is aborted before the handler is ready.
   *
   * @example
   * ```ts
   * import { BusinessWorker } from "@gatewayworker/core/worker";
   * import { assertEquals } from "@std/assert";
   *
   * await using worker = await BusinessWorker.start({
   *   handler: (event) => event.type === "message" ? event.text() : undefined,
   *   register: ["127.0.0.1:1236"],
   * });
   * assertEquals(worker.handled, 0);
   * ```
   */
  static async start(options: BusinessWorkerOptions): Promise<BusinessWorker> {
    const resolved = resolveWorkerOptions(options);
    const { signal } = resolved;
    const starting = new HandlerStart(resolved);
    const trust = await Trust.load(options);
    const tracing = await Tracing.load();
    const handler = await starting.load();
    const worker = new BusinessWorker(resolved, handler, trust, tracing);
    try {
      await starting.tell(worker.handler, worker.cluster);
    } catch (error) {
      worker.#monitor[Symbol.dispose]();
      throw error;
    }
    worker.#timer = setInterval(() => worker.#age(), AGE_INTERVAL);
    const { traces } = worker.#streamOwner;
    worker.#gateways.start({
      ...worker.#watcher,
      beforeMessage: traces && ((link) => traces.announce(link)),
    });
    signal?.addEventListener("abort", worker.#onAbort);
    if (signal?.aborted) worker.#onAbort();
    return worker;
  }

  /** Gateways that are linked. */
  get gateways(): number {
    return this.#gateways.size;
  }

  /** Clients that are bound to this worker. */
  get clients(): number {
    let count = 0;
    for (const { lanes } of this.#streams.values()) count += lanes.size;
    return count;
  }

  /** Returns how the worker is, as `status` shows it. */
  report(): WorkerReport {
    return this.#monitor.report();
  }

  /**
   * Reads secret keys and certificates again, for links that are made from now on.
   *
   * @param secretKey Replaces the option, if given.
   * @throws {TypeError} If a file cannot be used: then all stays as it was.
   * @throws {RangeError} If there are too many keys.
   */
  async renewTrust(secretKey?: string | readonly string[]): Promise<void> {
    await this.#trust.renew(secretKey);
  }

  /** Resolves when a Register has answered and every gateway it lists was tried. */
  async joined(): Promise<void> {
    await this.#gateways.listed;
    await this.#gateways.attempted();
  }

  /** Resolves when the worker has ended. */
  get finished(): Promise<void> {
    return this.#finished.promise;
  }

  /**
   * Tells every gateway to send nothing new, finishes what came, gives the handler
   * the `stop` event, then ends. Safe to call twice.
   */
  shutdown(): Promise<void> {
    this.#stopping ??= this.#shutDown();
    return this.#stopping;
  }

  /** The same as {@linkcode BusinessWorker.shutdown}. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  /** What streams need of the worker. */
  #ownStreams(): StreamOwner {
    return {
      isOver: false,
      handler: this.handler,
      cluster: this.cluster,
      tally: this.#tally,
      traces: this.#traces,
      notices: this.#notices,
      marksBeside: (stream) => {
        const marks: Mark[] = [];
        for (const { link } of this.#gateways.all()) {
          if (link === stream.link) continue;
          const mark = markOf(link, this.#isLeaving);
          if (mark !== undefined) marks.push(mark);
        }
        for (const { link } of this.#gateways.bridges.all()) {
          const mark = markOf(link, this.#isLeaving);
          if (mark !== undefined) marks.push(mark);
        }
        return marks;
      },
      onWritten: (stream) => {
        this.#presence?.onWritten();
        if (this.#streams.size === 1) return;
        for (const other of this.#streams.values()) {
          if (other !== stream) other.onOtherWritten();
        }
      },
      onRefusals: (link, body) => this.#refusals.onRefusals(link, body),
      onHandled: () => void this.handled++,
      onTimedOut: () => void this.timedOut++,
      onThrown: () => void this.thrown++,
    };
  }

  #onUp({ instance, address, link }: LinkedGateway): void {
    const stream = this.#streams.get(instance);
    if (stream === undefined) return;
    stream.link = link;
    this.#deaths.onUp(address, instance);
    this.#monitor.onUp(address);
    this.#refusals.onUp(link);
    logger.info("Linked to gateway {address}", { address });
    this.#presence?.onUp(link);
    if (this.#stopping !== undefined) stream.drain();
  }

  #onDown({ instance, address, link }: LinkedGateway): void {
    const stream = this.#streams.get(instance);
    if (stream?.link !== link) return;
    this.#streams.delete(instance);
    this.#presence?.onDown(link);
    for (const other of this.#streams.values()) other.onOtherWritten();
    if (this.#streamOwner.isOver) return;
    if (stream.hasLeft) {
      this.#gateways.expectGone(address);
      return logger.info("Gateway {address} left", { address });
    }
    logger.warn("Lost gateway {address}, dialing again", { address });
    this.#deaths.onLost({ address, instance }, stream);
  }

  /** What the links tell the worker. */
  readonly #watcher: GatewayLinksWatcher = {
    ownerOf: ({ instance, gatewayId }, { window }) => {
      const stream = new GatewayStream(gatewayId, window, this.#streamOwner);
      this.#streams.set(instance, stream);
      return stream;
    },
    onUp: (gateway) => this.#onUp(gateway),
    onDown: (gateway) => this.#onDown(gateway),
    onBridgeWritten: () => {
      for (const stream of this.#streams.values()) stream.onOtherWritten();
    },
    onFailed: (address, error) => {
      this.#monitor.onFailed(address, error);
      this.#deaths.onFailed(address, error);
    },
  };

  #age(): void {
    const before = this.#pace.stoodStill;
    if (!this.#pace.tick()) {
      const stoodStill = this.#pace.stoodStill - before;
      return void this.#deaths.afterStandingStill(
        stoodStill,
        this.#streams.values(),
      );
    }
    this.#deaths.judge();
    const { handlerTimeout } = this.#options;
    this.#presence?.tick(handlerTimeout);
    const { time } = this.#pace;
    for (const stream of this.#streams.values()) {
      stream.age();
      if (handlerTimeout === 0) continue;
      for (const lane of stream.lanes.all()) {
        lane.expire(handlerTimeout, time);
      }
    }
  }

  #onAbort = (): void => {
    void this.shutdown();
  };

  /** Waits until gateways have read what was sent to them, as far as they read at all. */
  async #overtakeNothing(): Promise<void> {
    this.#isLeaving = true;
    const links = [...this.#gateways.all()].map(({ link }) => link);
    if (links.length === 1) return;
    const marks = links.flatMap((link) => markOf(link, true) ?? []);
    const { drainTimeout } = this.#options;
    const haveArrived = () => !marks.some(isStillToArrive);
    await becomesSo(haveArrived, drainTimeout, SETTLE_INTERVAL);
  }

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const { drainTimeout } = this.#options;
    const start = now();
    await this.#overtakeNothing();
    for (const stream of this.#streams.values()) stream.drain();
    const left = start + drainTimeout - now();
    await becomesSo(() => this.#isSettled(), left, SETTLE_INTERVAL);
    this.#streamOwner.isOver = true;
    this.#notices.end();
    for (const { requests } of this.#streams.values()) requests.end();
    this.#deaths.end();
    const rest = start + drainTimeout - now();
    if (await tellStop(this.handler, this.cluster, rest)) this.thrown++;
    await this.#sent.settled(
      Math.max(0, start + drainTimeout - now()),
    );
    clearInterval(this.#timer);
    this.#monitor[Symbol.dispose]();
    this.#presence?.[Symbol.dispose]();
    await this.#gateways[Symbol.asyncDispose]();
    this.#finished.resolve();
  }

  #isSettled(): boolean {
    if (!this.#deaths.isSettled) return false;
    if (this.#presence?.isIdle === false) return false;
    if (!this.#deaths.isSettled || !this.#notices.isSettled) return false;
    for (const stream of this.#streams.values()) {
      if (!stream.isSettled) return false;
    }
    return true;
  }
}
