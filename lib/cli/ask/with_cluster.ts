import { messageOf } from "../../base/errors.ts";
import type { GatewayClient } from "../../cluster/mod.ts";
import type { CommandContext } from "../options/command.ts";
import { originalOptions, trustOptions } from "../options/role_options.ts";

/** Joins the cluster that a command was told of. */
export async function joinCluster(
  { settings }: CommandContext,
): Promise<GatewayClient> {
  const { GatewayClient } = await import("../../cluster/mod.ts");
  const { register } = settings;
  return await GatewayClient.connect({
    ...trustOptions(settings),
    ...originalOptions(settings),
    register,
    name: "cli",
  });
}

/**
 * Does something in the cluster, then leaves it.
 *
 * @param context What the command was given.
 * @param act What to do; resolves with the exit code.
 * @returns That code; 2 if the call was wrong, 1 if it failed.
 */
export async function withCluster(
  context: CommandContext,
  act: (cluster: GatewayClient) => Promise<number>,
): Promise<number> {
  try {
    await using cluster = await joinCluster(context);
    return await act(cluster);
  } catch (error) {
    context.output.error(`${messageOf(error)}\n`);
    return error instanceof TypeError || error instanceof RangeError ? 2 : 1;
  }
}
