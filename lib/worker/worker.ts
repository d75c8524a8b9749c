import { now } from "../base/clock.ts";
import { Pace } from "../base/pace.ts";
import { becomesSo } from "../base/pause.ts";
import type { Role } from "../base/role.ts";
import { roomLogger } from "../observe/logger.ts";
import type { WorkerReport } from "../observe/report.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterCalls } from "../cluster/cluster_calls.ts";
import { GatewayLinks } from "../cluster/gateway_links.ts";
import type { LinkedGateway } from "../cluster/linked_gateway.ts";
import { encodeBody } from "../wire/body.ts";
import { Trust } from "../peer/trust.ts";
import { type Census, takeCensus } from "./census.ts";
import { LaneCloseEvent } from "./events.ts";
import type { Mark } from "./barrier.ts";
import { GatewayStream, type StreamOwner } from "./gateway_stream.ts";
import type { Handler } from "./handler.ts";
import { HandlerStart, tellStop } from "./handler_life.ts";
import type { Lane } from "./lane.ts";
import { LostGateways } from "./lost_gateways.ts";
import { findGone } from "./testament.ts";
import { Thaw } from "./thaw.ts";
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

/** The close event of a client whose gateway died. */
const GATEWAY_LOST = encodeBody({ code: 1006, reason: "gateway lost" });

/** The role that runs the user's handler. */
export class BusinessWorker implements Role {
  readonly #options: ResolvedWorkerOptions;
  readonly #trust: Trust;
  readonly #gateways: GatewayLinks;
  readonly #streams = new Map<string, GatewayStream>();
  readonly #dying = new Set<GatewayStream>();
  readonly #streamOwner: StreamOwner;
  readonly #lost: LostGateways;
  readonly #monitor: WorkerMonitor;
  readonly #finished = Promise.withResolvers<void>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #stopping: Promise<void> | undefined;
  #isLeaving = false;
  readonly #pace = new Pace(AGE_INTERVAL);
  readonly #thaw: Thaw;
  readonly #end = new AbortController();
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
  ) {
    this.#options = options;
    this.#trust = trust;
    this.#monitor = new WorkerMonitor(this, {
      options,
      gateways: () => this.#gateways,
      streams: () => this.#streams.values(),
      isStopping: () => this.#stopping !== undefined,
    });
    this.handler = this.#monitor.timed(handler);
    this.#gateways = new GatewayLinks({
      registers: options.register,
      trust,
      introduction: {
        role: "worker",
        name: options.name,
        instance: this.instance,
      },
      linkHeartbeat: options.linkHeartbeat,
      gatherWithin: options.gatherWithin,
      linkBuffer: options.linkBuffer,
      ownerOf: ({ instance, gatewayId }, { window }) => {
        const stream = new GatewayStream(gatewayId, window, this.#streamOwner);
        this.#streams.set(instance, stream);
        return stream;
      },
      onUp: (gateway) => this.#onUp(gateway),
      onDown: (gateway) => this.#onDown(gateway),
      onFailed: (address, error) => {
        this.#monitor.onFailed(address, error);
        this.#lost.onFailed(address, error);
      },
      report: () => ({ ...this.report() }),
    });
    this.cluster = new ClusterCalls(this.#gateways, options.queryTimeout);
    this.#streamOwner = this.#ownStreams();
    this.#thaw = new Thaw({
      linkHeartbeat: options.linkHeartbeat,
      lostRegisters: () => this.#gateways.register.lostLinks,
      isListWhole: async () => (await this.#takeCensus()).reports.length > 0,
      signal: this.#end.signal,
    });
    this.#lost = new LostGateways(
      (address) => this.#gateways.addresses.has(address),
      () => this.#gateways.register.isInformed,
      (stream) => this.#raiseCloses(stream),
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
    const worker = new BusinessWorker(resolved, await starting.load(), trust);
    try {
      await starting.tell(worker.handler, worker.cluster);
    } catch (error) {
      worker.#monitor[Symbol.dispose]();
      throw error;
    }
    worker.#timer = setInterval(() => worker.#age(), AGE_INTERVAL);
    worker.#gateways.start();
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
      marksBeside: (stream) => {
        const marks: Mark[] = [];
        for (const { link } of this.#gateways.all()) {
          if (link === stream.link || link.isFlushed || link.isStalled) {
            continue;
          }
          marks.push({ link, bytes: link.log.appendedBytes });
        }
        return marks;
      },
      onWritten: (stream) => {
        if (this.#streams.size === 1) return;
        for (const other of this.#streams.values()) {
          if (other !== stream) other.onOtherWritten();
        }
      },
      onHandled: () => void this.handled++,
      onTimedOut: () => void this.timedOut++,
      onThrown: () => void this.thrown++,
    };
  }

  #onUp({ instance, address, link }: LinkedGateway): void {
    const stream = this.#streams.get(instance);
    if (stream === undefined) return;
    stream.link = link;
    this.#lost.onUp(address, instance);
    this.#monitor.onUp(address);
    logger.info("Linked to gateway {address}", { address });
    if (this.#stopping !== undefined) stream.drain();
  }

  #onDown({ instance, address, link }: LinkedGateway): void {
    const stream = this.#streams.get(instance);
    if (stream?.link !== link) return;
    this.#streams.delete(instance);
    for (const other of this.#streams.values()) other.onOtherWritten();
    if (stream.hasLeft || this.#isLeaving) return;
    logger.warn("Lost gateway {address}, dialing again", { address });
    if (stream.lanes.size + stream.lanes.witnesses === 0) return;
    this.#lost.add(address, instance, stream);
  }

  #raiseCloses(stream: GatewayStream): void {
    if (this.#isLeaving) return;
    if (stream.isGivenUp) {
      return logger.info("Gateway lost for good: others close its clients");
    }
    if (this.#thaw.defers(stream)) return;
    logger.warn("Gateway lost for good: closing {clients} clients", {
      clients: stream.lanes.size,
    });
    this.#dying.add(stream);
    stream.resume();
    for (const lane of [...stream.lanes.all()]) raiseClose(lane);
    void this.#raiseInherited(stream);
  }

  /** Raises the close events of clients whose worker is gone with their gateway. */
  async #raiseInherited(stream: GatewayStream): Promise<void> {
    const gone = findGone(stream.lanes.witnessed, () => this.#takeCensus(), {
      signal: this.#end.signal,
      isLate: stream.endedUnseen,
    });
    for await (const worker of gone) {
      const lanes = stream.lanes.inherit(worker);
      logger.warn("Closing {clients} clients of a worker lost with them", {
        clients: lanes.length,
      });
      this.#dying.add(stream);
      for (const lane of lanes) raiseClose(lane);
    }
  }

  #takeCensus(): Promise<Census> {
    return takeCensus(this.#gateways.register.witnesses, this.#trust);
  }

  async #afterStandingStill(time: number): Promise<void> {
    const streams = [...this.#streams.values(), ...this.#lost.streams()];
    const dead = await this.#thaw.begin(time, streams);
    for (const stream of dead) this.#raiseCloses(stream);
  }

  #age(): void {
    const before = this.#pace.stoodStill;
    if (!this.#pace.tick()) {
      const stoodStill = this.#pace.stoodStill - before;
      return void this.#afterStandingStill(stoodStill);
    }
    this.#thaw.tick();
    this.#lost.judge();
    const { handlerTimeout } = this.#options;
    const { time } = this.#pace;
    for (const stream of this.#streams.values()) {
      stream.age();
      if (handlerTimeout === 0) continue;
      for (const lane of stream.lanes.all()) {
        lane.expire(handlerTimeout, time);
      }
    }
    for (const stream of this.#dying) {
      if (stream.lanes.size === 0) this.#dying.delete(stream);
    }
  }

  #onAbort = (): void => {
    void this.shutdown();
  };

  async #shutDown(): Promise<void> {
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    const { drainTimeout } = this.#options;
    const start = now();
    for (const stream of this.#streams.values()) stream.drain();
    await becomesSo(() => this.#isSettled(), drainTimeout, SETTLE_INTERVAL);
    this.#streamOwner.isOver = this.#isLeaving = true;
    this.#end.abort();
    const rest = start + drainTimeout - now();
    if (await tellStop(this.handler, this.cluster, rest)) this.thrown++;
    clearInterval(this.#timer);
    this.#monitor[Symbol.dispose]();
    await this.#gateways[Symbol.asyncDispose]();
    this.#finished.resolve();
  }

  #isSettled(): boolean {
    if (this.#lost.size > 0 || this.#thaw.isUnderWay) return false;
    for (const stream of this.#dying) {
      if (stream.lanes.size > 0) return false;
    }
    for (const stream of this.#streams.values()) {
      if (!stream.isSettled) return false;
    }
    return true;
  }
}

function raiseClose(lane: Lane): void {
  if (lane.isClosing) return;
  const { length } = GATEWAY_LOST;
  lane.push(new LaneCloseEvent(lane, 0, false, GATEWAY_LOST, 0, length), 0);
}
