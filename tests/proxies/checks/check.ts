import type { ProxiedCluster } from "../cluster.ts";
import type { RunningProxy } from "../proxy.ts";
import type { Site } from "../site.ts";

/** What a check has to do with. */
export interface Bed {
  /** The processes behind the proxy. */
  readonly cluster: ProxiedCluster;
  /** Where clients connect. */
  readonly site: Site;
  /** The proxy; `undefined` where clients connect to a gateway. */
  readonly proxy: RunningProxy | undefined;
  /**
   * The same proxy without the lines that keep clients from forging an address;
   * `undefined` if it needs none.
   */
  readonly unguarded: Site | undefined;
  /** Ports of the gateways that are behind it. */
  readonly gateways: readonly number[];
}

/** One row of the table. */
export interface Check {
  /** What the row is called. */
  readonly title: string;
  /**
   * What was seen, in few words. Figures in parentheses may differ from one run to the
   * next, the words before them may not.
   */
  run(bed: Bed): Promise<string>;
}

/** Says how many there are of each kind, the most frequent first. */
export function tally(kinds: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([kind, count]) => `${count} × ${kind}`).join(", ");
}

/** The kinds alone, sorted. */
export function kindsOf(kinds: Iterable<string>): string {
  return [...new Set(kinds)].sort().join(", ");
}
