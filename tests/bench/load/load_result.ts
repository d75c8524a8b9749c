import type { LatencySummary } from "./histogram.ts";
import type { Faults } from "./lane.ts";
import type { LoadOptions } from "./load_options.ts";
import type { Usage } from "./proc.ts";

/** What one run of the generator found. */
export interface LoadResult {
  /** The load that ran. */
  readonly load: LoadOptions;
  /** Seconds that the window really took. */
  readonly seconds: number;
  /** Messages sent in the window; in `connect` and `idle`, connections started. */
  readonly sent: number;
  /** Messages received in the window; in `connect` and `idle`, connections made. */
  readonly delivered: number;
  /** `delivered` a second. */
  readonly perSecond: number;
  /** What went wrong in the whole run, warm-up included. */
  readonly faults: Faults;
  /** Messages that each client received in the window, if it counts them. */
  readonly served?: Served;
  /** From the (intended) sending to the receipt, in milliseconds. */
  readonly latency: LatencySummary;
  /** What each watched process used in the window; `rss` is the growth. */
  readonly usage: readonly Usage[];
  /** What the generator itself used in the window. */
  readonly generator: Usage;
}

/** How evenly clients are served. */
export interface Served {
  /** Messages of the client that received the fewest. */
  readonly least: number;
  /** Messages of the client in the middle. */
  readonly median: number;
  /** Messages of the client that received the most. */
  readonly most: number;
}

/** Sums up how many messages each client received. */
export function servedOf(counts: Uint32Array): Served {
  const sorted = counts.toSorted();
  return {
    least: sorted[0] ?? 0,
    median: sorted[sorted.length >> 1] ?? 0,
    most: sorted.at(-1) ?? 0,
  };
}

/** Messages of the client served least, as a part of those of the one in the middle. */
export function fairness({ served }: LoadResult): number {
  return served === undefined ? 0 : served.least / served.median;
}

/** Bytes of memory that all watched processes hold. */
export function residentBytes({ usage }: LoadResult): number {
  return usage.reduce((total, { resident }) => total + resident, 0);
}

/** Seconds of processor time of all watched processes. */
export function serverCpu(result: LoadResult): number {
  return result.usage.reduce((total, { cpu }) => total + cpu, 0);
}

/** Context switches of all watched processes, a second. */
export function switchesPerSecond(result: LoadResult): number {
  return result.usage.reduce((total, { switches }) => total + switches, 0) /
    result.seconds;
}

/** Messages received for each second of the servers' processor time. */
export function perCpuSecond(result: LoadResult): number {
  return result.delivered / serverCpu(result);
}

/** Faults of all kinds. */
export function faultCount({ faults }: LoadResult): number {
  return Object.values(faults).reduce((total, count) => total + count, 0);
}
