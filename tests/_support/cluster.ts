import { assertEquals } from "@std/assert";
import {
  BusinessWorker,
  type BusinessWorkerOptions,
  Gateway,
  GatewayClient,
  type GatewayOptions,
  type Handler,
  Register,
  type RegisterOptions,
} from "../../mod.ts";
import type { TrustOptions } from "../../lib/peer/trust.ts";
import { eventually } from "./eventually.ts";
import { LinePeer } from "./line_peer.ts";
import { LinkProxy } from "./link_proxy.ts";
import { TestClient } from "./test_client.ts";

/** Options for {@linkcode startCluster}. */
export interface ClusterOptions {
  /** What the workers run. */
  readonly handler: Handler;
  /**
   * How many gateways.
   *
   * @default {1}
   */
  readonly gateways?: number;
  /**
   * How many workers.
   *
   * @default {1}
   */
  readonly workers?: number;
  /** The secret of the cluster; none by default. */
  readonly secretKey?: string;
  /** Certificates of all nodes; no TLS by default. */
  readonly trust?: TrustOptions;
  /** Further options of the Register. */
  readonly register?: RegisterOptions;
  /** Further options of the gateways. */
  readonly gateway?: GatewayOptions;
  /** Further options of the workers. */
  readonly worker?: Omit<BusinessWorkerOptions, "handler">;
}

/** A worker whose cable to the gateways can be cut. */
export interface FragileWorker {
  readonly worker: BusinessWorker;
  /** Cuts the cable; the worker dials again. */
  cut(): void;
  /** Lets nothing through to one gateway, nor back, until thawed. */
  freeze(gateway: Gateway): void;
  /** Lets everything through again. */
  thaw(): void;
  /** Cuts the cable for ever: to the gateways, the worker is dead. */
  kill(): void;
  /** Does the same, and lists the gateways no more: to the worker, they are dead. */
  loseGateways(): void;
}

/** All roles in this process, on ports of their own. */
export class TestCluster implements AsyncDisposable {
  readonly #options: ClusterOptions;
  readonly #stack = new AsyncDisposableStack();
  readonly #clients = new Set<TestClient>();
  #register: Register;
  /** The gateways, in the order they were started. */
  readonly gateways: Gateway[] = [];
  /** The workers, in the order they were started. */
  readonly workers: BusinessWorker[] = [];

  constructor(options: ClusterOptions, register: Register) {
    this.#options = options;
    this.#register = register;
  }

  /** The Register. */
  get register(): Register {
    return this.#register;
  }

  /** The Register's address, as an option. */
  get registers(): string[] {
    return [this.#register.status().address];
  }

  /** The only gateway, or the first one. */
  get gateway(): Gateway {
    const [gateway] = this.gateways;
    if (gateway === undefined) throw new RangeError("There is no gateway");
    return gateway;
  }

  /** The only worker, or the first one. */
  get worker(): BusinessWorker {
    const [worker] = this.workers;
    if (worker === undefined) throw new RangeError("There is no worker");
    return worker;
  }

  /** Starts one more gateway, and waits until the Register lists it. */
  async addGateway(): Promise<Gateway> {
    const { gateway: more } = this.#options;
    const gateway = await Gateway.start({
      listen: ["ws://127.0.0.1:0"],
      startPort: 0,
      register: this.registers,
      ...trustOf(this.#options),
      ...more,
    });
    this.gateways.push(gateway);
    await eventually(
      "the gateway is listed",
      () =>
        this.#register.status().gateways.some(({ address }) =>
          address === gateway.lanAddress
        ),
    );
    return gateway;
  }

  /** Starts one more worker, and waits until it is linked to every gateway. */
  async addWorker(
    handler: Handler = this.#options.handler,
    more: Omit<BusinessWorkerOptions, "handler"> = {},
  ): Promise<BusinessWorker> {
    const worker = await this.#startWorker(handler, this.registers, more);
    await eventually(
      "the worker is linked to all gateways",
      () => worker.gateways === this.gateways.length,
    );
    return worker;
  }

  /** Starts one more worker, with a cable of its own to every gateway. */
  async addFragileWorker(
    handler: Handler = this.#options.handler,
  ): Promise<FragileWorker> {
    const { secretKey = "" } = this.#options;
    const register = this.#stack.use(
      await Register.start({ listen: "127.0.0.1:0", secretKey }),
    );
    const proxies: LinkProxy[] = [];
    const peers: LinePeer[] = [];
    for (const { lanAddress } of this.gateways) {
      const proxy = this.#stack.use(new LinkProxy(lanAddress));
      const peer = await LinePeer.dial(register.addr);
      await peer.announceOurs(proxy.address, secretKey);
      this.#stack.defer(() => closeQuietly(peer));
      peers.push(peer);
      proxies.push(proxy);
    }
    const worker = await this.#startWorker(
      handler,
      [register.status().address],
    );
    await eventually(
      "the worker is linked to all gateways",
      () => worker.gateways === this.gateways.length,
    );
    const kill = () => proxies.forEach((proxy) => proxy[Symbol.dispose]());
    return {
      worker,
      cut: () => proxies.forEach((proxy) => proxy.cut()),
      freeze: (gateway) => proxies[this.gateways.indexOf(gateway)]?.freeze(),
      thaw: () => proxies.forEach((proxy) => proxy.thaw()),
      kill,
      loseGateways: () => {
        kill();
        peers.forEach(closeQuietly);
      },
    };
  }

  async #startWorker(
    handler: Handler,
    register: readonly string[],
    own: Omit<BusinessWorkerOptions, "handler"> = {},
  ): Promise<BusinessWorker> {
    const { worker: more } = this.#options;
    const worker = await BusinessWorker.start({
      drainTimeout: 500,
      ...more,
      ...own,
      handler,
      register,
      ...trustOf(this.#options),
    });
    this.workers.push(worker);
    return worker;
  }

  /** Connects a client, by default to the first gateway. */
  async connect(gateway = this.gateway, path = "/"): Promise<TestClient> {
    const { port } = gateway.addr;
    const client = await TestClient.connect(`ws://127.0.0.1:${port}${path}`);
    this.#clients.add(client);
    return client;
  }

  /** Joins as a program from outside. */
  async outside(): Promise<GatewayClient> {
    return this.#stack.use(
      await GatewayClient.connect({
        register: this.registers,
        ...trustOf(this.#options),
      }),
    );
  }

  /** Stops the Register and starts another one at the same address. */
  async restartRegister(): Promise<void> {
    const [listen = ""] = this.registers;
    await this.#register.shutdown();
    const trust = trustOf(this.#options);
    this.#register = await Register.start({ listen, ...trust });
  }

  /** Checks that no event is unaccounted for, on any gateway. */
  checkLedgers(): void {
    for (const { ledger } of this.gateways) {
      const { accepted, acknowledged, inFlight, parked, poisoned, expired } =
        ledger;
      assertEquals(
        acknowledged + inFlight + parked + poisoned + expired,
        accepted,
        `The ledger is out of balance: ${JSON.stringify(ledger)}`,
      );
    }
  }

  /** Waits until every event that was accepted is acknowledged. */
  async settled(): Promise<void> {
    await eventually("all events are acknowledged", () => {
      this.checkLedgers();
      return this.gateways.every(({ ledger }) =>
        ledger.accepted === ledger.acknowledged
      );
    });
  }

  /** Ends all of it, clients first. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#clients].map((client) => client.close()));
    await Promise.all(this.gateways.map((gateway) => gateway.shutdown()));
    await Promise.all(this.workers.map((worker) => worker.shutdown()));
    await this.#stack.disposeAsync();
    await this.#register.shutdown();
  }
}

/** Starts a Register, gateways and workers, and waits until all are linked. */
export async function startCluster(
  options: ClusterOptions,
): Promise<TestCluster> {
  const { gateways = 1, workers = 1 } = options;
  const register = await Register.start({
    listen: "127.0.0.1:0",
    ...trustOf(options),
    ...options.register,
  });
  const cluster = new TestCluster(options, register);
  try {
    for (let each = 0; each < gateways; each++) await cluster.addGateway();
    for (let each = 0; each < workers; each++) await cluster.addWorker();
    await eventually(
      "every gateway knows every worker",
      () => cluster.gateways.every((gateway) => gateway.workers === workers),
    );
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}

function trustOf({ secretKey = "", trust = {} }: ClusterOptions): TrustOptions {
  return { secretKey, ...trust };
}

function closeQuietly(peer: LinePeer): void {
  try {
    peer[Symbol.dispose]();
  } catch {
    // Closed already.
  }
}
