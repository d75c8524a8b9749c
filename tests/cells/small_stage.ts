import { Bridge, type BridgeOptions } from "../../lib/bridge/mod.ts";
import type { BridgeReport } from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { NatsServer } from "../_support/nats_server.ts";
import handle from "./handler.ts";
import type { JoinedCell } from "./property.ts";
import { CELLS, PUSH_KEY } from "./stage.ts";

/** How many of each there are in each cell. */
export interface SmallStageOptions {
  /**
   * The cells.
   *
   * @default {["eu", "us", "ap"]}
   */
  readonly cells?: readonly string[];
  /**
   * Gateways of each, and as many workers.
   *
   * @default {2}
   */
  readonly gateways?: number;
  /**
   * Bridges of each.
   *
   * @default {2}
   */
  readonly bridges?: number;
  /** Further options of bridges. */
  readonly bridge?: Partial<BridgeOptions>;
}

/** A cell in this process. */
export interface SmallCell extends JoinedCell {
  /** Its other roles. */
  readonly cluster: TestCluster;
  /** Its bridges. */
  readonly bridges: Bridge[];
}

/** Cells whose roles all run in this process, over a real server of NATS. */
export class SmallStage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  readonly #options: SmallStageOptions;
  /** The server. */
  readonly nats: NatsServer;
  /** The cells. */
  readonly cells: SmallCell[] = [];

  private constructor(nats: NatsServer, options: SmallStageOptions) {
    this.nats = this.#stack.use(nats);
    this.#options = options;
  }

  /** Starts everything, and waits until every cell hears the others. */
  static async start(options: SmallStageOptions = {}): Promise<SmallStage> {
    const stage = new SmallStage(await NatsServer.start(), options);
    try {
      const names = options.cells ?? CELLS;
      stage.cells.push(
        ...await Promise.all(names.map((name) => stage.#add(name))),
      );
      await stage.joined();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Starts one more bridge of a cell. */
  async addBridge(cell: SmallCell): Promise<Bridge> {
    const bridge = await Bridge.start({
      cell: cell.name,
      nats: this.nats.url,
      cellKey: "for cells",
      pushKey: PUSH_KEY,
      register: cell.cluster.registers,
      bridgePort: 0,
      lanIp: "127.0.0.1",
      ...this.#options.bridge,
    });
    cell.bridges.push(bridge);
    this.#stack.defer(() => bridge.shutdown());
    return bridge;
  }

  /** What the active bridge of a cell tells; nothing while there are two of them. */
  active({ bridges }: SmallCell): BridgeReport | undefined {
    const [active, ...more] = bridges.map((bridge) => bridge.report())
      .filter(({ shards }) => shards.some(({ active }) => active));
    return more.length === 0 ? active : undefined;
  }

  /** Waits until each cell has one active bridge, which hears all others. */
  async joined(): Promise<void> {
    await eventually(
      "every cell hears the others",
      () =>
        this.cells.every((cell) => {
          const { cells = [] } = this.active(cell) ?? {};
          return cells.filter(({ reachable }) => reachable).length ===
            this.cells.length - 1;
        }),
    );
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #add(name: string): Promise<SmallCell> {
    const { gateways = 2, bridges = 2 } = this.#options;
    const cluster = this.#stack.use(
      await startCluster({ handler: handle, gateways, workers: gateways }),
    );
    const clients = cluster.gateways.map(({ addr }) =>
      `ws://127.0.0.1:${addr.port}`
    );
    const cell: SmallCell = { name, clients, cluster, bridges: [] };
    for (let each = 0; each < bridges; each++) await this.addBridge(cell);
    await Promise.all(cell.bridges.map((bridge) => bridge.ready()));
    return cell;
  }
}
