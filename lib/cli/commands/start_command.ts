import type { Command, CommandContext } from "../options/command.ts";
import { gatewayChildren, gatewayCommand } from "./gateway_command.ts";
import type { OptionKey } from "../options/option_table.ts";
import { registerChild, registerCommand } from "./register_command.ts";
import { toHandlerUrl } from "../options/handler_url.ts";
import { withDevDefaults } from "../run/dev.ts";
import { GATEWAYS } from "../run/groups.ts";
import { supervise } from "../run/supervise.ts";
import { workerCommand, workerGroup } from "./worker_command.ts";

/** What a role is told that `start` decides by itself. */
const DECIDED: readonly OptionKey[] = [
  "registerListen",
  "alone",
  "count",
  "reusePort",
  "id",
  "fileLimit",
];

/** Runs all roles on this machine. */
export const startCommand: Command = {
  name: "start",
  operands: ["HANDLER"],
  summary: "run a Register, gateways and workers on this machine",
  description:
    `Runs everything on this machine: a Register (on the first address of --register),
gateways, and workers that call the function that the module HANDLER exports as
default. What dies is started again. Ctrl-C stops all of it without losing a
message; a second one stops at once.`,
  examples: `
# clients on ws://0.0.0.0:8282
deno run -A cli.ts start handler.ts
# while you write it: on this machine alone, reloaded at each change
deno run -A cli.ts start handler.ts --dev
# two gateways behind one port, three workers, a heartbeat for the clients
deno run -A cli.ts start handler.ts --gateways 2 --workers 3 --ping-interval 20
# the same with a configuration file and one value on top
GATEWAYWORKER_PING_INTERVAL=30 deno run -A cli.ts start handler.ts --config cluster.json`,
  options: [
    "dev",
    "gateways",
    "workers",
    ...new Set(
      [gatewayCommand, workerCommand, registerCommand]
        .flatMap((command) => command.options)
        .filter((key) => !DECIDED.includes(key)),
    ),
  ],
  run: async (given) => {
    const context = withDevDefaults(withComfort(given));
    const { settings: { gateways, workers, dev }, operands } = context;
    const handler = toHandlerUrl(operands[0] ?? "");
    return await supervise(context, "start", {
      // Stopped in the opposite order: a gateway's clients are closed while there
      // are workers to hear of it.
      toGroups: async (worlds) => [
        { name: "register", children: [registerChild(context, worlds)] },
        workerGroup(context, { count: workers, worlds }),
        {
          name: GATEWAYS,
          children: await gatewayChildren(context, { count: gateways, worlds }),
        },
      ],
      watched: dev && handler.startsWith("file:") ? handler : undefined,
    });
  },
};

/** What pages come back with is there, unless somebody said no. */
function withComfort(context: CommandContext): CommandContext {
  const { settings, origins } = context;
  const chosen = { ...settings };
  for (const key of ["resume", "serveClient"] as const) {
    if (!origins.has(key)) chosen[key] = true;
  }
  return { ...context, settings: chosen };
}
