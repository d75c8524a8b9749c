import { askReport } from "../ask/ask_cluster.ts";
import type { Command } from "../options/command.ts";
import { formatStatus } from "../print/status_tables.ts";
import { printOrWatch } from "../run/watch.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";

/** Shows how everybody is. */
export const statusCommand: Command = {
  name: "status",
  operands: [],
  summary: "show Registers, gateways and workers, and how they are",
  description:
    `Shows what runs on this machine; with --register, the whole cluster, as its
Registers know it. Columns: events of clients and messages to clients a second,
bytes that wait for clients to read, clients that wait for a worker, how full
the fullest window to a worker is, how long handlers take, memory, CPU (100% is
one core), and the longest delay of the event loop of late.`,
  examples: `
# this machine, again and again
deno run -A cli.ts status --watch
# the cluster, for a program
deno run -A cli.ts status --register 10.0.0.1:1236 --secret-key-file key.txt --json`,
  options: [
    "register",
    ...NODE_TRUST_KEYS,
    "runtimeDir",
    "json",
    "watch",
    "interval",
  ],
  run: async (context) => {
    await printOrWatch(context, async () => {
      const report = await askReport(context);
      return context.settings.json
        ? `${JSON.stringify(report)}\n`
        : formatStatus(report);
    });
    return 0;
  },
};
