import { messageOf } from "../../../lib/base/errors.ts";
import { DEFAULT_LOAD, type LoadOptions } from "../load/load_options.ts";
import { nameAtRevision } from "../load/role_plan.ts";
import type { Scenario } from "../load/scenario.ts";
import { countWork } from "./count.ts";
import type { CountedRow } from "./count_report.ts";
import type { Counts } from "./counts.ts";

/** What can be counted: loads in which messages pass. */
const COUNTABLE = ["echo", "direct", "group", "broadcast"];

/** A load that is counted. */
export interface CountedLoad {
  /** What it is, in a few words. */
  readonly title: string;
  /** The load. */
  readonly load: LoadOptions;
  /** Which of our servers takes it. */
  readonly server: string;
}

/** One message on its way, and nobody else's: what a wake-up of each role costs. */
const ALONE: CountedLoad = {
  title: "Echo, one client",
  load: { ...DEFAULT_LOAD, clients: 1 },
  server: "ours",
};

/** How work is counted. */
export interface CompareWorkOptions {
  /** Ends everything when aborted. */
  readonly stop: AbortSignal;
  /** Tells a person what happens. */
  readonly log: (line: string) => void;
}

/** Counts what this version and an earlier one do for each message of some loads. */
export async function compareWork(
  scenarios: readonly Scenario[],
  revision: string,
  { stop, log }: CompareWorkOptions,
): Promise<CountedRow[]> {
  const count = async (load: LoadOptions, name: string) => {
    try {
      return await countWork(load, name, stop);
    } catch (error) {
      log(`  ${name}: not counted: ${messageOf(error)}`);
      return undefined;
    }
  };
  const rows: CountedRow[] = [];
  for (const { title, load, server } of [ALONE, ...countedLoads(scenarios)]) {
    if (stop.aborted) break;
    log(`# Counted: ${title}`);
    const now: Counts | undefined = await count(load, server);
    const before = await count(load, nameAtRevision(server, revision));
    rows.push({ title, now, before });
  }
  return rows;
}

/** Returns the loads of scenarios as they are counted, on the first server of each. */
export function countedLoads(scenarios: readonly Scenario[]): CountedLoad[] {
  return scenarios.filter(({ load }) =>
    COUNTABLE.includes(load.mode) && load.rate === 0
  ).map(({ title, load, servers: [server = "ours"] }) =>
    // How many of several share a write to each client is chance: 1 to 16.
    load.mode === "broadcast" && load.depth > 1
      ? {
        title: `Broadcast to ${load.clients} clients, one in flight`,
        load: { ...load, depth: 1 },
        server,
      }
      : { title, load, server }
  );
}
