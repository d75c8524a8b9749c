import type { ConnectionList } from "../../wire/bodies/connection_list.ts";
import { isAboutCluster } from "./ask_cluster.ts";
import type { CommandContext } from "../options/command.ts";
import { LocalProcesses } from "./local_processes.ts";
import { isConnectionList } from "./question.ts";
import { runtimeDirOf } from "./runtime.ts";
import { originalOptions, trustOptions } from "../options/role_options.ts";

/**
 * Asks who is connected: all gateways if a Register was named, otherwise those on
 * this machine.
 *
 * @throws {NothingRunsError} If nothing runs on this machine.
 * @throws {LinkClosedError} If no Register answers.
 */
export async function askConnections(
  context: CommandContext,
): Promise<ConnectionList> {
  const { limit, register } = context.settings;
  if (isAboutCluster(context)) {
    const { GatewayClient } = await import("../../cluster/mod.ts");
    await using cluster = await GatewayClient.connect({
      register,
      ...trustOptions(context.settings),
      ...originalOptions(context.settings),
      name: "connections",
    });
    return await cluster.connections(limit);
  }
  const local = await LocalProcesses.find(runtimeDirOf(context.settings));
  const answers = await local.ask({ about: "connections", limit });
  const { mergeConnectionLists } = await import(
    "../../wire/bodies/connection_list.ts"
  );
  return mergeConnectionLists(answers.filter(isConnectionList), limit);
}
