import {
  fairness,
  type LoadResult,
  perCpuSecond,
  residentBytes,
  serverCpu,
  switchesPerSecond,
} from "./load_result.ts";

/** What can be compared between servers. */
export type FigureName =
  | "perSecond"
  | "perCpuSecond"
  | "cpu"
  | "cpuPerMessage"
  | "p50"
  | "p99"
  | "fairness"
  | "generator"
  | "switches"
  | "resident"
  | "memory"
  | "start"
  | "gatewayWork"
  | "workerWork";

/** A figure: how to read it off a run, and what it is called. */
export interface Figure {
  /** Heading of a column, with the unit. */
  readonly title: string;
  /** Reads it off a run. */
  readonly of: (result: LoadResult) => number;
}

/** All figures. */
export const FIGURES: Readonly<Record<FigureName, Figure>> = {
  perSecond: { title: "per second", of: (result) => result.perSecond },
  perCpuSecond: { title: "per server CPU-second", of: perCpuSecond },
  cpu: {
    title: "server CPU, cores",
    of: (result) => serverCpu(result) / result.seconds,
  },
  cpuPerMessage: {
    title: "server CPU, ms per message",
    of: (result) => serverCpu(result) * 1_000 / result.delivered,
  },
  p50: { title: "p50 ms", of: ({ latency }) => latency.p50 },
  p99: { title: "p99 ms", of: ({ latency }) => latency.p99 },
  fairness: { title: "least served client : median", of: fairness },
  generator: {
    title: "generator CPU, cores",
    of: ({ generator, seconds }) => generator.cpu / seconds,
  },
  resident: {
    title: "server memory, MB",
    of: (result) => residentBytes(result) / 1e6,
  },
  switches: { title: "context switches/s", of: switchesPerSecond },
  memory: { title: "bytes per client", of: memoryPerClient },
  start: { title: "ms to the first echo", of: ({ latency }) => latency.max },
  gatewayWork: {
    title: "gateway CPU, µs per message",
    of: (result) => workOf("gateway", result),
  },
  workerWork: {
    title: "worker CPU, µs per message",
    of: (result) => workOf("worker", result),
  },
};

/** The middle of several runs, and how far they lie apart. */
export interface Spread {
  /** Where most runs lie above: the first quartile, or the least of fewer than five. */
  readonly low: number;
  /** The middle value. */
  readonly median: number;
  /** Where most runs lie below: the third quartile, or the greatest of fewer than five. */
  readonly high: number;
  /**
   * Where the median of ever more such runs would lie, with a certainty of 95 %;
   * `undefined` if there are fewer than six.
   */
  readonly sure?: Interval | undefined;
}

/** All between two values. */
export interface Interval {
  /** The lower one. */
  readonly from: number;
  /** The upper one. */
  readonly to: number;
}

/** Runs from which on quartiles say more than the least and the greatest. */
const ENOUGH_FOR_QUARTILES = 5;

/** Sums up the values of several runs; all zero if there are none. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const part = sorted.length < ENOUGH_FOR_QUARTILES ? 0 : 0.25;
  return {
    low: quantile(sorted, part),
    median: quantile(sorted, 0.5),
    high: quantile(sorted, 1 - part),
    sure: intervalOfMedian(sorted),
  };
}

function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const below = sorted[Math.floor(at)] ?? 0;
  const above = sorted[Math.ceil(at)] ?? 0;
  return below + (above - below) * (at % 1);
}

/**
 * Finds the values between which the true median lies with 95 %, whatever the runs are
 * distributed like: each lies above it or below it as a coin falls, so it is hardly ever
 * outside of the k-th from either end.
 */
function intervalOfMedian(sorted: readonly number[]): Interval | undefined {
  const { length } = sorted;
  let ways = 1;
  let outside = 0;
  let k = 0;
  while (true) {
    outside += ways / 2 ** length;
    if (2 * outside > 0.05) break;
    k++;
    ways *= (length - k + 1) / k;
  }
  const [from, to] = [sorted[k - 1], sorted[length - k]];
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** Compares runs that took turns, round by round, so that slow drift cancels out. */
export function ratioOf(
  figure: FigureName,
  ours: readonly LoadResult[],
  theirs: readonly LoadResult[],
): Spread {
  const { of } = FIGURES[figure];
  const rounds = Math.min(ours.length, theirs.length);
  return spreadOf(
    ours.slice(0, rounds).map((result, i) =>
      of(result) / of(theirs[i] as LoadResult)
    ),
  );
}

/** Writes a figure for people; one of a run in which nothing came is none. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value >= 100
    ? Math.round(value).toLocaleString("en-US")
    : value.toFixed(2);
}

/** Microseconds that the processes of a role computed for each message. */
function workOf(role: string, { usage, delivered }: LoadResult): number {
  const cpu = usage.filter(({ name }) => name === role)
    .reduce((total, each) => total + each.cpu, 0);
  return cpu * 1e6 / delivered;
}

/** Memory that the processes which hold connections gained. */
function memoryPerClient({ usage, delivered }: LoadResult): number {
  const gateways = usage.filter(({ name }) => name === "gateway");
  const holders = gateways.length > 0 ? gateways : usage;
  return holders.reduce((total, { rss }) => total + rss, 0) / delivered;
}
