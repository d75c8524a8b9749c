/**
 * Checks of what callers pass that speak with clients in typed frames.
 *
 * @module
 */
import { describe } from "../base/describe.ts";
import { groupName, uidName } from "../wire/bodies/interest_name.ts";
import type { Target } from "../wire/bodies/target.ts";
import { checkNames, groupByGateway } from "./arguments.ts";
import type { Recipients } from "./typed_options.ts";

/** What the name of a request or of a typed event looks like. */
const NAME = /^[^\s\p{Cc}]{1,128}$/u;

/** Longest time that clients may be given to answer, in milliseconds. */
export const MAX_ASK_TIMEOUT = 600_000;

/** Longest time that a client may be away, in milliseconds: a day. */
const MAX_WINDOW = 86_400_000;

/** The names that a gateway may have said nobody there has. */
export function namesOf({ uids = [], groups = [] }: Target = {}): string[] {
  return [...uids.map(uidName), ...groups.map(groupName)];
}

/** Whom a call concerns. */
export interface Addressees {
  /** Uids or groups; neither for everybody, or for listed clients. */
  readonly target: Target;
  /** Listed clients, by gateway. */
  readonly connections: ReadonlyMap<string, readonly number[]> | undefined;
}

/**
 * Checks the name of a request or of a typed event.
 *
 * @throws {TypeError} If it is none.
 */
export function checkRequestName(name: unknown): string {
  if (typeof name === "string" && name.isWellFormed() && NAME.test(name)) {
    return name;
  }
  throw new TypeError(
    `Cannot call clients as the name must be 1 to 128 characters without white space: found ${
      typeof name === "string"
        ? JSON.stringify(name.slice(0, 200))
        : describe(name)
    }`,
  );
}

/**
 * Checks whom a call concerns.
 *
 * @throws {TypeError} If that is nobody in particular, or several kinds at once.
 */
export function checkRecipients(to: Recipients): Addressees {
  const fields = typeof to === "object" && to !== null ? Object.keys(to) : [];
  const connections = undefined;
  if (fields.length === 1) {
    if ("client" in to) {
      const ids = [to.client].flat();
      return { target: {}, connections: groupByGateway(ids) };
    }
    if ("uid" in to) {
      return { target: { uids: checkNames("uid", to.uid) }, connections };
    }
    if ("group" in to) {
      return { target: { groups: checkNames("group", to.group) }, connections };
    }
    if ("all" in to && to.all === true) return { target: {}, connections };
  }
  throw new TypeError(
    `Cannot call clients as they must be one of { client }, { uid }, { group }, { all: true }: found ${
      fields.length === 0 ? describe(to) : fields.slice(0, 10).join(", ")
    }`,
  );
}

/**
 * Checks how long clients have to answer.
 *
 * @throws {RangeError} If that is no time, or too long.
 */
export function checkAskTimeout(timeout: unknown): number {
  if (
    typeof timeout === "number" && timeout >= 1 && timeout <= MAX_ASK_TIMEOUT
  ) {
    return timeout;
  }
  throw new RangeError(
    `Cannot ask clients as timeout must be 1 to ${MAX_ASK_TIMEOUT} milliseconds: found ${
      typeof timeout === "number" ? timeout : describe(timeout)
    }`,
  );
}

/**
 * Checks how long a client may be away.
 *
 * @throws {RangeError} If that is no time, or too long.
 */
export function checkWindow(window: unknown): number {
  if (typeof window === "number" && window >= 0 && window <= MAX_WINDOW) {
    return Math.round(window);
  }
  throw new RangeError(
    `Cannot set window as it must be 0 to ${MAX_WINDOW} milliseconds: found ${
      typeof window === "number" ? window : describe(window)
    }`,
  );
}
