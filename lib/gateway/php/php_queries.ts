import { PhpCommand, type PhpPacket } from "../../php/packet.ts";
import { encodeReply, framedReply } from "../../php/packet_decoder.ts";
import {
  arrayOf,
  intOf,
  isIntKey,
  listOf,
  type PhpArray,
  type PhpValue,
} from "../../php/php_value.ts";
import { serialize } from "../../php/serialize.ts";
import { textOf } from "../../php/text.ts";
import type { Client } from "../clients/client.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { PhpSessions } from "./php_sessions.ts";
import { idsOf, jsonFrom, keyOf, valuesOf } from "./php_text.ts";

/** What a client without a session has, for whoever asks for it alone. */
const NO_SESSION = serialize(arrayOf({}));

/** The queries of the original, and their answers as they leave. */
export class PhpQueries {
  readonly #table: ClientTable;
  readonly #sessions: PhpSessions;

  /** Creates the queries of one gateway. */
  constructor(table: ClientTable, sessions: PhpSessions) {
    this.#table = table;
    this.#sessions = sessions;
  }

  /** Answers a packet; `undefined` if it is none of these. */
  answer(packet: PhpPacket): Uint8Array<ArrayBuffer> | undefined {
    if (packet.command === PhpCommand.GetSessionByClientId) {
      return framedReply(this.#session(packet.connectionId));
    }
    const value = this.#value(packet);
    return value === undefined ? undefined : encodeReply(value);
  }

  #value({ command, connectionId, extra }: PhpPacket): PhpValue | undefined {
    const table = this.#table;
    switch (command) {
      case PhpCommand.IsOnline:
        return table.get(connectionId) === undefined ? 0 : 1;
      case PhpCommand.GetAllClientSessions:
        return this.#sessionsOf(table.all());
      case PhpCommand.GetClientSessionsByGroup:
        return this.#sessionsOf(table.inGroup(textOf(extra)));
      case PhpCommand.GetClientCountByGroup:
        return extra.length === 0
          ? table.size
          : table.inGroup(textOf(extra)).size;
      case PhpCommand.BatchGetClientCountByGroup:
        return this.#perName(extra, (name) => table.inGroup(name).size);
      case PhpCommand.GetClientIdByUid:
        return idList(table.withUid(textOf(extra)));
      case PhpCommand.BatchGetClientIdByUid:
        return this.#perName(extra, (name) => idList(table.withUid(name)));
      case PhpCommand.GetGroupIdList:
        return listOf(Array.from(table.groups(), nameValue));
      case PhpCommand.Select:
        return this.#select(extra);
      default:
        return undefined;
    }
  }

  /** The session itself, as it is stored, is the answer. */
  #session(connectionId: number): Uint8Array {
    const client = this.#table.get(connectionId);
    if (client === undefined) return serialize(null);
    const session = this.#sessions.of(client);
    return session.length === 0 ? NO_SESSION : session;
  }

  #sessionsOf(clients: Iterable<Client>): PhpArray {
    const array: PhpArray = new Map();
    for (const client of clients) {
      array.set(String(client.connectionId), this.#sessionText(client));
    }
    return array;
  }

  #sessionText(client: Client): string {
    return textOf(this.#sessions.of(client));
  }

  #perName(extra: Uint8Array, look: (name: string) => PhpValue): PhpArray {
    const array: PhpArray = new Map();
    for (const value of valuesOf(jsonFrom(extra))) {
      const name = keyOf(value);
      if (name !== undefined) array.set(name, look(name));
    }
    return array;
  }

  #select(extra: Uint8Array): PhpArray {
    const rows: PhpArray = new Map();
    const said = jsonFrom(extra);
    if (typeof said !== "object" || said === null) return rows;
    const { fields, where } = said as Readonly<Record<string, unknown>>;
    const wanted = valuesOf(fields).map(keyOf).filter((name) =>
      name !== undefined
    );
    const isForAll = valuesOf(where).length === 0;
    // Where all are asked for and nothing of them, the original finds nobody.
    if (isForAll && wanted.length === 0) return rows;
    const clients = isForAll ? this.#table.all() : this.#matching(where);
    for (const client of clients) {
      const row: PhpArray = new Map();
      for (const name of wanted) row.set(name, this.#field(client, name));
      rows.set(String(client.connectionId), row);
    }
    return rows;
  }

  /** Those of any condition, each once, in the order in which they are named. */
  #matching(where: unknown): Set<Client> {
    const found = new Set<Client>();
    for (const [condition, names] of Object.entries(where as object)) {
      const clients = condition === "connection_id"
        ? idsOf(names).map((id) => this.#table.get(id))
        : valuesOf(names).flatMap((name) => [...this.#named(condition, name)]);
      for (const client of clients) if (client) found.add(client);
    }
    return found;
  }

  #named(condition: string, value: unknown): Iterable<Client> {
    const name = keyOf(value);
    if (name === undefined) return [];
    if (condition === "groups") return this.#table.inGroup(name);
    return condition === "uid" ? this.#table.withUid(name) : [];
  }

  #field(client: Client, name: string): PhpValue {
    switch (name) {
      case "session":
        return this.#sessionText(client);
      case "uid":
        return client.uid ?? null;
      case "groups":
        return client.groups === undefined
          ? null
          : new Map(Array.from(client.groups, (group) => [group, group]));
      default:
        return null;
    }
  }
}

function idList(clients: Iterable<Client>): PhpArray {
  return listOf(Array.from(clients, ({ connectionId }) => connectionId));
}

/** What PHP has as the key of an array: an integer where it looks like one. */
function nameValue(name: string): PhpValue {
  return isIntKey(name) ? intOf(BigInt(name)) : name;
}
