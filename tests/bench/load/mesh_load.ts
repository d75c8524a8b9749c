import { Histogram } from "./histogram.ts";
import { noFaults } from "./lane.ts";
import type { LoadOptions, LoadTarget } from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";
import { pause, Stopwatch } from "./stopwatch.ts";

/** Does nothing, and reads what servers without any client use. */
export async function runMesh(
  load: LoadOptions,
  { watched }: LoadTarget,
): Promise<LoadResult> {
  await pause(load.warmup);
  const stopwatch = new Stopwatch(watched);
  await pause(load.seconds);
  return {
    load,
    ...stopwatch.read(),
    sent: 0,
    delivered: 0,
    perSecond: 0,
    faults: noFaults(),
    latency: new Histogram().summary(),
  };
}
