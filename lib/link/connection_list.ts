/**
 * The clients of a gateway as an operator sees them: asked by the cluster API,
 * answered by the gateway in one reply of bounded size.
 *
 * @module
 */
import { ProtocolError } from "../base/errors.ts";
import { decodeMap, encodeBody, numberField, toMap } from "./body.ts";

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

/** Asks for no more rows than so many. */
export function encodeConnectionQuery(limit: number): Uint8Array {
  return encodeBody({ limit });
}

/**
 * Reads how many rows are asked for.
 *
 * @throws {ProtocolError} If the bytes are no such question.
 */
export function decodeConnectionQuery(head: Uint8Array): number {
  const limit = numberField(decodeMap(head), "limit") ?? 0;
  return Math.min(limit, MAX_CONNECTION_ROWS);
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
  };
}
