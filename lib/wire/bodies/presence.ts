/**
 * Who is in a group, or has a uid, as it travels: asked by the cluster API, told by
 * gateways.
 *
 * @module
 */
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  toMap,
  toNumber,
} from "../body.ts";
import { listOf, numberOf, textOf } from "./presence_columns.ts";

/** Most members that one answer names. */
export const MAX_MEMBERS = 1_000;

/** Most bytes of a state, as JSON. */
export const MAX_STATE = 1_024;

/** Asks who is in a group, or has a uid. */
export interface PresenceQuery {
  /** The group, behind `g`, or the uid, behind `u`. */
  readonly name: string;
  /** Members whose uids come after this one; all if absent. */
  readonly after?: string | undefined;
  /** How many members are named at most. */
  readonly limit: number;
  /** Milliseconds that whoever asks waits for a part. */
  readonly timeout: number;
}

/** Encodes a query as the head of a frame. */
export function encodePresenceQuery(query: PresenceQuery): Uint8Array {
  return encodeBody(query);
}

/**
 * Decodes a query.
 *
 * @throws {ProtocolError} If the bytes are none.
 */
export function decodePresenceQuery(bytes: Uint8Array): PresenceQuery {
  const body = decodeMap(bytes);
  const limit = numberField(body, "limit") ?? 0;
  return {
    name: textField(body, "name") ?? "",
    after: textField(body, "after"),
    limit: Math.min(Math.max(0, limit), MAX_MEMBERS),
    timeout: numberField(body, "timeout") ?? 0,
  };
}

/** A user, as one gateway knows of it. */
export interface MemberRow {
  /** Its uid. */
  readonly uid: string;
  /** Its clients. */
  readonly tabs: number;
  /** Those of them that are not away. */
  readonly attached: number;
  /** What it says of itself, as JSON; empty if nothing. */
  readonly state: string;
}

/** Part of an answer. */
export interface PresencePart {
  /**
   * How new it is, if it is what the responsible worker has told of all gateways: its
   * epoch, and its count. Otherwise it is what this gateway has, to be added to what
   * others have; there a user may stand in several rows.
   */
  readonly version?: readonly [epoch: number, count: number] | undefined;
  /** How many users there are; counts only with a version. */
  readonly users: number;
  /** How many clients with a uid there are. */
  readonly tabs: number;
  /** How many clients without. */
  readonly guests: number;
  /** Users. */
  readonly rows: readonly MemberRow[];
}

/** Encodes part of an answer. */
export function encodePresencePart(
  { version, users, tabs, guests, rows }: PresencePart,
): Uint8Array {
  const columns = rows.map(({ uid, tabs, attached, state }) =>
    state === "" ? [uid, tabs, attached] : [uid, tabs, attached, state]
  );
  return encodeBody({
    ...(version && { version }),
    users,
    tabs,
    guests,
    rows: columns,
  });
}

/**
 * Reads part of an answer.
 *
 * @throws {ProtocolError} If it is none.
 */
export function readPresencePart(value: unknown): PresencePart {
  const body = toMap(value);
  return {
    version: readVersion(body),
    users: numberField(body, "users") ?? 0,
    tabs: numberField(body, "tabs") ?? 0,
    guests: numberField(body, "guests") ?? 0,
    rows: listOf(body["rows"]).map(readMember),
  };
}

function readVersion(body: BodyMap): readonly [number, number] | undefined {
  const version = body["version"];
  if (version === undefined) return undefined;
  const [epoch, count] = listOf(version).map(toNumber);
  return [numberOf(epoch), numberOf(count)];
}

function readMember(value: unknown): MemberRow {
  const [uid, tabs, attached, state = ""] = listOf(value);
  return {
    uid: textOf(uid),
    tabs: numberOf(tabs),
    attached: numberOf(attached),
    state: textOf(state),
  };
}
