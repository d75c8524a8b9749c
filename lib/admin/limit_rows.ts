import type { GatewayReport } from "../observe/report.ts";

/** A metric of a limit of uids or addresses. */
export interface LimitRow {
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "counter";
  /** What it says. */
  readonly help: string;
  /** Finds it. */
  value(report: Partial<GatewayReport>): number | undefined;
}

/** All of them. */
export const LIMIT_ROWS: readonly LimitRow[] = [
  row(
    "uid_connections",
    "uidConnections",
    "Clients beyond those that a uid may have",
  ),
  row("uid_messages", "uidMessages", "Times that a uid sent too many messages"),
  row("uid_bytes", "uidBytes", "Times that a uid sent too many bytes"),
  row(
    "address_connections",
    "addressConnections",
    "Clients beyond those that an address may have",
  ),
  row(
    "address_messages",
    "addressMessages",
    "Times that an address sent too many messages",
  ),
  row(
    "address_bytes",
    "addressBytes",
    "Times that an address sent too many bytes",
  ),
];

function row(name: string, key: string, help: string): LimitRow {
  return {
    name: `limit_${name}_total`,
    type: "counter",
    help,
    value: ({ limits }) => limits && (limits[key] ?? 0),
  };
}
