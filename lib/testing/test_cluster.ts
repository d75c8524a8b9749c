import { setImmediate } from "node:timers";
import { endsWithin } from "../base/pause.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { ClusterCalls } from "../cluster/cluster_calls.ts";
import type { Authorize } from "../gateway/clients/authorize.ts";
import { Core } from "../gateway/core.ts";
import { resolveGatewayOptions } from "../gateway/options.ts";
import { formatClientId, gatewayIdOf } from "../wire/bodies/client_id.ts";
import { GatewayStream, type StreamOwner } from "../worker/gateway_stream.ts";
import type { Handler } from "../worker/handler/handler.ts";
import {
  presenceOf,
  resolvePresence,
  type WorkerPresenceOptions,
} from "../worker/handler/presence_options.ts";
import { WorkerPresence } from "../worker/presence/worker_presence.ts";
import { Notices } from "../worker/notices.ts";
import { RequestTally } from "../worker/events/open_requests.ts";
import { HandlerWatch } from "./handler_watch.ts";
import { type ClientHome, MemoryClient } from "./memory_client.ts";
import { GATEWAY, MemoryLink, WORKER } from "./memory_link.ts";
import type { TestClient } from "./test_client.ts";
import { TestRefusal } from "./test_refusal.ts";

/** How often a worker looks at an event that still runs before it lets others pass. */
const LOOKS = 3;

/** How often it is looked who has been waited for long enough, in milliseconds. */
const TICK = 20;

/** The first client's port; each further one has the next. */
const FIRST_PORT = 50_000;

/** Options for {@linkcode TestCluster.start}. */
export interface TestClusterOptions {
  /**
   * Whose `join` and `leave` the handler is told, as the worker's option; what the handler
   * says itself if left out. Nobody is waited for, unless there is a `grace`.
   */
  readonly presence?: WorkerPresenceOptions;
  /** Decides who comes in, as the gateway's option does. Everybody does without it. */
  readonly authorize?: Authorize;
  /**
   * Milliseconds that one wait may take; then it rejects, and says what still runs.
   *
   * @default {5_000}
   */
  readonly timeout?: number;
}

/** Options for {@linkcode TestCluster.connect}. */
export interface TestConnectOptions {
  /**
   * What a WebSocket client asks for: path and query.
   *
   * @default {"/"}
   */
  readonly target?: string;
  /** The headers of its request, `cookie` among them. */
  readonly headers?: HeadersInit;
  /**
   * Whether it comes by WebSocket, with a request, or by a protocol that has none; with
   * `gatewayworker.v1` it can ask and be asked, be away and come back.
   *
   * @default {"ws"}
   */
  readonly protocol?: "ws" | "tcp" | "gatewayworker.v1";
  /** Where it comes from, `ip:port`; another port of 127.0.0.1 for each by default. */
  readonly remoteAddress?: string;
  /**
   * Which of the gateway's listeners it comes to.
   *
   * @default {0}
   */
  readonly listener?: number;
}

/**
 * A cluster for tests of a handler: a gateway and a worker in this process, without a
 * socket, a port or a permission. What a handler sees is the real thing: the gateway's
 * tables, the worker's queues, and the link between them, over a connection in memory.
 */
export class TestCluster implements AsyncDisposable {
  readonly #core: Core;
  readonly #watch: HandlerWatch;
  readonly #stream: GatewayStream;
  readonly #owner: StreamOwner;
  readonly #link: MemoryLink;
  readonly #presence: WorkerPresence | undefined;
  #ticks: ReturnType<typeof setInterval> | undefined;
  readonly #timeout: number;
  readonly #clients = new Set<TestClient>();
  readonly #home: ClientHome;
  #came = 0;
  #end: Promise<void> | undefined;
  /** The cluster API, as a program outside has it: `calls.sendToUid("ann", "hello")`. */
  readonly calls: Cluster;

  private constructor(
    handler: Handler,
    { authorize, presence, timeout = 5_000 }: TestClusterOptions,
  ) {
    const gatewayId = gatewayIdOf(GATEWAY);
    const options = resolveGatewayOptions({
      lanIp: GATEWAY.hostname,
      gatherWithin: 0,
      ...(authorize && { authorize }),
    });
    this.#timeout = timeout;
    this.#watch = new HandlerWatch(handler);
    this.#core = new Core(gatewayId, options);
    this.#owner = this.#ownStream();
    this.#stream = new GatewayStream(gatewayId, options.window, this.#owner);
    this.#link = new MemoryLink(this.#core, this.#stream);
    this.#stream.link = this.#link.link;
    this.calls = new ClusterCalls(this.#link, timeout);
    this.#presence = this.#watchUsers(handler, presence);
    this.#home = {
      expect: (id, heard) => this.#watch.expect(id, heard),
      handled: (what, handled) => this.#handled(what, handled),
      inTime: (promise, what) => this.#inTime(promise, what),
      onGone: (client) => this.#clients.delete(client),
    };
  }

  /**
   * Starts a cluster around a handler.
   *
   * @param handler What is tested: the default export of its module.
   * @param options Who comes in, and how long one waits.
   * @returns The cluster, when the handler is done with its `start` event.
   * @throws {unknown} What the handler throws then.
   * @throws {Deno.errors.TimedOut} If that takes too long.
   *
   * @example Usage
   * ```ts
   * import { TestCluster } from "@gatewayworker/core/testing";
   * import { assertEquals } from "@std/assert";
   *
   * await using cluster = await TestCluster.start(async (event, calls) => {
   *   if (event.type !== "message") return;
   *   await calls.sendToAll(`${event.client.id} says ${event.text()}`);
   * });
   * const [ann, bob] = [await cluster.connect(), await cluster.connect()];
   *
   * await ann.send("hello");
   *
   * assertEquals(bob.received, [`${ann.id} says hello`]);
   * ```
   */
  static async start(
    handler: Handler,
    options: TestClusterOptions = {},
  ): Promise<TestCluster> {
    const cluster = new TestCluster(handler, options);
    try {
      await cluster.#tell("start");
    } catch (error) {
      cluster.#end = cluster.#close();
      await cluster.#end;
      throw error;
    }
    cluster.#link.start();
    cluster.#presence?.onUp(cluster.#link.link);
    return cluster;
  }

  /** The clients that are connected, in the order they came. */
  get clients(): readonly TestClient[] {
    return [...this.#clients];
  }

  /**
   * A client comes.
   *
   * @param options With what request.
   * @returns The client, when its `connect` event was handled and what that sent came.
   * @throws {TestRefusal} If `authorize` does not let it in.
   * @throws {unknown} What `authorize` or the handler throws.
   * @throws {TypeError} If the handler returns what is no message, or the cluster has ended.
   * @throws {Deno.errors.TimedOut} If that takes too long.
   */
  async connect(options: TestConnectOptions = {}): Promise<TestClient> {
    const {
      target = "/",
      headers = {},
      protocol = "ws",
      remoteAddress = `127.0.0.1:${FIRST_PORT + this.#came++}`,
      listener = 0,
    } = options;
    if (this.#end !== undefined) {
      throw new TypeError("Cannot connect as the cluster has ended");
    }
    const client = this.#core.accept(listener);
    const request = protocol === "tcp"
      ? undefined
      : { target, headers: [...new Headers(headers)] };
    const refusal = request && await client.onRequest(request, remoteAddress);
    if (refusal !== undefined) throw new TestRefusal(refusal);
    const id = formatClientId(this.#core.gatewayId, client.connectionId);
    const speaks = protocol === "gatewayworker.v1" ? "typed" : "messages";
    const facts = { id, client, remoteAddress, speaks } as const;
    const comer = new MemoryClient(this.#home, facts);
    this.#clients.add(comer);
    const handled = this.#watch.expect(id, "heard");
    client.onOpen(comer.connection, request);
    await this.#handled(`connect of client ${id}`, handled);
    return comer;
  }

  /**
   * Waits until handlers are done with everything that clients did, and all that they
   * sent has come.
   *
   * @throws {unknown} What a handler has thrown and no other promise told; several are
   * an `AggregateError`.
   * @throws {Deno.errors.TimedOut} If that takes too long.
   */
  async settled(): Promise<void> {
    await nextTurn();
    while (!this.#watch.isIdle || !this.#isPresenceSettled) {
      await this.#inTime(this.#watch.idle(), "not all events were handled");
      await nextTurn();
    }
    this.#throwUntold();
  }

  /**
   * Ends as a gateway and a worker do: all clients are closed with 1001, and the handler
   * gets their `close` events, then `stop`.
   *
   * @throws {unknown} What a handler has thrown and no other promise told.
   */
  [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= this.#shutDown();
    return this.#end;
  }

  async #shutDown(): Promise<void> {
    try {
      this.#core.expectEnd();
      this.#core.dismissClients();
      await this.settled();
      await this.#tell("stop");
    } finally {
      await this.#close();
    }
    this.#throwUntold();
  }

  async #close(): Promise<void> {
    this.#owner.isOver = true;
    clearInterval(this.#ticks);
    this.#presence?.[Symbol.dispose]();
    await this.#link[Symbol.asyncDispose]();
    this.#core[Symbol.dispose]();
  }

  /** Gives the handler an event of the worker's own. */
  async #tell(type: "start" | "stop"): Promise<void> {
    const told = Promise.try(() => this.#watch.handle({ type }, this.calls));
    try {
      await this.#inTime(told, `the ${type} event was not handled`);
    } finally {
      // Whoever called hears of it.
      this.#watch.untold.length = 0;
    }
  }

  async #handled(what: string, handled: Promise<void>): Promise<void> {
    await this.#inTime(handled, `${what} was not handled`);
    await nextTurn();
  }

  async #inTime(promise: Promise<unknown>, what: string): Promise<void> {
    const [isInTime] = await Promise.all([
      endsWithin(promise, this.#timeout),
      this.#letOthersPass(),
    ]);
    if (isInTime) return;
    throw new Deno.errors.TimedOut(
      `Cannot go on as ${what} within ${this.#timeout} ms: the handler still runs on ${this.#watch.running}`,
    );
  }

  /** What runs must not hold up what others wait for; a worker looks now and then. */
  async #letOthersPass(): Promise<void> {
    await nextTurn();
    for (let look = 0; look < LOOKS; look++) this.#stream.age();
  }

  #throwUntold(): void {
    const [first, ...others] = this.#watch.untold.splice(0);
    if (others.length > 0) {
      throw new AggregateError([first, ...others], "Several handlers threw");
    }
    if (first !== undefined) throw first;
  }

  /** Whether all was told that follows from who is where, apart from those waited for. */
  get #isPresenceSettled(): boolean {
    return this.#core.presence.isIdle && this.#presence?.isIdle !== false;
  }

  #watchUsers(
    handler: Handler,
    options: WorkerPresenceOptions | undefined,
  ): WorkerPresence | undefined {
    const watched = options === undefined
      ? presenceOf(handler)
      : resolvePresence({ grace: 0, ...options });
    if (watched === undefined) return undefined;
    const presence = new WorkerPresence(watched, WORKER, this.#owner, {
      interval: 0,
    });
    this.#owner.presence = presence;
    this.#ticks = setInterval(() => presence.tick(0), TICK);
    return presence;
  }

  /** What a worker is to its links. */
  #ownStream(): StreamOwner {
    const calls = () => this.calls;
    return {
      isOver: false,
      handler: this.#watch.handle,
      get cluster() {
        return calls();
      },
      tally: new RequestTally(),
      notices: new Notices({
        instance: "",
        handlerTimeout: 0,
        handler: () => this.#watch.handle,
        cluster: calls,
        onThrown: () => {},
        onTimedOut: () => {},
      }),
      marksBeside: () => [],
      onWritten: () => this.#presence?.onWritten(),
      onHandled: () => {},
      onThrown: () => {},
      onTimedOut: () => {},
    };
  }
}

/** Resolves when all has come that was sent: nothing here waits for the system. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}
