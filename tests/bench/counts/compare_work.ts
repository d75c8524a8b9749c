import { messageOf } from "../../../lib/base/errors.ts";
import { DEFAULT_LOAD, type LoadOptions } from "../load/load_options.ts";
import type { Scenario } from "../load/scenario.ts";
import { countWork } from "./count.ts";
import type { CountedRow } from "./count_report.ts";
import type { Counts } from "./counts.ts";

/** What can be counted: loads in which messages pass. */
const COUNTABLE = ["echo", "direct", "group", "broadcast"];

/** One message on its way, and nobody else's: what a wake-up of each role costs. */
const ALONE = {
  title: "Echo, one client",
  load: { ...DEFAULT_LOAD, clients: 1 },
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
  const countable = scenarios.filter(({ load }) =>
    COUNTABLE.includes(load.mode) && load.rate === 0
  );
  for (const { title, load } of [ALONE, ...countable]) {
    if (stop.aborted) break;
    log(`# Counted: ${title}`);
    const now: Counts | undefined = await count(load, "ours");
    const before = await count(load, `ours@${revision}`);
    rows.push({ title, now, before });
  }
  return rows;
}
