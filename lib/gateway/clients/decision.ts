/**
 * What the user's function decided on a client, checked: it may be JavaScript that was
 * never checked, on what a client says of itself.
 *
 * @module
 */
import { describe } from "../../base/describe.ts";
import { isObject } from "../../base/is_object.ts";
import { checkLabels, type Labels } from "../../wire/bodies/labels.ts";
import { faultOfName, MAX_NAME } from "../../wire/bodies/name.ts";
import {
  checkSessionLength,
  encodeSession,
  type Session,
} from "../../wire/bodies/session.ts";
import type { Refusal } from "../../transport/connection.ts";
import { type GrantedLimits, isAmount } from "./limits_options.ts";
import { isToken } from "../../transport/list_reader.ts";

/** What a client was granted, ready to be given to it. */
export interface Grant {
  /** Its uid. */
  readonly uid: string | undefined;
  /** Its groups. */
  readonly groups: readonly string[];
  /** Its session as CBOR; `undefined` if it is empty. */
  readonly session: Uint8Array<ArrayBuffer> | undefined;
  /** Labels that its worker must have; `undefined` if any will do. */
  readonly worker?: Labels | undefined;
  /** What it may, in place of the limits of its uid. */
  readonly limits?: GrantedLimits | undefined;
  /** When that ends, in milliseconds since 1970; `undefined` for never. */
  readonly expiresAt: number | undefined;
}

/** What becomes of a client. */
export type Decision =
  | { readonly kind: "accept"; readonly grant: Grant }
  | { readonly kind: "refuse"; readonly refusal: Refusal };

/** What cannot be done with labels that are none. */
const TASK = "let a client in";

/** Most characters of a refusal's body. */
const MAX_BODY = 65_536;

/** Most headers of a refusal. */
const MAX_HEADERS = 64;

/** Most characters of a header. */
const MAX_HEADER = 8_192;

/** What would end a header, or the request before it. */
// deno-lint-ignore no-control-regex -- these are what is looked for
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** What may be granted of limits. */
const GRANTED_LIMITS: readonly string[] = ["connections", "messages", "bytes"];

const NO_GRANT: Grant = {
  uid: undefined,
  groups: [],
  session: undefined,
  expiresAt: undefined,
};

/**
 * Checks what the user's function returned. Each part is looked at once.
 *
 * @param maxSession Most bytes of a session.
 * @throws {TypeError} If it is no clean grant or refusal; says what was found.
 * @throws {RangeError} If a part is out of range.
 */
export function checkDecision(value: unknown, maxSession: number): Decision {
  if (value === undefined) return { kind: "accept", grant: NO_GRANT };
  const { kind, grant, refusal } = partsOf("what authorize returns", value);
  if (kind === "accept") return { kind, grant: checkGrant(grant, maxSession) };
  if (kind === "refuse") return { kind, refusal: checkRefusal(refusal) };
  throw new TypeError(
    `Cannot tell whether a client may come in as kind must be "accept" or "refuse": found ${
      typeof kind === "string" ? "another text" : describe(kind)
    }`,
  );
}

function checkGrant(value: unknown, maxSession: number): Grant {
  const { uid, groups, session, worker, limits, expiresAt } = partsOf(
    "grant",
    value,
  );
  return {
    uid: uid === undefined ? undefined : checkName("uid", uid),
    groups: checkGroups(groups),
    session: session === undefined
      ? undefined
      : checkSession(session as Session, maxSession),
    limits: limits === undefined ? undefined : checkLimits(limits),
    worker: worker === undefined ? undefined : checkLabels(TASK, worker),
    expiresAt: expiresAt === undefined ? undefined : checkTime(expiresAt),
  };
}

function checkLimits(value: unknown): GrantedLimits {
  const parts = partsOf("limits", value);
  for (const [name, amount] of Object.entries(parts)) {
    if (!GRANTED_LIMITS.includes(name)) {
      throw wrong("limits", GRANTED_LIMITS.join(", "), name);
    }
    if (amount !== undefined && !isAmount(amount)) {
      throw wrong(`limits.${name}`, "a number of at least 1", amount);
    }
  }
  const { connections, messages, bytes } = parts as GrantedLimits;
  return {
    ...(connections !== undefined && { connections }),
    ...(messages !== undefined && { messages }),
    ...(bytes !== undefined && { bytes }),
  };
}

function checkTime(time: unknown): number {
  const value = time instanceof Date ? time.getTime() : time;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw wrong("expiresAt", "a date, or milliseconds since 1970", time);
}

function checkSession(
  session: Session,
  limit: number,
): Uint8Array<ArrayBuffer> | undefined {
  const bytes = encodeSession(session);
  checkSessionLength(bytes?.length ?? 0, limit);
  return bytes;
}

function checkGroups(groups: unknown): readonly string[] {
  if (groups === undefined) return [];
  if (!Array.isArray(groups)) throw wrong("groups", "a list of texts", groups);
  return Array.from(groups, (group) => checkName("each group", group));
}

function checkName(what: string, name: unknown): string {
  const found = faultOfName(name);
  if (found === undefined) return name as string;
  throw new TypeError(
    `Cannot let a client in as ${what} must be a text of 1 to ${MAX_NAME} characters: found ${found}`,
  );
}

function checkRefusal(value: unknown): Refusal {
  const { status, body = "", headers = [] } = partsOf("refusal", value);
  const length = typeof body === "string" ? body.length : Infinity;
  if (length > MAX_BODY) {
    throw wrong("body", `a text of at most ${MAX_BODY} characters`, body);
  }
  if (!Array.isArray(headers) || headers.length > MAX_HEADERS) {
    throw wrong("headers", `at most ${MAX_HEADERS} names and values`, headers);
  }
  return {
    status: checkStatus(status),
    body: body as string,
    headers: Array.from(headers, checkHeader),
  };
}

/**
 * Checks the status of a refusal.
 *
 * @throws {RangeError} If it is none.
 */
export function checkStatus(status: unknown): number {
  const isNumber = typeof status === "number";
  if (isNumber && Number.isInteger(status) && status > 399 && status < 600) {
    return status;
  }
  throw new RangeError(
    `Cannot refuse a client as the status must be 400 to 599: current value is ${
      isNumber ? status : describe(status)
    }`,
  );
}

function checkHeader(pair: unknown): [name: string, value: string] {
  if (!Array.isArray(pair) || pair.length !== 2) {
    throw wrong("each header", "a name and a value", pair);
  }
  const [name, value]: unknown[] = pair;
  if (typeof name !== "string" || !isToken(name)) {
    throw wrong("the name of a header", "a token", name);
  }
  if (
    typeof value !== "string" || CONTROL.test(value) ||
    name.length + value.length > MAX_HEADER
  ) {
    throw wrong(
      `header ${name.slice(0, 80)}`,
      `a line of text of at most ${MAX_HEADER} characters`,
      value,
    );
  }
  return [name, value];
}

function partsOf(what: string, value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw new TypeError(
    `Cannot tell whether a client may come in as ${what} must be an object: found ${
      describe(value)
    }`,
  );
}

function wrong(what: string, expected: string, found: unknown): TypeError {
  return new TypeError(
    `Cannot decide on a client as ${what} must be ${expected}: found ${
      typeof found === "string" ? "another text" : describe(found)
    }`,
  );
}
