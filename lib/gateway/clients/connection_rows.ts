import { now } from "../../base/clock.ts";
import { formatClientId, parseClientId } from "../../wire/bodies/client_id.ts";
import type { ConnectionRow } from "../../wire/bodies/connection_list.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";

/** Most groups that a row lists. */
const MAX_GROUPS = 16;

/** Returns some clients as rows, the longest connected first. */
export function connectionRows(
  clients: Iterable<Client>,
  gatewayId: string,
  limit: number,
): ConnectionRow[] {
  const rows: ConnectionRow[] = [];
  const time = Math.floor(now() / 1000);
  for (const client of clients) {
    if (rows.length >= limit) break;
    rows.push({
      id: formatClientId(gatewayId, client.connectionId),
      remoteAddress: client.remoteAddress,
      uid: client.uid ?? null,
      groups: [...client.groups ?? []].slice(0, MAX_GROUPS),
      queued: client.connection?.queuedBytes ?? 0,
      age: Math.max(0, time - client.since),
      events: client.route.eventNumber,
      worker: client.route.link?.link.peer.name ?? null,
      ...(client.isAway && { away: true }),
    });
  }
  return rows;
}

/** Returns the client of an id, or the clients of a uid. */
export function clientsNamed(
  table: ClientTable,
  gatewayId: string,
  subject: string,
): ReadonlySet<Client> {
  const address = parseClientId(subject);
  const client = address?.gatewayId === gatewayId
    ? table.get(address.connectionId)
    : undefined;
  return client === undefined ? table.withUid(subject) : new Set([client]);
}
