/**
 * Clients on a host of their own: the swarm of the chaos suite, which dials this
 * machine, and a door for each gateway host that passes its connections on. Does what
 * it is told on standard input, a line of JSON each, and answers each with one.
 *
 * @module
 */
import { JournalWriter } from "../chaos/journal.ts";
import { LatencyRecord } from "../chaos/latency_record.ts";
import { Random } from "../chaos/random.ts";
import { Swarm } from "../chaos/swarm.ts";
import { TextLineStream } from "../chaos/text_lines.ts";
import { parseAddress } from "../../lib/base/address.ts";

/** How to run a crowd. */
export interface CrowdOptions {
  /** The journal. */
  readonly journal: string;
  /** How many clients. */
  readonly clients: number;
  /** Messages per second and client. */
  readonly rate: number;
  /** Clients that leave and come back, per second. */
  readonly churn: number;
}

/** What a crowd can be told. */
export type CrowdOrder =
  | { readonly order: "gateways"; readonly addresses: readonly string[] }
  | { readonly order: "connect" | "start" | "stop" | "leave" | "look" };

/** How a crowd is; since the last look where it is about time. */
export interface CrowdState {
  /** Clients that are connected. */
  readonly connected: number;
  /** Messages that were not answered yet. */
  readonly unanswered: number;
  /** Messages that were answered. */
  readonly answered: number;
  /** Milliseconds that half of the answers took at most. */
  readonly p50: number;
  /** Milliseconds that 99 of 100 answers took at most. */
  readonly p99: number;
  /** Milliseconds that the slowest answer took. */
  readonly longest: number;
}

/** Passes what dials this machine on to a gateway. */
class Door {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly port = this.#listener.addr.port;

  constructor(target: string) {
    void this.#accept(target);
  }

  async #accept(target: string): Promise<void> {
    for await (const near of this.#listener) void pass(near, target);
  }
}

async function pass(near: Deno.Conn, target: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(5_000);
    const far = await Deno.connect({ ...parseAddress(target), signal });
    await Promise.allSettled([
      near.readable.pipeTo(far.writable),
      far.readable.pipeTo(near.writable),
    ]);
  } catch {
    // Nobody there: the client hears that, and the checker judges it.
    near.close();
  }
}

class Crowd {
  readonly #doors = new Map<string, Door>();
  readonly #swarm: Swarm;
  #addresses: readonly string[] = [];
  #latencies = new LatencyRecord();

  constructor(options: CrowdOptions) {
    this.#swarm = new Swarm(
      { ...options, ports: () => this.#ports(), random: new Random(1) },
      new JournalWriter(options.journal),
      { add: (milliseconds) => this.#latencies.add(milliseconds) },
    );
  }

  async do(order: CrowdOrder): Promise<CrowdState> {
    switch (order.order) {
      case "gateways":
        this.#addresses = order.addresses;
        break;
      case "connect":
        await this.#swarm.connect();
        break;
      case "start":
        this.#swarm.start();
        break;
      case "stop":
        await this.#swarm.stop();
        break;
      case "leave":
        await this.#swarm.leave();
        break;
      case "look":
        return this.#look();
      default:
        order satisfies never;
    }
    return this.#state();
  }

  #look(): CrowdState {
    const state = this.#state();
    this.#latencies = new LatencyRecord();
    return state;
  }

  #state(): CrowdState {
    const latencies = this.#latencies;
    return {
      connected: this.#swarm.connected,
      unanswered: this.#swarm.unanswered,
      answered: latencies.count,
      p50: latencies.quantile(0.5),
      p99: latencies.quantile(0.99),
      longest: latencies.quantile(1),
    };
  }

  #ports(): number[] {
    return this.#addresses.map((address) => {
      const door = this.#doors.get(address) ?? new Door(address);
      this.#doors.set(address, door);
      return door.port;
    });
  }
}

if (import.meta.main) {
  Deno.addSignalListener("SIGTERM", () => Deno.exit(0));
  // Both written by the test bed itself.
  const crowd = new Crowd(JSON.parse(Deno.args[0] ?? "{}") as CrowdOptions);
  const orders = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of orders) {
    const state = await crowd.do(JSON.parse(line) as CrowdOrder);
    await Deno.stdout.write(
      new TextEncoder().encode(`${JSON.stringify(state)}\n`),
    );
  }
  Deno.exit(0);
}
