import type { PresenceState } from "../../cluster/presence_options.ts";
import { toMember } from "../../cluster/presence_calls.ts";
import type { PresenceRow } from "../../wire/bodies/presence_rows.ts";
import type { JoinEvent, LeaveEvent } from "../handler/handler.ts";
import type { PresenceTask } from "./roll_entry.ts";

/** {@linkcode JoinEvent} and {@linkcode LeaveEvent}. */
class UserEvent {
  readonly id: string;
  readonly redelivered: boolean;
  readonly group: string | undefined;
  readonly uid: string;
  readonly tabs: number;
  readonly away: boolean;
  readonly state: PresenceState | undefined;
  readonly users: number;

  constructor(
    name: string,
    { uid, turn, isAgain }: PresenceTask,
    row: PresenceRow,
    users: number,
  ) {
    const { tabs, away, state } = toMember({ ...row, state: row.state ?? "" });
    this.id = `${name}-${uid}-${turn}`;
    this.redelivered = isAgain;
    this.group = name.startsWith("g") ? name.slice(1) : undefined;
    this.uid = uid;
    this.tabs = tabs;
    this.away = away;
    this.state = state;
    this.users = users;
  }
}

/** {@linkcode JoinEvent}. */
class UserJoinEvent extends UserEvent implements JoinEvent {
  readonly type = "join";
}

/** {@linkcode LeaveEvent}. */
class UserLeaveEvent extends UserEvent implements LeaveEvent {
  readonly type = "leave";
}

/**
 * Returns what a handler is told.
 *
 * @param name The group, behind `g`, or the uid, behind `u`.
 * @param task Who joins or leaves.
 * @param row What is known of that user now.
 * @param users Users that are there.
 */
export function presenceEvent(
  name: string,
  task: PresenceTask,
  row: PresenceRow,
  users: number,
): JoinEvent | LeaveEvent {
  return task.type === "join"
    ? new UserJoinEvent(name, task, row, users)
    : new UserLeaveEvent(name, task, row, users);
}
