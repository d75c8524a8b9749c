import type { QueryOptions } from "./call_options.ts";

/** Whose presence is meant: a group, by its name alone or as a field, or a uid. */
export type PresenceOf =
  | string
  | { readonly group: string }
  | { readonly uid: string };

/** What a user says of itself: a plain object that JSON carries, of at most 1,024 bytes. */
export type PresenceState = Readonly<Record<string, unknown>>;

/** Options for {@linkcode Cluster.presence}. */
export interface PresenceOptions extends Pick<QueryOptions, "partial"> {
  /**
   * Most members that are named, 0 to 1,000.
   *
   * @default {100}
   */
  readonly limit?: number;
  /** Name those whose uids come after this one: {@linkcode Presence.next} of the page before. */
  readonly after?: string | undefined;
}

/** A user who is there. */
export interface PresenceMember {
  /** Its uid. */
  readonly uid: string;
  /** Its clients: the tabs and devices that it is there with; 0 if all are gone and may come back. */
  readonly tabs: number;
  /** Whether none of them has a connection right now. */
  readonly away: boolean;
  /** What it says of itself; `undefined` if nothing. */
  readonly state: PresenceState | undefined;
}

/** Who is there. */
export interface Presence {
  /** How many users, each counted once. */
  readonly users: number;
  /** How many clients they have there. */
  readonly tabs: number;
  /** How many clients are there that have no uid: they are counted, and no users. */
  readonly guests: number;
  /** The first of the users, in the order of their uids. */
  readonly members: readonly PresenceMember[];
  /** What to give as `after` for the next page; `undefined` if this is the last one. */
  readonly next: string | undefined;
}
