import { messageOf } from "../../base/errors.ts";
import type { PushClient } from "../../cluster/mod.ts";
import type { CommandContext } from "../options/command.ts";
import { natsOptions } from "../options/nats_options.ts";

/**
 * Does something by way of NATS, then leaves it.
 *
 * @param context What the command was given.
 * @param act What to do; resolves with the exit code.
 * @returns That code; 2 if the call was wrong, 1 if it failed.
 */
export async function withPushes(
  context: CommandContext,
  act: (pushes: PushClient) => Promise<number>,
): Promise<number> {
  const { settings } = context;
  const { cluster, pushKey, pushKeyFile } = settings;
  try {
    const { GatewayClient } = await import("../../cluster/mod.ts");
    await using pushes = await GatewayClient.connect({
      ...natsOptions(settings),
      cluster,
      pushKey: pushKey.split(","),
      ...(pushKeyFile === "" ? {} : { pushKeyFile }),
      name: "cli",
    });
    return await act(pushes);
  } catch (error) {
    context.output.error(`${messageOf(error)}\n`);
    return error instanceof TypeError || error instanceof RangeError ? 2 : 1;
  }
}
