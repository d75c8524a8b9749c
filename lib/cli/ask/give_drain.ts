import { messageOf } from "../../base/errors.ts";
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
  let code = 0;
  // One after another: the rate is that of the machine. One that fails keeps no other in.
  for (const name of withGateways(local)) {
    try {
      await local.order(
        name,
        { ...order, by },
        (line) => output.out(`${line}\n`),
      );
    } catch (error) {
      output.error(`${name}: ${messageOf(error)}\n`);
      code = 1;
    }
  }
  return code;
}
