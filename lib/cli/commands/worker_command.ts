import { fileURLToPath } from "node:url";
import type { ChildSpec } from "../../process/child.ts";
import type { Group } from "../../process/supervisor.ts";
import { CORE_FILES } from "../world/core.ts";
import { refuseForeignWorld } from "../world/foreign_world.ts";
import type { WorldFiles } from "../world/world_files.ts";
import { childSpec } from "./child_command.ts";
import type { Command, CommandContext } from "../options/command.ts";
import { words } from "../options/option_kind.ts";
import { toHandlerUrl } from "../options/handler_url.ts";
import { WORKER_KEYS } from "../options/role_keys.ts";
import { serve } from "../run/serve.ts";
import { WORKERS } from "../run/groups.ts";
import { supervise } from "../run/supervise.ts";

/** Runs workers under a supervisor, or one in this process. */
export const workerCommand: Command = {
  name: "worker",
  operands: ["HANDLER"],
  summary: "run workers, which run your code",
  description:
    `Runs workers: each links to every gateway that the Register knows and calls the
function that the module HANDLER exports as default. Add and remove workers at
any time; no client notices.`,
  examples: `
# one worker, everything else on this machine
deno run -A cli.ts worker handler.ts
# four on a machine of their own
deno run -A cli.ts worker handler.ts --count 4 --register 10.0.0.1:1236
# handlers that may talk to the database and nothing else
deno run -A cli.ts worker handler.ts --worker-permissions "--allow-net=127.0.0.1,10.0.0.1"`,
  options: WORKER_KEYS,
  run: async (context) => {
    const { supervised, alone, count } = context.settings;
    if (supervised || alone) {
      const [handler = ""] = context.operands;
      if (alone) refuseForeignWorld(toHandlerUrl(handler));
      const { runWorker } = await import("../roles/worker.ts");
      return await runWorker(context, serve);
    }
    return await supervise(context, `worker-${Deno.pid}`, {
      toGroups: (worlds) => [workerGroup(context, { count, worlds })],
    });
  },
};

/** Of workers that are run as children. */
export interface WorkerGroup {
  /** How many. */
  readonly count: number;
  /** Where the world of their handler is written down. */
  readonly worlds: WorldFiles;
}

/**
 * How to run workers as children, each rollout in the world that their handler has then.
 *
 * @throws {TypeError} If there is no such handler, or its world is broken, before any
 * is started.
 */
export function workerGroup(
  context: CommandContext,
  group: WorkerGroup,
): Group {
  const renew = () => workerChildren(context, group);
  return { name: WORKERS, children: renew(), renew };
}

function workerChildren(
  { settings, operands }: CommandContext,
  { count, worlds }: WorkerGroup,
): ChildSpec[] {
  const url = new URL(toHandlerUrl(operands[0] ?? ""));
  const world = worlds.of(url.href);
  return Array.from({ length: count }, (_, id) =>
    childSpec({
      name: `worker ${id}`,
      command: workerCommand,
      operands,
      settings: { ...settings, id },
      entry: import.meta.resolve("../roles/worker.ts"),
      permissions: words(settings.workerPermissions),
      world,
      files: url.protocol === "file:"
        ? [fileURLToPath(url), ...CORE_FILES]
        : CORE_FILES,
    }));
}
