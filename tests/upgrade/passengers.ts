import { eventually } from "../_support/eventually.ts";
import { Exchange } from "../bench/load/exchange.ts";
import type { Faults } from "../bench/load/lane.ts";
import type { LoadClient } from "../bench/load/load_client.ts";
import { DEFAULT_LOAD, type LoadOptions } from "../bench/load/load_options.ts";
import { connectAll } from "../bench/load/message_load.ts";
import { planRoutes } from "../bench/load/routes.ts";

/** Each writes to another one's uid; half of these are on the other gateway. */
const LOAD: LoadOptions = {
  ...DEFAULT_LOAD,
  mode: "direct",
  clients: 40,
  depth: 4,
};

/** Messages that each must receive for a change of the cluster to count as survived. */
const ENOUGH = 40;

/** Clients that write to each other all the time, and count whatever goes wrong. */
export class Passengers {
  readonly #exchange: Exchange;
  readonly #clients: readonly LoadClient[];
  readonly #readers: readonly Promise<void>[];

  private constructor(exchange: Exchange, clients: readonly LoadClient[]) {
    this.#exchange = exchange;
    this.#clients = clients;
    this.#readers = clients.map((client) => client.run());
    exchange.start();
  }

  /**
   * Connects clients, by turns to each address; they begin to write at once.
   *
   * @param addresses Of the gateways.
   * @param size Bytes of each message.
   */
  static async board(
    addresses: readonly string[],
    size: number = LOAD.size,
  ): Promise<Passengers> {
    const load = { ...LOAD, size };
    const routes = planRoutes({ ...load, pattern: "direct" });
    const exchange = new Exchange(routes, load.clients, 0);
    const target = { addresses, dialect: "ws", watched: [] } as const;
    const clients = await connectAll(exchange, routes, { load, target });
    return new Passengers(exchange, clients);
  }

  /** Waits until everybody has received many more messages. */
  async travel(): Promise<void> {
    this.#exchange.beginMeasuring();
    await eventually(
      "everybody hears more",
      () => this.#exchange.served.every((count) => count >= ENOUGH),
    );
  }

  /** Stops to write, and waits for what is under way; returns how much was sent by all. */
  async rest(): Promise<number> {
    await this.#exchange.settle();
    return this.#exchange.sentInAll;
  }

  /** Writes again. */
  goOn(): void {
    this.#exchange.start();
  }

  /** Rests for good, and counts what has not come. */
  async arrive(): Promise<void> {
    await this.#exchange.drain();
  }

  /** What went wrong since they boarded. */
  get faults(): Faults {
    return this.#exchange.faults;
  }

  /** Lets all connections go. */
  async leave(): Promise<void> {
    for (const client of this.#clients) client.close();
    await Promise.all(this.#readers);
  }
}
