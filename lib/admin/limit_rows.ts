import type { GatewayReport } from "../observe/report.ts";
import type { Row } from "./metric.ts";

/** All of them. */
export const LIMIT_ROWS: readonly Row<Partial<GatewayReport>>[] = [
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

function row(
  name: string,
  key: string,
  help: string,
): Row<Partial<GatewayReport>> {
  return {
    name: `limit_${name}_total`,
    type: "counter",
    help,
    value: ({ limits }) => limits && (limits[key] ?? 0),
  };
}
