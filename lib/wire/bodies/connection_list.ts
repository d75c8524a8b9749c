/**
 * The clients of a gateway as an operator sees them: asked by the cluster API,
 * answered by the gateway in one reply of bounded size.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  toMap,
} from "../body.ts";

/** Most rows of one gateway. */
export const MAX_CONNECTION_ROWS = 2_000;

/** One client. */
export interface ConnectionRow {
  /** Client id. */
  readonly id: string;
  /** Where it comes from, `ip:port`. */
  readonly remoteAddress: string;
  /** The uid that it is bound to; `null` for none. */
  readonly uid: string | null;
  /** Groups that it is in; no more than so many. */
  readonly groups: readonly string[];
  /** Bytes that wait for it to read them. */
  readonly queued: number;
  /** Seconds since it came. */
  readonly age: number;
  /** Events that it has raised. */
  readonly events: number;
  /** Name of the worker that serves it; `null` for none. */
  readonly worker: string | null;
  /** Whether it has no socket, and may come back to its session. */
  readonly away?: boolean;
}

/** Some clients, and how many there are. */
export interface ConnectionList {
  /** All that are connected. */
  readonly total: number;
  /** Some of them. */
  readonly rows: readonly ConnectionRow[];
}

/** Puts lists together: the same share of each, as far as it goes. */
export function mergeConnectionLists(
  lists: readonly ConnectionList[],
  limit: number,
): ConnectionList {
  const total = lists.reduce((sum, list) => sum + list.total, 0);
  const rows: ConnectionRow[] = [];
  const longest = Math.max(0, ...lists.map((list) => list.rows.length));
  for (let i = 0; i < longest && rows.length < limit; i++) {
    for (const list of lists) {
      const row = list.rows[i];
      if (row !== undefined && rows.length < limit) rows.push(row);
    }
  }
  return { total, rows };
}

/** What is asked of a gateway. */
export interface ConnectionQuery {
  /** No more rows than so many. */
  readonly limit: number;
  /** Only the client of this id, or the clients of this uid. */
  readonly subject?: string | undefined;
  /** Only the members of this group, instead of `subject`. */
  readonly group?: string | undefined;
  /** Instead of rows, how many of the biggest groups and busiest uids. */
  readonly busiest?: number | undefined;
}

/** A group or uid that stands out. */
export interface BusyName {
  /** The group or uid. */
  readonly name: string;
  /** Its clients. */
  readonly clients: number;
  /** Events that they have raised. */
  readonly events: number;
}

/** The biggest groups and the busiest uids, the first first. */
export interface BusyNames {
  /** Groups, by members. */
  readonly groups: readonly BusyName[];
  /** Uids, by the events of their clients. */
  readonly uids: readonly BusyName[];
}

/** Encodes a question. */
export function encodeConnectionQuery(query: ConnectionQuery): Uint8Array {
  // A gateway that does not know groups here must not show everybody: of the empty
  // uid it finds nobody.
  return encodeBody(
    query.group === undefined ? query : { ...query, subject: "" },
  );
}

/**
 * Reads what is asked for.
 *
 * @throws {ProtocolError} If the bytes are no such question.
 */
export function decodeConnectionQuery(head: Uint8Array): ConnectionQuery {
  const body = decodeMap(head);
  const limit = numberField(body, "limit") ?? 0;
  return {
    limit: Math.min(limit, MAX_CONNECTION_ROWS),
    subject: textField(body, "subject"),
    group: textField(body, "group"),
    busiest: numberField(body, "busiest"),
  };
}

/** Reads an answer to a question for the biggest; empty from an older gateway. */
export function readBusyNames(value: unknown): BusyNames {
  const body = toMap(value);
  return { groups: readNames(body, "groups"), uids: readNames(body, "uids") };
}

/** Puts together what gateways answer: of a name, the clients of all of them count. */
export function mergeBusyNames(
  parts: readonly BusyNames[],
  limit: number,
): BusyNames {
  return {
    groups: mergeNames(parts.flatMap(({ groups }) => groups))
      .sort((one, other) => other.clients - one.clients).slice(0, limit),
    uids: mergeNames(parts.flatMap(({ uids }) => uids))
      .sort((one, other) => other.events - one.events).slice(0, limit),
  };
}

function mergeNames(names: readonly BusyName[]): BusyName[] {
  const byName = new Map<string, BusyName>();
  for (const { name, clients, events } of names) {
    const before = byName.get(name) ?? { name, clients: 0, events: 0 };
    byName.set(name, {
      name,
      clients: before.clients + clients,
      events: before.events + events,
    });
  }
  return [...byName.values()];
}

function readNames(body: BodyMap, field: string): BusyName[] {
  const names = body[field];
  if (!Array.isArray(names)) return [];
  return names.map(toMap).map((entry) => ({
    name: String(entry["name"]),
    clients: numberField(entry, "clients") ?? 0,
    events: numberField(entry, "events") ?? 0,
  }));
}

/**
 * Reads an answer.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readConnectionList(value: unknown): ConnectionList {
  const body = toMap(value);
  const { rows } = body;
  if (!Array.isArray(rows)) {
    throw new ProtocolError("Cannot read answer: it has no rows");
  }
  return { total: numberField(body, "total") ?? 0, rows: rows.map(readRow) };
}

function readRow(value: unknown): ConnectionRow {
  const row = toMap(value);
  const { uid, worker, groups } = row;
  return {
    id: String(row["id"]),
    remoteAddress: String(row["remoteAddress"]),
    uid: typeof uid === "string" ? uid : null,
    groups: Array.isArray(groups) ? groups.map(String) : [],
    queued: Number(row["queued"]),
    age: Number(row["age"]),
    events: Number(row["events"]),
    worker: typeof worker === "string" ? worker : null,
    ...(row["away"] === true && { away: true }),
  };
}
