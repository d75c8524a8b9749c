import { fileURLToPath } from "node:url";
import { checkOut } from "./checkout.ts";
import { Histogram } from "./histogram.ts";
import { noFaults } from "./lane.ts";
import type { LoadOptions } from "./load_options.ts";
import type { LoadResult } from "./load_result.ts";
import { UnavailableError } from "./peer_folder.ts";
import { rolePlanOf } from "./role_plan.ts";
import { measureStart } from "./start_time.ts";

/**
 * Starts a whole cluster with one command, waits for the first echo, and stops it.
 *
 * @param name `ours`, or `ours@REVISION`.
 * @throws {UnavailableError} If it is none of ours.
 */
export async function runStart(
  load: LoadOptions,
  name: string,
): Promise<LoadResult> {
  const plan = rolePlanOf(name);
  if (plan === undefined) throw new UnavailableError(`Cannot start "${name}"`);
  const root = plan.revision === undefined
    ? fileURLToPath(new URL("../../..", import.meta.url))
    : await checkOut(plan.revision);
  const duration = await measureStart(root);
  const latency = new Histogram();
  latency.record(duration);
  return {
    load,
    seconds: duration / 1_000,
    sent: 1,
    delivered: 1,
    perSecond: 1_000 / duration,
    faults: noFaults(),
    latency: latency.summary(),
    usage: [],
    generator: { name: "generator", cpu: 0, switches: 0, rss: 0, resident: 0 },
  };
}
