import type { BusyName, BusyNames } from "../../wire/bodies/connection_list.ts";
import type { Client } from "./client.ts";
import type { ClientTable } from "./client_table.ts";

/** Returns the biggest groups and the busiest uids of one gateway. */
export function busyNames(table: ClientTable, limit: number): BusyNames {
  const groups = new Best(limit, ({ clients }) => clients);
  for (const name of table.groups()) {
    groups.offer({ name, clients: table.inGroup(name).size, events: 0 });
  }
  const uids = new Best(limit, ({ events }) => events);
  for (const name of table.uids()) {
    const clients = table.withUid(name);
    uids.offer({ name, clients: clients.size, events: eventsOf(clients) });
  }
  return { groups: groups.found, uids: uids.found };
}

function eventsOf(clients: Iterable<Client>): number {
  let events = 0;
  for (const { route } of clients) events += route.eventNumber;
  return events;
}

/** The first few of many, without sorting all. */
class Best {
  readonly #limit: number;
  readonly #weight: (name: BusyName) => number;
  /** The first few, the first first. */
  readonly found: BusyName[] = [];

  constructor(limit: number, weight: (name: BusyName) => number) {
    this.#limit = limit;
    this.#weight = weight;
  }

  offer(name: BusyName): void {
    const weight = this.#weight(name);
    const last = this.found.at(-1);
    const isFull = this.found.length >= this.#limit;
    if (isFull && (last === undefined || weight <= this.#weight(last))) return;
    const place = this.found.findIndex((each) => this.#weight(each) < weight);
    this.found.splice(place === -1 ? this.found.length : place, 0, name);
    if (isFull) this.found.pop();
  }
}
