import type { Histogram } from "prom-client";
import type { Durations, Sizes } from "../observe/distribution.ts";

/** One value of a metric, with the labels that tell it from others. */
export interface Sample {
  /** What follows the metric's name, where one has several values. */
  readonly suffix?: "_bucket" | "_sum" | "_count";
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

/** The values of one histogram. */
export function histogramOf(
  labels: Readonly<Record<string, string>>,
  told: Durations | Sizes | undefined,
): Sample[] {
  if (told === undefined) return [];
  const { buckets, count, sum } = told;
  const bounded = [
    ...buckets.map(([bound, value]) => [String(bound), value] as const),
    ["+Inf", count] as const,
  ];
  return [
    ...bounded.map(([le, value]): Sample => ({
      suffix: "_bucket",
      labels: { ...labels, le },
      value,
    })),
    { suffix: "_sum", labels, value: sum },
    { suffix: "_count", labels, value: count },
  ];
}

/** A histogram that was counted elsewhere: the package's own counts by itself. */
export function counted(
  name: string,
  help: string,
  samples: readonly Sample[],
): Histogram {
  const values = samples.map(({ suffix = "", labels, value }) => ({
    metricName: `${name}${suffix}`,
    labels,
    value,
  }));
  const type = "histogram";
  // All that a registry asks of a metric to write it.
  const metric = {
    name,
    get: () => Promise.resolve({ name, help, type, values }),
  };
  return metric as unknown as Histogram;
}
