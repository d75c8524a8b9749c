/**
 * What can be asked of a gateway's tables, and its answers: asked by the cluster
 * API, answered by the gateway, in parts of bounded size. A part says what it has in
 * columns; entry n of each belongs to the same row.
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  numberListField,
  textField,
  textListField,
  toMap,
} from "../body.ts";

/** What a row of a client may have, beside its connection id. */
export type ClientField = "uid" | "groups" | "session";

/** Asks for clients. One that is addressed twice may come twice. */
export interface ClientQuery {
  /** Which: these connections, the members of these groups, or everybody. */
  readonly connections?: readonly number[] | undefined;
  readonly groups?: readonly string[] | undefined;
  /** What of them. */
  readonly fields: readonly ClientField[];
  /** Milliseconds that whoever asks waits for a part. */
  readonly timeout: number;
}

/** Clients. */
export interface ClientRows {
  /** Connection ids. */
  ids: number[];
  /** The uid of each; `null` for none. Asked for by "uid". */
  uids: (string | null)[];
  /** The groups of each. Asked for by "groups". */
  groups: string[][];
  /** The session of each as CBOR; `null` for an empty one. Asked for by "session". */
  sessions: (Uint8Array | null)[];
}

/** What a row of a uid or group may have, beside its name. */
export type NameField = "none" | "count" | "clients" | "uids";

/** Asks for uids or groups that have clients. */
export interface NameQuery {
  /** Which of the two. */
  readonly index: "uids" | "groups";
  /** Only these; all if absent. */
  readonly names?: readonly string[] | undefined;
  /** What of them. */
  readonly field: NameField;
  /** Milliseconds that whoever asks waits for a part. */
  readonly timeout: number;
}

/** Uids or groups. A long row comes in several parts, each with the name. */
export interface NameRows {
  /** The names. */
  names: string[];
  /** How many clients each has. */
  counts: number[];
  /** The connection ids of some clients of each. */
  clients: number[][];
  /** The uids of some clients of each; may repeat. */
  uids: string[][];
}

/** Encodes a query as the head of a frame. */
export function encodeQuery(query: ClientQuery | NameQuery): Uint8Array {
  return encodeBody(query);
}

/**
 * Decodes a query for clients.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeClientQuery(bytes: Uint8Array): ClientQuery {
  const body = decodeMap(bytes);
  return {
    connections: body["connections"] === undefined
      ? undefined
      : numberListField(body, "connections"),
    groups: body["groups"] === undefined
      ? undefined
      : textListField(body, "groups"),
    fields: textListField(body, "fields") as ClientField[],
    timeout: numberField(body, "timeout") ?? 0,
  };
}

/**
 * Decodes a query for names.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodeNameQuery(bytes: Uint8Array): NameQuery {
  const body = decodeMap(bytes);
  return {
    index: textField(body, "index") === "uids" ? "uids" : "groups",
    names: body["names"] === undefined
      ? undefined
      : textListField(body, "names"),
    field: (textField(body, "field") ?? "none") as NameField,
    timeout: numberField(body, "timeout") ?? 0,
  };
}

/**
 * Reads one part of an answer about clients.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readClientRows(value: unknown): ClientRows {
  const body = toMap(value);
  const ids = numberListField(body, "ids");
  const isText = (item: unknown) => item === null || typeof item === "string";
  const isBytes = (item: unknown) =>
    item === null || item instanceof Uint8Array;
  return {
    ids,
    uids: column(body, "uids", ids, isText),
    groups: column(body, "groups", ids, isTextList),
    sessions: column(body, "sessions", ids, isBytes),
  };
}

/**
 * Reads one part of an answer about names.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readNameRows(value: unknown): NameRows {
  const body = toMap(value);
  const names = textListField(body, "names");
  const isNumber = (item: unknown) => typeof item === "number";
  const isNumberList = (item: unknown) =>
    Array.isArray(item) && item.every(isNumber);
  return {
    names,
    counts: column(body, "counts", names, isNumber),
    clients: column(body, "clients", names, isNumberList),
    uids: column(body, "uids", names, isTextList),
  };
}

function isTextList(value: unknown): boolean {
  return Array.isArray(value) &&
    value.every((item) => typeof item === "string");
}

/** A column that was not asked for is empty; any other has an entry for each row. */
function column<Item>(
  body: BodyMap,
  name: string,
  rows: readonly unknown[],
  isItem: (item: unknown) => boolean,
): Item[] {
  const values = body[name];
  if (Array.isArray(values)) {
    const isFull = values.length === 0 || values.length === rows.length;
    // Each entry is checked to be of the column's type.
    if (isFull && values.every(isItem)) return values as Item[];
  }
  throw new ProtocolError(`Cannot read answer: "${name}" is no column of it`);
}
