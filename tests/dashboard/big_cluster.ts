/**
 * A cluster too big for one machine, played by the lines that its nodes say to their
 * Register.
 *
 * @module
 */
import { LinePeer } from "../_support/line_peer.ts";

/** How big. */
export interface BigClusterSize {
  /** Gateways. */
  readonly gateways: number;
  /** Workers; each is linked to each gateway. */
  readonly workers: number;
  /** Clients, shared out to the gateways. */
  readonly clients: number;
}

/** The nodes of a big cluster, as far as a Register sees them. */
export class BigCluster implements Disposable {
  readonly #size: BigClusterSize;
  readonly #peers = new DisposableStack();
  readonly #gateways: LinePeer[] = [];
  readonly #workers: LinePeer[] = [];

  private constructor(size: BigClusterSize) {
    this.#size = size;
  }

  /** Joins a Register, and reports once. */
  static async join(
    register: Deno.NetAddr,
    size: BigClusterSize,
  ): Promise<BigCluster> {
    const cluster = new BigCluster(size);
    for (let i = 0; i < size.gateways; i++) {
      const peer = await cluster.#dial(register, cluster.#gateways);
      await peer.say(JSON.stringify({
        event: "gateway_connect",
        address: `10.0.0.${i}:2000`,
        instance: `gateway-${i}`,
      }));
    }
    for (let i = 0; i < size.workers; i++) {
      const peer = await cluster.#dial(register, cluster.#workers);
      await peer.say(JSON.stringify({
        event: "worker_connect",
        instance: `worker-${i}`,
        role: "worker",
      }));
    }
    await cluster.report();
    return cluster;
  }

  /** All report once more. */
  async report(): Promise<void> {
    for (const [i, peer] of this.#gateways.entries()) {
      await say(peer, this.#gatewayReport(i));
    }
    for (const [i, peer] of this.#workers.entries()) {
      await say(peer, this.#workerReport(i));
    }
  }

  /** All leave. */
  [Symbol.dispose](): void {
    this.#peers[Symbol.dispose]();
  }

  async #dial(register: Deno.NetAddr, peers: LinePeer[]): Promise<LinePeer> {
    const peer = this.#peers.use(await LinePeer.dial(register));
    peers.push(peer);
    return peer;
  }

  #gatewayReport(i: number): Record<string, unknown> {
    const { gateways, workers, clients } = this.#size;
    const share = clients / gateways;
    return {
      ...nodeReport("Gateway", i),
      listen: ["ws://0.0.0.0:8282"],
      clients: share,
      maxClients: 100_000,
      messagesIn: 20_000,
      messagesOut: 20_000,
      queued: 4_096,
      parkedClients: 0,
      ledger: { accepted: 10, acknowledged: 7, inFlight: 3 },
      links: Array.from({ length: workers }, (_, worker) => ({
        id: `worker-${worker}`,
        name: "BusinessWorker",
        address: `10.0.1.${worker}:40000`,
        clients: share / workers,
        inFlight: 3,
        window: worker / 1000,
        draining: false,
        roundTrip: 0.4,
      })),
    };
  }

  #workerReport(i: number): Record<string, unknown> {
    const { gateways, workers, clients } = this.#size;
    return {
      ...nodeReport("BusinessWorker", i),
      clients: clients / workers,
      messagesIn: 10_000,
      queued: 5,
      handled: 1_000_000,
      thrown: 0,
      timedOut: 0,
      latency: { p50: 0.04, p99: 1.2 },
      links: Array.from({ length: gateways }, (_, gateway) => ({
        id: `gateway-${gateway}`,
        name: "Gateway",
        address: `10.0.0.${gateway}:2000`,
        clients: clients / workers / gateways,
        inFlight: 3,
        window: 0,
        draining: false,
        roundTrip: 0.4,
      })),
    };
  }
}

function nodeReport(name: string, index: number): Record<string, unknown> {
  return {
    name,
    index,
    state: "ready",
    pid: 1000 + index,
    uptime: 86_400,
    version: "0.1.0",
    memory: 400_000_000,
    cpu: 0.5,
    lag: 2,
    events: Array.from({ length: 20 }, (_, i) => ({
      time: 1_700_000_000_000 + i,
      level: "info",
      text: `Something happened to ${name} ${index}: ${"x".repeat(100)}`,
    })),
  };
}

async function say(
  peer: LinePeer,
  report: Record<string, unknown>,
): Promise<void> {
  await peer.say(JSON.stringify({ event: "report", report }));
}
