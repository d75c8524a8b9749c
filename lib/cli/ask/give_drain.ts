import type { DrainOrder } from "../../process/control.ts";
import type { CommandContext } from "../options/command.ts";
import { LocalProcesses, NothingRunsError } from "./local_processes.ts";
import { runtimeDirOf } from "./runtime.ts";
import { whoAsks } from "./who_asks.ts";

/** What runs here and has gateways. */
const WITH_GATEWAYS = /^(gateway|start)\b/;

/**
 * Has the gateways on this machine send clients away; prints how it goes.
 *
 * @returns The exit code.
 * @throws {NothingRunsError} If there are none.
 */
export async function giveDrain(
  { settings, output }: CommandContext,
  order: Omit<DrainOrder, "by">,
): Promise<number> {
  const local = await LocalProcesses.find(runtimeDirOf(settings));
  const names = local.names.filter((name) => WITH_GATEWAYS.test(name));
  if (names.length === 0) {
    throw new NothingRunsError("Nothing to drain: no gateway runs here");
  }
  const by = whoAsks();
  // One after another: the rate is that of the machine.
  for (const name of names) {
    await local.order(
      name,
      { ...order, by },
      (line) => output.out(`${line}\n`),
    );
  }
  return 0;
}
