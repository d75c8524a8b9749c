import { NO_BYTES } from "../base/no_bytes.ts";
import { PhpCommand } from "../php/packet.ts";
import { formatClientId } from "../wire/bodies/client_id.ts";
import {
  type BusyNames,
  type ConnectionList,
  decodeConnectionQuery,
} from "../wire/bodies/connection_list.ts";
import {
  type ClientRows,
  decodeClientQuery,
  decodeNameQuery,
  type NameQuery,
  type NameRows,
} from "../wire/bodies/query.ts";
import type { Call } from "./call.ts";
import type { CommandLine } from "./command_line.ts";
import { readWholeSession } from "./php_session.ts";
import { arrayIn, numberIn, select, type SelectedClient } from "./select.ts";

const encoder = new TextEncoder();

/** Most groups that a row of the list of connections names. */
const MAX_GROUPS = 8;

/** Answers what is asked of the tables of a gateway. */
export class ListCalls {
  readonly #line: CommandLine;
  readonly #gatewayId: string;

  /**
   * @param line Where the gateway is told and asked.
   * @param gatewayId What the clients' ids begin with.
   */
  constructor(line: CommandLine, gatewayId: string) {
    this.#line = line;
    this.#gatewayId = gatewayId;
  }

  /** How many clients there are. */
  count(): Promise<number> {
    return this.#countIn(NO_BYTES);
  }

  /** Rows of clients. */
  async clients({ head }: Call): Promise<ClientRows> {
    const { fields, ...where } = decodeClientQuery(head);
    const found = await select(this.#line, where, fields);
    return {
      ids: found.map(({ id }) => id),
      uids: fields.includes("uid") ? found.map(({ uid }) => uid ?? null) : [],
      groups: fields.includes("groups")
        ? found.map(({ groups }) => [...groups])
        : [],
      sessions: fields.includes("session")
        ? found.map(({ session }) => readWholeSession(session) ?? null)
        : [],
    };
  }

  /** Rows of uids or groups. */
  async names({ head }: Call): Promise<NameRows> {
    const query = decodeNameQuery(head);
    const { index, names, field } = query;
    if (index === "groups" && names !== undefined && field === "count") {
      return await this.#groupCounts(names);
    }
    if (index === "groups" && names === undefined && field === "none") {
      const reply = await this.#line.ask({
        command: PhpCommand.GetGroupIdList,
      });
      const groups = [...arrayIn(reply).values()].map(String);
      return { names: groups, counts: [], clients: [], uids: [] };
    }
    const where = { [index]: names };
    const found = await select(this.#line, where, ["uid", "groups"]);
    return rowsOf(byName(found, query), query);
  }

  /** Some clients as an operator sees them, or the biggest groups and uids. */
  async connections({ head }: Call): Promise<ConnectionList | BusyNames> {
    const { limit, subject, busiest, group } = decodeConnectionQuery(head);
    const where = group === undefined ? {} : { groups: [group] };
    const all = await select(this.#line, where, ["uid", "groups"]);
    if (busiest !== undefined) {
      return {
        groups: biggest(byName(all, { index: "groups" }), busiest),
        uids: biggest(byName(all, { index: "uids" }), busiest),
      };
    }
    const rows = all.map((client) => this.#row(client));
    const meant = subject === undefined || group !== undefined
      ? rows
      : rows.filter(({ id, uid }) => id === subject || uid === subject);
    return { total: meant.length, rows: meant.slice(0, limit) };
  }

  /** The original tells no more of a client than that. */
  #row({ id, uid, groups }: SelectedClient) {
    return {
      id: formatClientId(this.#gatewayId, id),
      remoteAddress: "",
      uid: uid ?? null,
      groups: groups.slice(0, MAX_GROUPS),
      queued: 0,
      age: 0,
      events: 0,
      worker: null,
    };
  }

  async #groupCounts(names: readonly string[]): Promise<NameRows> {
    const counts = await Promise.all(
      names.map((name) => this.#countIn(encoder.encode(name))),
    );
    const rows = names.map((name, index) => ({ name, count: counts[index] }))
      .filter(({ count = 0 }) => count > 0);
    return {
      names: rows.map(({ name }) => name),
      counts: rows.map(({ count = 0 }) => count),
      clients: [],
      uids: [],
    };
  }

  async #countIn(group: Uint8Array): Promise<number> {
    const command = PhpCommand.GetClientCountByGroup;
    return numberIn(await this.#line.ask({ command, extra: group }));
  }
}

function byName(
  clients: readonly SelectedClient[],
  { index, names }: Pick<NameQuery, "index" | "names">,
): Map<string, SelectedClient[]> {
  const wanted = names && new Set(names);
  const found = new Map<string, SelectedClient[]>();
  for (const client of clients) {
    const { uid, groups } = client;
    const itsNames = index === "groups" ? groups : uid ? [uid] : [];
    for (const name of itsNames) {
      if (wanted !== undefined && !wanted.has(name)) continue;
      const members = found.get(name);
      if (members === undefined) found.set(name, [client]);
      else members.push(client);
    }
  }
  return found;
}

function rowsOf(
  found: ReadonlyMap<string, readonly SelectedClient[]>,
  { field }: NameQuery,
): NameRows {
  const rows = [...found.values()];
  return {
    names: [...found.keys()],
    counts: field === "count" ? rows.map(({ length }) => length) : [],
    clients: field === "clients"
      ? rows.map((clients) => clients.map(({ id }) => id))
      : [],
    uids: field === "uids"
      ? rows.map((clients) => clients.flatMap(({ uid }) => uid ?? []))
      : [],
  };
}

function biggest(
  found: ReadonlyMap<string, readonly SelectedClient[]>,
  limit: number,
): BusyNames["groups"] {
  return Array.from(found, ([name, clients]) => ({
    name,
    clients: clients.length,
    events: 0,
  })).sort((one, other) => other.clients - one.clients).slice(0, limit);
}
