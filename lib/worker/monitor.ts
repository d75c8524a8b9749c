import { isPromise } from "../base/is_promise.ts";
import { now } from "../base/clock.ts";
import type { GatewayLinks } from "../cluster/gateway_links.ts";
import { messageOf } from "../base/errors.ts";
import { registerProblem } from "../roster/register_problem.ts";
import { LatencyMeter } from "../observe/latency_meter.ts";
import { PerSecond } from "../observe/per_second.ts";
import { ProcessMeter } from "../observe/process_meter.ts";
import { recentEvents } from "../observe/recent_events.ts";
import {
  type LinkReport,
  MAX_LINKS,
  type WorkerReport,
} from "../observe/report.ts";
import type { NoticeFigures } from "../observe/notice_figures.ts";
import { SelfCheck } from "../observe/self_check.ts";
import { traitsToTell } from "../wire/bodies/traits.ts";
import type { GatewayStream } from "./gateway_stream.ts";
import type { Handler } from "./handler/handler.ts";
import type { RequestTally } from "./events/open_requests.ts";
import type { ResolvedWorkerOptions } from "./options.ts";
import type { WorkerPresence } from "./presence/worker_presence.ts";

/** Handlers timed in a second at most, roughly: looking at a clock has a price. */
const MAX_TIMED = 2_000;

/** What a monitor reads from its worker. */
export interface MonitoredWorker {
  /** Differs for every start. */
  readonly instance: string;
  /** Clients that are bound to it. */
  readonly clients: number;
  /** Events handled since the start. */
  readonly handled: number;
  /** Handlers that threw since the start. */
  readonly thrown: number;
  /** Handlers given up since the start. */
  readonly timedOut: number;
}

/** What a worker shows to nobody but its monitor. */
export interface WorkerInside {
  /** What it was told. */
  readonly options: ResolvedWorkerOptions;
  /** Its links. */
  readonly gateways: GatewayLinks;
  /** What became of requests. */
  readonly tally: RequestTally;
  /** What became of what workers say to each other. */
  notices(): NoticeFigures;
  /** What becomes of what it watches; `undefined` if that is nothing. */
  presence(): WorkerPresence | undefined;
  /** What comes from each gateway. */
  streams(): Iterable<GatewayStream>;
  /** Whether it was told to stop. */
  isStopping(): boolean;
}

/** Knows how a worker is: its figures, and whether it lacks anybody. */
export class WorkerMonitor implements Disposable {
  readonly #worker: MonitoredWorker;
  readonly #inside: WorkerInside;
  readonly #in = new PerSecond();
  readonly #latency = new LatencyMeter();
  readonly #failures = new Map<string, string>();
  readonly #meter = new ProcessMeter((seconds) => this.#tick(seconds));
  readonly #check = new SelfCheck("worker", () => this.#problem());
  #calls = 0;
  #timeEvery = 1;

  /** Begins to measure. */
  constructor(worker: MonitoredWorker, inside: WorkerInside) {
    this.#worker = worker;
    this.#inside = inside;
  }

  /**
   * Hot: makes a handler that also tells how long it takes, each time if it is
   * called seldom, now and then if it is called often.
   */
  timed(handler: Handler): Handler {
    return (event, cluster) => {
      if (++this.#calls % this.#timeEvery !== 0) return handler(event, cluster);
      return this.#time(() => handler(event, cluster));
    };
  }

  /** Notes that a gateway could not be linked to. */
  onFailed(address: string, error: unknown): void {
    this.#failures.set(address, messageOf(error));
  }

  /** Notes that a gateway is linked. */
  onUp(address: string): void {
    this.#failures.delete(address);
  }

  /** Returns how the worker is. */
  report(): WorkerReport {
    const { instance, clients, handled, thrown, timedOut } = this.#worker;
    const { options } = this.#inside;
    const streams = [...this.#inside.streams()];
    const { gateways } = this.#inside;
    const watched = this.#inside.presence()?.figures;
    return {
      id: instance,
      name: options.name,
      index: options.index,
      address: "",
      state: this.#inside.isStopping()
        ? "draining"
        : gateways.size > 0
        ? "ready"
        : "waiting",
      ...this.#meter.figures(),
      ...traitsToTell(options).traits,
      clients,
      messagesIn: this.#in.rate,
      queued: streams.reduce((sum, { unfinished }) => sum + unfinished, 0),
      handled,
      thrown,
      timedOut,
      requests: { ...this.#inside.tally },
      notices: this.#inside.notices(),
      waitingBytes: gateways.waitingBytes,
      refused: gateways.refused,
      lostAbroad: gateways.bridges.sends.lost,
      ...(watched && { watched }),
      latency: this.#latency.latency(),
      durations: this.#latency.durations(),
      links: streams.slice(0, MAX_LINKS).map(toLink),
      events: recentEvents(),
    };
  }

  /** Measures no longer. */
  [Symbol.dispose](): void {
    this.#meter[Symbol.dispose]();
    this.#check[Symbol.dispose]();
  }

  #time(call: () => ReturnType<Handler>): ReturnType<Handler> {
    const start = now();
    const weight = this.#timeEvery;
    const done = () => this.#latency.record(now() - start, weight);
    const result = call();
    if (!isPromise(result)) {
      done();
      return result;
    }
    // What is no promise but has a `then` may begin anew each time that it is called.
    const promise = Promise.resolve(result);
    promise.then(done, done);
    return promise;
  }

  #tick(seconds: number): void {
    this.#in.tick(this.#worker.handled, seconds);
    this.#latency.tick();
    this.#timeEvery = Math.ceil(this.#in.rate / MAX_TIMED) || 1;
  }

  #problem(): string | undefined {
    if (this.#inside.isStopping()) return undefined;
    const { gateways } = this.#inside;
    // As long as the handler starts, nobody is asked yet.
    if (!gateways.isStarted) return undefined;
    const problem = registerProblem(gateways.register, "worker");
    if (gateways.size === 0 && problem !== undefined) return problem;
    const listed = [...gateways.addresses];
    if (listed.length === 0) {
      return gateways.size > 0
        ? undefined
        : "the Register lists no gateway: is one running, with --register set to the same Register?";
    }
    const linked = new Set(Array.from(gateways.all(), (each) => each.address));
    const missing = listed.filter((address) => !linked.has(address));
    if (missing.length === 0) return undefined;
    const tried = missing.slice(0, 5).map((address) =>
      `${address}: ${this.#failures.get(address) ?? "no answer yet"}`
    );
    return `no link to ${missing.length} of ${listed.length} gateways (${
      tried.join("; ")
    }). The usual causes are a --lan-ip of the gateway that this machine cannot reach, a firewall, and a secret key that differs`;
  }
}

function toLink({ link, lanes, unfinished }: GatewayStream): LinkReport {
  const { instance: id, name, address } = link.peer;
  return {
    id,
    name,
    address,
    clients: lanes.size,
    inFlight: unfinished,
    window: 0,
    draining: false,
    roundTrip: Math.round(link.liveness.roundTrip * 10) / 10,
  };
}
