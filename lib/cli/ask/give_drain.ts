import type { DrainOrder } from "../../process/control.ts";
import type { CommandContext } from "../options/command.ts";
import { LocalProcesses, withGateways } from "./local_processes.ts";
import { runtimeDirOf } from "./runtime.ts";
import { whoAsks } from "./who_asks.ts";

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
  const by = whoAsks();
  // One after another: the rate is that of the machine.
  for (const name of withGateways(local)) {
    await local.order(
      name,
      { ...order, by },
      (line) => output.out(`${line}\n`),
    );
  }
  return 0;
}
