/**
 * Who may not come in: what a refusal is, and how it travels (`Refuse`, `Refusals`).
 *
 * @module
 */
import { ProtocolError } from "../../base/errors.ts";
import { parseRange } from "../../base/ip_range.ts";
import {
  type BodyMap,
  decodeMap,
  encodeBody,
  numberField,
  textField,
  toMap,
} from "../body.ts";
import { faultOfName } from "./name.ts";

/** What a refusal goes by. */
export const REFUSAL_KINDS = ["uid", "address", "token"] as const;

/** One of {@linkcode REFUSAL_KINDS}. */
export type RefusalKind = typeof REFUSAL_KINDS[number];

/** Whom it concerns. */
export interface RefusalSubject {
  /** What it goes by. */
  readonly kind: RefusalKind;
  /** A uid; a range of addresses in its one form; what gateways keep of a token, in hex. */
  readonly name: string;
}

/** That somebody is refused, or not any more. */
export interface RefusalEntry extends RefusalSubject {
  /** When it ends by itself, in milliseconds since 1970. */
  readonly until: number;
  /** What clients are told with it, at most 123 bytes. */
  readonly reason: string;
  /** Which of two is the later one: milliseconds since 1970, or a little more. */
  readonly stamp: number;
  /** Whether it takes back one that was there. */
  readonly isAllowed: boolean;
}

/** Most entries of one frame. */
export const ENTRIES_PER_FRAME = 500;

/** Most bytes of a reason in a WebSocket close frame. */
const MAX_REASON = 123;

/** What is kept of a token: SHA-256. */
const HASH = /^[0-9a-f]{64}$/;

const encoder = new TextEncoder();

/** Encodes entries, as many as go into one frame, or one alone. */
export function encodeRefusals(
  entries: readonly RefusalEntry[],
): Uint8Array<ArrayBuffer> {
  return encodeBody({ entries });
}

/**
 * Decodes entries.
 *
 * @throws {ProtocolError} If they are none.
 */
export function decodeRefusals(bytes: Uint8Array): RefusalEntry[] {
  return readRefusals(decodeMap(bytes));
}

/**
 * The same of what was decoded before.
 *
 * @throws {ProtocolError} If there are none.
 */
export function readRefusals({ entries }: BodyMap): RefusalEntry[] {
  if (!Array.isArray(entries)) {
    throw new ProtocolError("Cannot read refusals: they are not a list");
  }
  return entries.map((each) => readRefusal(toMap(each)));
}

function readRefusal(body: BodyMap): RefusalEntry {
  const kind = REFUSAL_KINDS.find((each) => each === body["kind"]);
  const name = textField(body, "name") ?? "";
  const reason = textField(body, "reason") ?? "";
  const until = numberField(body, "until");
  const stamp = numberField(body, "stamp");
  const isWhole = kind !== undefined && isNameOf(kind, name) &&
    until !== undefined && isTime(until) &&
    stamp !== undefined && isTime(stamp) && isReason(reason);
  if (!isWhole) {
    throw new ProtocolError(
      `Cannot read refusal: kind, name, until, stamp or reason is none`,
    );
  }
  const isAllowed = body["isAllowed"] === true;
  return { kind, name, until, reason, stamp, isAllowed };
}

/** Latest time that a date can have, in milliseconds since 1970 (ECMA-262, 21.4.1.1). */
export const LATEST = 8_640_000_000_000_000;

/** Whether a date can have that time, in milliseconds since 1970. */
export function isTime(value: number): boolean {
  return Math.abs(value) <= LATEST;
}

/** Whether a client can be told a reason. */
export function isReason(reason: unknown): reason is string {
  return typeof reason === "string" && reason.isWellFormed() &&
    encoder.encode(reason).length <= MAX_REASON;
}

/** Whether that is what is kept of a token, not a token. */
export function isTokenHash(text: string): boolean {
  return HASH.test(text);
}

/** Whether that is a name as it is kept and compared. */
function isNameOf(kind: RefusalKind, name: string): boolean {
  if (kind === "token") return isTokenHash(name);
  if (kind === "uid") return faultOfName(name) === undefined;
  try {
    return parseRange(name).network === name;
  } catch {
    // It is no range.
    return false;
  }
}
