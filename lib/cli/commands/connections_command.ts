import type {
  ConnectionList,
  ConnectionRow,
} from "../../wire/bodies/connection_list.ts";
import { askConnections } from "../ask/ask_connections.ts";
import type { Command } from "../options/command.ts";
import {
  type Column,
  formatBytes,
  formatCount,
  formatDuration,
  formatTable,
} from "../print/table.ts";
import { printOrWatch } from "../run/watch.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";
import { PHP_DIAL_KEYS } from "../options/php_options.ts";

const COLUMNS: readonly Column<ConnectionRow>[] = [
  { title: "CLIENT", text: ({ id }) => id },
  { title: "FROM", text: ({ remoteAddress }) => remoteAddress },
  { title: "UID", text: ({ uid }) => uid ?? "" },
  { title: "GROUPS", text: ({ groups }) => groups.join(", ") },
  { title: "WORKER", text: ({ worker }) => worker ?? "" },
  { title: "STATE", text: ({ away }) => away ? "away" : "" },
  { title: "AGE", align: "right", text: ({ age }) => formatDuration(age) },
  {
    title: "EVENTS",
    align: "right",
    text: ({ events }) => formatCount(events),
  },
  {
    title: "QUEUED",
    align: "right",
    text: ({ queued }) => formatBytes(queued),
  },
];

/** Shows who is connected. */
export const connectionsCommand: Command = {
  name: "connections",
  operands: [],
  summary: "show the clients that are connected",
  description:
    `Shows clients of the gateways on this machine, or with --register of the whole
cluster: their ids, where they come from, uid and groups, for how long they are
here, how many events they raised, and the bytes that wait for them to read. Who
is away has no socket, and may come back to its session.`,
  examples: `
# the first hundred of this machine
deno run -A cli.ts connections
# more of the cluster, for a program
deno run -A cli.ts connections --register 10.0.0.1:1236 --limit 1000 --json`,
  options: [
    "register",
    ...NODE_TRUST_KEYS,
    ...PHP_DIAL_KEYS,
    "runtimeDir",
    "limit",
    "json",
    "watch",
    "interval",
  ],
  run: async (context) => {
    await printOrWatch(context, async () => {
      const connections = await askConnections(context);
      return context.settings.json
        ? `${JSON.stringify(connections)}\n`
        : format(connections);
    });
    return 0;
  },
};

function format({ total, rows }: ConnectionList): string {
  const shown = rows.length < total
    ? `${formatCount(rows.length)} of ${
      formatCount(total)
    } clients, see --limit\n`
    : `${formatCount(total)} client${total === 1 ? "" : "s"}\n`;
  return rows.length === 0 ? shown : `${formatTable(COLUMNS, rows)}\n${shown}`;
}
