import { Bridge, type BridgeOptions } from "../../../lib/bridge/mod.ts";
import type { GatewayOptions, Handler } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { NatsServer } from "../../_support/nats_server.ts";

/** The key of the cells of a test. */
export const CELL_KEY = "a key of all cells";

/** What {@linkcode startCells} starts. */
export interface CellsOptions {
  /** What the workers run. */
  readonly handler?: Handler;
  /**
   * What the cells are called.
   *
   * @default {["eu", "us"]}
   */
  readonly names?: readonly string[];
  /**
   * How many gateways each has.
   *
   * @default {1}
   */
  readonly gateways?: number;
  /** Further options of the gateways. */
  readonly gateway?: GatewayOptions;
  /** Further options of the bridges. */
  readonly bridge?: Partial<BridgeOptions>;
}

/** A cluster that is joined with others. */
export interface Cell {
  readonly name: string;
  readonly cluster: TestCluster;
  readonly bridge: Bridge;
}

/** Cells over one real `nats-server`. */
export class Cells implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #options: CellsOptions;
  /** The server. */
  readonly nats: NatsServer;
  /** The cells, in the order of their names. */
  readonly all: Cell[] = [];

  constructor(options: CellsOptions, nats: NatsServer) {
    this.#options = options;
    this.nats = this.#stack.use(nats);
  }

  /** The first two. */
  get pair(): readonly [Cell, Cell] {
    const [one, other] = this.all;
    if (one === undefined || other === undefined) {
      throw new RangeError("There are no two cells");
    }
    return [one, other];
  }

  /** Starts one more cell. */
  async add(name: string): Promise<Cell> {
    const { handler = () => {}, gateways = 1, gateway = {} } = this.#options;
    const cluster = this.#stack.use(
      await startCluster({ handler, gateways, gateway }),
    );
    const bridge = await this.addBridge(name, cluster);
    const cell = { name, cluster, bridge };
    this.all.push(cell);
    return cell;
  }

  /** Starts one more bridge of a cell. */
  async addBridge(
    name: string,
    cluster: TestCluster,
    more: Partial<BridgeOptions> = {},
  ): Promise<Bridge> {
    return this.#stack.use(
      await Bridge.start({
        cell: name,
        nats: [this.nats.url],
        cellKey: CELL_KEY,
        register: cluster.registers,
        lanIp: "127.0.0.1",
        bridgePort: 0,
        ...this.#options.bridge,
        ...more,
      }),
    );
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack[Symbol.asyncDispose]();
  }
}

/** Starts cells, and waits until each knows the others and its workers are linked. */
export async function startCells(options: CellsOptions = {}): Promise<Cells> {
  const { names = ["eu", "us"] } = options;
  const cells = new Cells(options, await NatsServer.start());
  try {
    await Promise.all(names.map((name) => cells.add(name)));
    cells.all.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
    await Promise.all(cells.all.map((cell) => joined(cell, names.length)));
    return cells;
  } catch (error) {
    await cells[Symbol.asyncDispose]();
    throw error;
  }
}

/** Waits until a cell's bridge is active and knows so many cells, and a worker is linked to it. */
async function joined({ bridge }: Cell, cells: number): Promise<void> {
  await bridge.ready();
  for (;;) {
    const report = bridge.report();
    const isJoined = report.workers > 0 &&
      report.shards.every(({ active }) => active) &&
      report.cells.filter(({ reachable }) => reachable).length === cells - 1;
    if (isJoined) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
