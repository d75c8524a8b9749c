/**
 * What many names cost: memory of each role, and the first and later sends to each name.
 * Names are groups of few clients, or uids, of which each has a client of its own.
 *
 * @module
 */
import { CellClient } from "./cell_client.ts";
import type { Cell, Stage } from "./stage.ts";
import { UidClients } from "./uid_clients.ts";

/** Groups that one client is in, and names that are sent to at a time. */
const OF_ONE = 500;

/** How a run goes. */
export interface MemoryOptions {
  /** The cells. */
  readonly stage: Stage;
  /** Names in each cell. */
  readonly names: number;
  /** Whether they are uids. */
  readonly areUids: boolean;
  /** Told what was found. */
  readonly say: (line: string) => void;
}

/** Runs it. */
export async function runMemory(
  { stage, names, areUids, say }: MemoryOptions,
): Promise<void> {
  using clients = new DisposableStack();
  const before = await Promise.all(
    stage.cells.map((cell) => memoryOf(stage, cell)),
  );
  const senders = new Map<Cell, CellClient>();
  for (const cell of stage.cells) {
    const start = performance.now();
    const [url = ""] = cell.clients;
    senders.set(cell, clients.use(await CellClient.connect(url)));
    if (areUids) {
      const all = clients.use(new UidClients());
      await all.connect(cell.clients, `${cell.name}-`, names);
    } else await joinGroups(cell, names, clients);
    say(`${cell.name}: ${names} names joined in ${seconds(start)} s`);
  }
  for (const [i, cell] of stage.cells.entries()) {
    const after = await memoryOf(stage, cell);
    const grown = [...after].map(([name, bytes]) =>
      `${name} ${mega(bytes)} (+${mega(bytes - (before[i]?.get(name) ?? 0))})`
    );
    say(`${cell.name} with ${names} names: ${grown.join(", ")}`);
  }
  const [cell] = stage.cells;
  for (const round of ["first", "second", "third"]) {
    if (cell === undefined) return;
    const [start, cpu] = [performance.now(), cpuOf(stage)];
    const frames = await receivedOf(stage);
    const what = areUids ? "toManyUids" : "toMany";
    for (let first = 0; first < names; first += OF_ONE) {
      const many = { first, count: Math.min(OF_ONE, names - first) };
      const texts = [round];
      const name = `${cell.name}-`;
      await senders.get(cell)?.do({ what, name, many, texts });
    }
    const time = seconds(start);
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    say(
      `${round} send to each of ${names} names of ${cell.name}: ${time} s, ${
        (cpuOf(stage) - cpu).toFixed(1)
      } CPU-seconds of all bridges, ${
        await receivedOf(stage) - frames
      } frames came to other cells`,
    );
  }
  for (const cell of stage.cells) {
    const parts = [...await memoryOf(stage, cell)].map(([name, bytes]) =>
      `${name} ${mega(bytes)}`
    );
    say(`${cell.name} after that: ${parts.join(", ")}`);
  }
}

async function joinGroups(
  cell: Cell,
  names: number,
  clients: DisposableStack,
): Promise<void> {
  for (let first = 0; first < names; first += OF_ONE) {
    const url = cell.clients[(first / OF_ONE) % cell.clients.length] ?? "";
    const client = clients.use(await CellClient.connect(url));
    const many = { first, count: Math.min(OF_ONE, names - first) };
    await client.do({ what: "joinMany", name: `${cell.name}-`, many });
  }
}

/** Bytes of memory of each role of a cell, which some supervisor may have started. */
async function memoryOf(
  stage: Stage,
  cell: Cell,
): Promise<Map<string, number>> {
  // Roles report once a second.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  const { gateways, workers, bridges = [] } = await stage.report(cell);
  const kinds = { gateway: gateways, worker: workers, bridge: bridges };
  return new Map(
    Object.entries(kinds).flatMap(([kind, nodes]) =>
      nodes.toSorted((one, other) => one.address.localeCompare(other.address))
        .map(({ memory = 0 }, i) => [`${kind} ${i + 1}`, memory] as const)
    ),
  );
}

/** Processor time of all bridges, in seconds. */
function cpuOf({ cells }: Stage): number {
  const ticks = cells.flatMap(({ bridges }) => bridges).map(({ pid }) => {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(fields[11]) + Number(fields[12]);
  });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

/** Frames that came to all cells. */
async function receivedOf(stage: Stage): Promise<number> {
  const reports = await Promise.all(
    stage.cells.map((cell) => stage.bridges(cell)),
  );
  return reports.flat().flatMap(({ cells = [] }) => cells)
    .reduce((sum, { received }) => sum + received, 0);
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1_000).toFixed(1);
}

function mega(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
