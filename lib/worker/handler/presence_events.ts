import type { PresenceState } from "../../cluster/presence_options.ts";

/** What `join` and `leave` events have in common. */
export interface PresenceFacts {
  /** Stays the same when the event is told again: for handlers that must not act twice. */
  readonly id: string;
  /** Whether a worker that was lost may have told it already. */
  readonly redelivered: boolean;
  /** The group; `undefined` if the uid itself is watched. */
  readonly group: string | undefined;
  /** Whose uid it is. */
  readonly uid: string;
  /** The user's clients there now. */
  readonly tabs: number;
  /** Whether none of them has a connection right now. */
  readonly away: boolean;
  /** What the user says of itself; `undefined` if nothing. */
  readonly state: PresenceState | undefined;
  /** Users that are there now. */
  readonly users: number;
}

/**
 * A user has come to a group or uid that the worker watches: its first tab has, on any
 * gateway. Told once, on one worker, unless a worker was lost; the joins and leaves of one
 * group or uid come one after another.
 */
export interface JoinEvent extends PresenceFacts {
  /** Which event it is. */
  readonly type: "join";
}

/**
 * A user is gone from a group or uid that the worker watches: its last tab is, and has
 * not come back within the grace, or it was taken out of the group. Who is away, and may
 * come back to its session, is still there.
 */
export interface LeaveEvent extends PresenceFacts {
  /** Which event it is. */
  readonly type: "leave";
}
