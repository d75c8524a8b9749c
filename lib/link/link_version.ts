import { ProtocolError } from "../base/errors.ts";
import { type BodyMap, numberField } from "../wire/body.ts";

/** Versions of the link protocol that a node speaks: these two and all between them. */
export interface VersionRange {
  /** The oldest. */
  readonly lowest: number;
  /** The newest. */
  readonly highest: number;
}

/**
 * What this code speaks. `PROTOCOL.md`, section 11, has what each version added and when
 * the lowest may rise: nodes of the release before must find one that they know.
 */
export const LINK_VERSIONS: VersionRange = { lowest: 2, highest: 6 };

/**
 * The version from which on typed frames travel, and workers are told that clients are
 * away and back.
 */
export const KNOWS_SESSIONS = 4;

/** The version from which on gateways claim sessions of each other, and fan-outs are stamped. */
export const KNOWS_CLAIMS = 5;

/** The version from which on it is said of which trace a message is. */
export const KNOWS_TRACES = 6;
/** The version from which on nodes tell each other who may not come in. */
export const KNOWS_REFUSALS = 6;

/** The version from which on what is sent to other cells is numbered by whoever sends it. */
export const KNOWS_ORIGINS = 6;
/** The version from which on workers and gateways tell each other who is present. */
export const KNOWS_PRESENCE = 6;

/** The version from which on gateways tell workers what others say to them. */
export const KNOWS_NOTICES = 6;

/** The version from which on gateways show frames to whoever taps. */
export const KNOWS_TAPS = 6;

/**
 * The fields of an introduction that say what its sender speaks. `version` is the lowest,
 * since nodes that know no ranges accept nothing but their own version there.
 */
export function versionFields({ lowest, highest }: VersionRange): {
  version: number;
  highestVersion: number;
} {
  return { version: lowest, highestVersion: highest };
}

/**
 * Reads what a peer speaks; who says only `version` speaks no other.
 *
 * @throws {ProtocolError} If that is no range of whole numbers.
 */
export function readVersions(introduction: BodyMap): VersionRange {
  const lowest = numberField(introduction, "version");
  const highest = numberField(introduction, "highestVersion") ?? lowest;
  if (
    lowest === undefined || highest === undefined ||
    !Number.isInteger(lowest) || !Number.isInteger(highest) || lowest > highest
  ) {
    throw new ProtocolError(
      `Cannot read introduction: version is ${lowest} and highestVersion ${highest}, expected whole numbers in order`,
    );
  }
  return { lowest, highest };
}

/** Returns the highest version that both sides speak, which is their link's; both reckon alike. */
export function commonVersion(
  one: VersionRange,
  other: VersionRange,
): number | undefined {
  const version = Math.min(one.highest, other.highest);
  return version >= Math.max(one.lowest, other.lowest) ? version : undefined;
}

/** Says why two sides cannot link. */
export function noCommonVersion(
  dialer: VersionRange,
  gateway: VersionRange,
): string {
  return `no version of the link protocol is spoken by both sides: the dialer speaks ${
    describe(dialer)
  }, the gateway ${describe(gateway)}`;
}

function describe({ lowest, highest }: VersionRange): string {
  return lowest === highest ? `${lowest}` : `${lowest} to ${highest}`;
}
