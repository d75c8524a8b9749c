/**
 * Answers to what can be asked of the tables, in parts of bounded size: see
 * `lib/wire/bodies/query.ts`. A client that comes or goes while a long answer is made may
 * or may not be in it.
 *
 * @module
 */
import { encodeBody } from "../../wire/body.ts";
import {
  type ClientQuery,
  type ClientRows,
  decodeClientQuery,
  decodeNameQuery,
  type NameField,
  type NameQuery,
  type NameRows,
} from "../../wire/bodies/query.ts";
import type { Call } from "./call.ts";
import type { Client } from "../clients/client.ts";
import { decodePresenceQuery } from "../../wire/bodies/presence.ts";
import { groupName, uidName } from "../../wire/bodies/interest_name.ts";
import type { ClientTable } from "../clients/client_table.ts";
import type { Interest } from "../../link/interest.ts";
import type { Presence } from "../presence/presence.ts";
import { localParts, wholePart } from "../presence/presence_parts.ts";
import type { WorkerLink } from "../workers/worker_link.ts";
import type { AnswerParts, QueryRunner } from "./query_runner.ts";

/** Most rows of one part, and clients looked at for it. */
const MAX_ROWS = 256;

/** Bytes after which a part is full; one row more may be in it. */
const MAX_BYTES = 64 * 1024;

/** What a row costs beside its texts and bytes, roughly. */
const ROW_BYTES = 8;

/** What a call returns that makes its reply later, part by part. */
export const LATER: unique symbol = Symbol("later");

/** What {@linkcode Queries} work with, beside the clients. */
export interface QueriesParts {
  /** Tells who sends what to whom that somebody comes. */
  readonly interest: Interest;
  /** Who is where, for workers that watch it. */
  readonly presence: Presence;
}

/** Answers queries from the tables of one gateway. */
export class Queries {
  readonly #table: ClientTable;
  readonly #runner: QueryRunner;
  readonly #interest: Interest;
  readonly #presence: Presence;

  /** Creates the queries of one gateway. */
  constructor(
    table: ClientTable,
    runner: QueryRunner,
    { interest, presence }: QueriesParts,
  ) {
    this.#table = table;
    this.#runner = runner;
    this.#interest = interest;
    this.#presence = presence;
  }

  /** How many clients there are. */
  countClients(): number {
    return this.#table.size;
  }

  /** Rows of clients. */
  selectClients({ link, header, head }: Call): typeof LATER {
    const query = decodeClientQuery(head);
    for (const group of query.groups ?? []) {
      if (this.#table.inGroup(group).size > 0) continue;
      this.#interest.absent(groupName(group), link);
    }
    const parts = clientParts(this.#table, query);
    const { timeout } = query;
    const { number } = header;
    this.#runner.run({ link: link.link, number, timeout }, parts);
    return LATER;
  }

  /** Rows of uids or groups. */
  selectNames({ link, header, head }: Call): typeof LATER {
    const query = decodeNameQuery(head);
    for (const name of query.names ?? []) this.#noteAbsent(query, name, link);
    const parts = nameParts(this.#table, query);
    const { timeout } = query;
    const { number } = header;
    this.#runner.run({ link: link.link, number, timeout }, parts);
    return LATER;
  }

  /** Who is in a group, or has a uid. */
  selectPresence({ link, header: { number }, head }: Call): typeof LATER {
    const query = decodePresenceQuery(head);
    const { name, timeout } = query;
    const watched = this.#presence.find(name);
    const parts = watched === undefined
      ? localParts(this.#table, name)
      : wholePart(watched.copy, query);
    this.#runner.run({ link: link.link, number, timeout }, parts);
    return LATER;
  }

  /** Tells whoever asks in vain, so that it does not again. */
  #noteAbsent({ index }: NameQuery, name: string, link: WorkerLink): void {
    const isUid = index === "uids";
    const clients = isUid
      ? this.#table.withUid(name)
      : this.#table.inGroup(name);
    if (clients.size > 0) return;
    this.#interest.absent(isUid ? uidName(name) : groupName(name), link);
  }
}

function* clientParts(table: ClientTable, query: ClientQuery): AnswerParts {
  const [uid, groups, session] = (["uid", "groups", "session"] as const)
    .map((field) => query.fields.includes(field));
  const part = new ClientPart();
  for (const client of clientsOf(table, query)) {
    if (part.isFull) yield part.take();
    part.looked++;
    if (client === undefined) continue;
    part.bytes += ROW_BYTES;
    part.rows.ids.push(client.connectionId);
    if (uid) part.addUid(client);
    if (groups) part.addGroups(client);
    if (session) part.addSession(client);
  }
  return part.take();
}

function* clientsOf(
  table: ClientTable,
  { connections, groups }: ClientQuery,
): Generator<Client | undefined> {
  if (connections !== undefined) {
    for (const id of connections) yield table.get(id);
  } else if (groups !== undefined) {
    for (const group of groups) yield* table.inGroup(group);
  } else yield* table.all();
}

function* nameParts(table: ClientTable, query: NameQuery): AnswerParts {
  const { index, names = index === "uids" ? table.uids() : table.groups() } =
    query;
  const part = new NamePart(query.field);
  for (const name of names) {
    if (part.isFull) yield part.take();
    part.looked++;
    const clients = index === "uids"
      ? table.withUid(name)
      : table.inGroup(name);
    if (clients.size === 0) continue;
    part.begin(name, clients.size);
    if (query.field !== "clients" && query.field !== "uids") continue;
    for (const client of clients) {
      if (part.isFull) {
        yield part.take();
        part.begin(name, clients.size);
      }
      part.add(client);
    }
  }
  return part.take();
}

class ClientPart {
  rows: ClientRows = { ids: [], uids: [], groups: [], sessions: [] };
  looked = 0;
  bytes = 0;

  get isFull(): boolean {
    return this.looked >= MAX_ROWS || this.bytes >= MAX_BYTES;
  }

  addUid({ uid }: Client): void {
    this.rows.uids.push(uid ?? null);
    this.bytes += uid?.length ?? 0;
  }

  addGroups(client: Client): void {
    const groups = [...client.groups ?? []];
    this.rows.groups.push(groups);
    for (const group of groups) this.bytes += ROW_BYTES + group.length;
  }

  addSession({ session }: Client): void {
    this.rows.sessions.push(session ?? null);
    this.bytes += session?.length ?? 0;
  }

  take(): Uint8Array {
    const body = encodeBody(this.rows);
    this.rows = { ids: [], uids: [], groups: [], sessions: [] };
    this.looked = this.bytes = 0;
    return body;
  }
}

class NamePart {
  readonly #field: NameField;
  rows: NameRows = { names: [], counts: [], clients: [], uids: [] };
  looked = 0;
  bytes = 0;

  constructor(field: NameField) {
    this.#field = field;
  }

  get isFull(): boolean {
    return this.looked >= MAX_ROWS || this.bytes >= MAX_BYTES;
  }

  begin(name: string, size: number): void {
    this.rows.names.push(name);
    this.bytes += ROW_BYTES + name.length;
    if (this.#field === "count") this.rows.counts.push(size);
    if (this.#field === "clients") this.rows.clients.push([]);
    if (this.#field === "uids") this.rows.uids.push([]);
  }

  add({ connectionId, uid }: Client): void {
    this.looked++;
    if (this.#field === "clients") {
      this.rows.clients.at(-1)?.push(connectionId);
    } else if (uid !== undefined) {
      this.rows.uids.at(-1)?.push(uid);
      this.bytes += uid.length;
    }
  }

  take(): Uint8Array {
    const body = encodeBody(this.rows);
    this.rows = { names: [], counts: [], clients: [], uids: [] };
    this.looked = this.bytes = 0;
    return body;
  }
}
