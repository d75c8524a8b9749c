import { checkRanges, type Quantity } from "../../base/quantity.ts";
import { faultOfName, MAX_NAME } from "../../wire/bodies/name.ts";
import type {
  ClientsMay,
  PresenceWatch,
} from "../../wire/bodies/presence_view.ts";

/** The number among the options of presence. */
export const PRESENCE_QUANTITIES = {
  presenceGrace: {
    unit: "milliseconds",
    min: 0,
    max: 3_600_000,
    default: 5_000,
  },
} as const satisfies Record<string, Quantity>;

/** What library clients may do with presence, every way. */
export const CLIENTS_MAY: readonly ClientsMay[] = ["none", "see", "set"];

/** Whose coming and going a worker wants to know. */
export interface WorkerPresenceOptions {
  /**
   * Groups: their names, or what their names begin with, and `*`: `"room-*"`, `"*"`.
   *
   * @default {[]}
   */
  readonly groups?: readonly string[];
  /**
   * Uids, in the same way.
   *
   * @default {[]}
   */
  readonly uids?: readonly string[];
  /**
   * Milliseconds that a user is waited for whose last tab is gone: a page that is loaded
   * again, or whose gateway is lost, comes back meanwhile, and neither `leave` nor `join`
   * is raised. Who is taken out of a group is not waited for.
   *
   * @default {5_000}
   */
  readonly grace?: number;
  /**
   * What clients that speak `gatewayworker.v1` may do with these names without asking a
   * handler: nothing, see who is in groups that they are in, and their own uid, or that
   * and say something of themselves.
   *
   * @default {"none"}
   */
  readonly clients?: ClientsMay;
}

/** {@linkcode WorkerPresenceOptions} with every default filled in. */
export interface ResolvedPresence extends PresenceWatch {
  /** See {@linkcode WorkerPresenceOptions}. */
  readonly grace: number;
}

/**
 * Fills in the defaults and rejects impossible values.
 *
 * @returns `undefined` if nothing is watched.
 * @throws {TypeError} If a name is none, or `clients` none of its values.
 * @throws {RangeError} If the grace is out of range.
 */
export function resolvePresence(
  options: WorkerPresenceOptions | undefined,
): ResolvedPresence | undefined {
  if (options === undefined) return undefined;
  const {
    groups = [],
    uids = [],
    clients = "none",
    grace = PRESENCE_QUANTITIES.presenceGrace.default,
  } = options;
  checkRanges("start worker", PRESENCE_QUANTITIES, { presenceGrace: grace });
  for (const name of [...groups, ...uids]) checkPattern(name);
  if (!CLIENTS_MAY.includes(clients)) {
    throw new TypeError(
      `Cannot start worker as presence.clients must be one of ${
        CLIENTS_MAY.join(", ")
      }: current value is ${JSON.stringify(clients)}`,
    );
  }
  if (groups.length + uids.length === 0) return undefined;
  return { groups, uids, clients, grace };
}

/**
 * What a handler itself says that its workers watch, as `defineHandler` has it.
 *
 * @throws {TypeError} If that cannot be.
 * @throws {RangeError} If that is out of range.
 */
export function presenceOf(handler: object): ResolvedPresence | undefined {
  if (!("presence" in handler)) return undefined;
  // What it is was for the compiler to check; each of its fields is checked.
  return resolvePresence(handler.presence as WorkerPresenceOptions);
}

function checkPattern(name: string): void {
  const found = faultOfName(name);
  const at = found === undefined ? name.indexOf("*") : -1;
  if (found === undefined && (at === -1 || at === name.length - 1)) return;
  throw new TypeError(
    `Cannot start worker as what presence watches must be names of 1 to ${MAX_NAME} characters, with * at their end only: found ${
      found ?? JSON.stringify(name)
    }`,
  );
}
