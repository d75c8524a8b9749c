import { Trust } from "../../lib/peer/trust.ts";
import { askRegister } from "../../lib/roster/register_status.ts";
import type { BridgeReport, ClusterReport, KnownNode } from "../../mod.ts";
import { NatsServer } from "../_support/nats_server.ts";
import { getAvailablePorts } from "../_support/processes.ts";
import { CellProcess, type Place, throughOf } from "./cell_process.ts";

/** What the cells are called. */
export const CELLS = ["eu", "us", "ap"] as const;

/** Keys of the stage. */
export const PUSH_KEY = "for pushes";
const CELL_KEY = "for cells";

const HANDLER = new URL("./handler.ts", import.meta.url).pathname;

/** Where each cell and NATS run. */
export interface Places {
  /** Of a cell's processes and, if there are three, of its server of NATS. */
  readonly cells: readonly Place[];
  /** Of the one server of NATS. */
  readonly nats: Place;
}

/** All of it on this machine, without networks of its own. */
export const HERE: Places = {
  cells: CELLS.map(() => ({ address: "127.0.0.1" })),
  nats: { address: "127.0.0.1" },
};

/** How big a stage is. */
export interface StageOptions {
  /** Servers of NATS: one, or one for each cell, joined by NATS' gateways. */
  readonly servers: 1 | 3;
  /** Where everything runs. */
  readonly places: Places;
  /** Folder of configuration and logs. */
  readonly folder: string;
  /** Further options of bridges. */
  readonly bridge?: readonly string[];
}

/** One cell: a Register, two gateways, two workers, two bridges. */
export interface Cell {
  /** Its name. */
  readonly name: string;
  /** Where its Register is. */
  readonly register: string;
  /** Where clients connect. */
  readonly clients: readonly string[];
  /** Its bridges. */
  readonly bridges: readonly CellProcess[];
  /** All its processes, its Register first. */
  readonly all: readonly CellProcess[];
}

/** Three cells of processes, and real servers of NATS. */
export class Stage implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  /** The cells. */
  readonly cells: readonly Cell[];
  /** The servers: one for all, or one for each cell. */
  readonly nats: readonly NatsServer[];

  private constructor(options: StageOptions) {
    this.nats = options.servers === 1 ? [oneServer(options)] : regions(options);
    this.cells = CELLS.map((name, i) => {
      const place = options.places.cells[i] ?? HERE.nats;
      const server = this.nats[i % this.nats.length]?.url ?? "";
      return makeCell(name, place, [
        `--nats=${server}`,
        ...options.bridge ?? [],
      ]);
    });
    for (const server of this.nats) this.#stack.use(server);
    // Registers, which began first, leave last.
    for (const each of this.cells.flatMap(({ all }) => all)) {
      this.#stack.use(each);
    }
  }

  /** Starts everything, and waits until all are ready and every cell hears the others. */
  static async start(options: StageOptions): Promise<Stage> {
    const stage = new Stage(options);
    try {
      for (const server of stage.nats) await server.start();
      for (const { all: [register, ...others] } of stage.cells) {
        await register?.start();
        await Promise.all(others.map((each) => each.start()));
      }
      await stage.joined();
      return stage;
    } catch (error) {
      await stage[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Where a program that pushes finds NATS. */
  get natsUrls(): string[] {
    return this.nats.map(({ url }) => url);
  }

  /** What all roles of a cell tell. */
  async report({ register }: Cell): Promise<ClusterReport> {
    const trust = await Trust.load({ secretKey: "cell" });
    return await askRegister({ register, trust });
  }

  /** What the bridges of a cell tell. */
  async bridges(cell: Cell): Promise<KnownNode<BridgeReport>[]> {
    const { bridges = [] } = await this.report(cell);
    return [...bridges];
  }

  /** Waits until each cell has an active bridge that hears all other cells. */
  async joined(timeout = 60_000): Promise<void> {
    const deadline = performance.now() + timeout;
    while (!await this.#isJoined()) {
      if (performance.now() > deadline) {
        const reports = await Promise.all(
          this.cells.map((each) => this.bridges(each)),
        );
        throw new RangeError(
          `Cannot wait any longer for cells to join: ${
            JSON.stringify(
              reports.flat().map((
                { name, address, cell, nats, shards, cells },
              ) => ({
                ...{ name, address, cell, nats, shards, cells },
              })),
            )
          }`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Ends all of it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  async #isJoined(): Promise<boolean> {
    for (const cell of this.cells) {
      const bridges = await this.bridges(cell);
      const active = bridges.filter(({ shards = [] }) =>
        shards.some(({ active }) => active)
      );
      const hears = active.some(({ cells = [] }) =>
        cells.filter(({ reachable }) => reachable).length === CELLS.length - 1
      );
      if (!hears) return false;
    }
    return true;
  }
}

function makeCell(name: string, place: Place, nats: readonly string[]): Cell {
  const { address } = place;
  const first = getAvailablePorts(7);
  const register = `${address}:${first}`;
  const secret = "--secret-key=cell";
  const joins = [`--register=${register}`, secret, "--link-heartbeat=2"];
  const gateways = [1, 2].map((n) => ({
    url: `ws://${address}:${first + n}`,
    startPort: first + 2 + n,
  }));
  const start = (what: string, args: readonly string[]) =>
    new CellProcess(`${name} ${what}`, place, args);
  const bridges = [5, 6].map((n) =>
    start(`bridge ${n - 4}`, [
      "bridge",
      `--cell=${name}`,
      ...nats,
      `--cell-key=${CELL_KEY}`,
      `--push-key=${PUSH_KEY}`,
      `--bridge-port=${first + n}`,
      `--lan-ip=${address}`,
      ...joins,
    ])
  );
  const all = [
    start("register", ["register", `--register-listen=${register}`, secret]),
    ...gateways.map(({ url, startPort }, i) =>
      start(`gateway ${i + 1}`, [
        "gateway",
        `--listen=${url}`,
        `--start-port=${startPort}`,
        `--lan-ip=${address}`,
        ...joins,
      ])
    ),
    ...[1, 2].map((n) => start(`worker ${n}`, ["worker", HANDLER, ...joins])),
    ...bridges,
  ];
  return {
    name,
    register,
    clients: gateways.map(({ url }) => url),
    bridges,
    all,
  };
}

/** How soon servers notice that one of them is silent. */
const PINGS = 'ping_interval: "2s"\nping_max: 2\n';

function oneServer({ places: { nats }, folder }: StageOptions): NatsServer {
  const port = getAvailablePorts(1);
  const config = `${folder}/nats.conf`;
  Deno.writeTextFileSync(
    config,
    `listen: "${nats.address}:${port}"\n${PINGS}`,
  );
  return new NatsServer({
    config,
    hostname: nats.address,
    port,
    through: throughOf(nats),
    log: `${folder}/nats.log`,
  });
}

function regions({ places: { cells }, folder }: StageOptions): NatsServer[] {
  const regions = CELLS.map((name, i) => {
    const place = cells[i] ?? HERE.nats;
    const ports = getAvailablePorts(2);
    return { name, place, port: ports, gateway: ports + 1 };
  });
  const all = regions.map(({ name, place, gateway }) =>
    `{ name: ${name}, urls: ["nats://${place.address}:${gateway}"] }`
  ).join(", ");
  return regions.map(({ name, place, port, gateway }) => {
    const { address: hostname } = place;
    const config = `${folder}/nats-${name}.conf`;
    Deno.writeTextFileSync(
      config,
      `server_name: ${name}\nlisten: "${hostname}:${port}"\n${PINGS}gateway {\n  name: ${name}\n  listen: "${hostname}:${gateway}"\n  gateways: [${all}]\n}\n`,
    );
    const log = `${folder}/nats-${name}.log`;
    return new NatsServer({
      ...{ config, hostname, port, log },
      through: throughOf(place),
    });
  });
}
