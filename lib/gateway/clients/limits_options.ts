import { describe } from "../../base/describe.ts";
import { isObject } from "../../base/is_object.ts";

/** How much there may be of something, and what happens to whoever is beyond it. */
export interface Limit<Policy extends string> {
  /** How many, at least 1. */
  readonly max: number;
  /** What happens beyond; the first of the policies by default. */
  readonly policy?: Policy;
  /**
   * Whether it is only counted and logged, and nothing happens.
   *
   * @default {false}
   */
  readonly dryRun?: boolean;
}

/**
 * Limits of all clients together that have a uid, or come from one range of addresses
 * (`addressPrefix`), at one gateway, or at all of one supervisor. Rates may be saved for
 * a second.
 */
export interface Limits {
  /**
   * Clients of a uid at a time, those that are away among them: one more is refused (429
   * where `authorize` names the uid, else it is closed with 4014), or the oldest one is
   * closed with 4001.
   */
  readonly uidConnections?: Limit<"refuse" | "replace-oldest">;
  /** Messages a second of a uid: beyond it, its clients are not read for a while, or closed. */
  readonly uidMessages?: Limit<"pause" | "close">;
  /** Bytes a second of a uid, as they are read. */
  readonly uidBytes?: Limit<"pause" | "close">;
  /** Clients of a range of addresses at a time: in place of `maxPerAddress`. */
  readonly addressConnections?: Limit<"refuse">;
  /** Messages a second of a range of addresses. */
  readonly addressMessages?: Limit<"pause" | "close">;
  /** Bytes a second of a range of addresses, as they are read. */
  readonly addressBytes?: Limit<"pause" | "close">;
}

/** Names one of {@linkcode Limits}. */
export type LimitName = keyof Limits;

/** What `authorize` may set for a client: in place of the limits of its uid. */
export interface GrantedLimits {
  /** Clients of its uid at a time. */
  readonly connections?: number;
  /** Messages a second of its uid; of itself, if it has none. */
  readonly messages?: number;
  /** Bytes a second of its uid; of itself, if it has none. */
  readonly bytes?: number;
}

/** What may happen, by limit; the first is the default. */
export const LIMIT_POLICIES = {
  uidConnections: ["refuse", "replace-oldest"],
  uidMessages: ["pause", "close"],
  uidBytes: ["pause", "close"],
  addressConnections: ["refuse"],
  addressMessages: ["pause", "close"],
  addressBytes: ["pause", "close"],
} as const satisfies {
  [Name in LimitName]: readonly NonNullable<
    NonNullable<Limits[Name]>["policy"]
  >[];
};

/** Every {@linkcode LimitName}. */
export const LIMIT_NAMES = Object.keys(LIMIT_POLICIES) as LimitName[];

/** One limit with its defaults filled in. */
export interface ResolvedLimit {
  /** Which. */
  readonly name: LimitName;
  /** How many. */
  readonly max: number;
  /** What happens beyond. */
  readonly policy: string;
  /** Whether nothing does. */
  readonly dryRun: boolean;
}

/** {@linkcode Limits} with every default filled in. */
export type ResolvedLimits = {
  readonly [Name in LimitName]?: ResolvedLimit;
};

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} If there is no such limit, or it is none.
 * @throws {RangeError} If it is below 1, or there is no such policy.
 */
export function resolveLimits(limits: Limits = {}): ResolvedLimits {
  const resolved: { -readonly [Name in LimitName]?: ResolvedLimit } = {};
  for (const [key, limit] of Object.entries(limits)) {
    if (limit === undefined) continue;
    const name = LIMIT_NAMES.find((each) => each === key);
    if (name === undefined || !isObject(limit)) {
      throw new TypeError(
        `Cannot limit clients as limits must be objects named ${
          LIMIT_NAMES.join(", ")
        }: found ${name === undefined ? `"${key}"` : describe(limit)}`,
      );
    }
    resolved[name] = resolveLimit(name, limit);
  }
  return resolved;
}

function resolveLimit(
  name: LimitName,
  limit: Readonly<Record<string, unknown>>,
): ResolvedLimit {
  const policies: readonly string[] = LIMIT_POLICIES[name];
  const { max, policy = policies[0], dryRun = false } = limit;
  const isPolicy = typeof policy === "string" && policies.includes(policy);
  if (!isAmount(max) || !isPolicy || typeof dryRun !== "boolean") {
    throw new RangeError(
      `Cannot limit clients as limits.${name} must have a max of at least 1, a policy of ${
        policies.join(", ")
      }, and dryRun true or false`,
    );
  }
  return { name, max, policy, dryRun };
}

/** Whether there may be a limit of so many. */
export function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 1;
}
