/**
 * Compares what is told of who is there with the truth. Pure: no socket, no clock.
 *
 * @module
 */
import type { State, TrueUser } from "./presence_truth.ts";

/** Somebody who is said to be there. */
export interface SeenMember {
  readonly uid: string;
  readonly tabs: number;
  readonly away: boolean;
  readonly state?: State | undefined;
}

/** What is said of a group. */
export interface Seen {
  readonly users: number;
  readonly tabs: number;
  readonly guests: number;
  /** Those that are listed, by uid. */
  readonly members: ReadonlyMap<string, SeenMember>;
  /** Whether there are more than these. */
  readonly isPartial: boolean;
}

/** How closely it is looked. */
export interface Look {
  /** The time. */
  readonly now: number;
  /** Clients without a uid that are there. */
  readonly guests: number;
  /** Whether tabs and states must be right, too: not while clients come back. */
  readonly isCalm: boolean;
}

/** What is wrong with what is said of a group, in words; nothing if all is right. */
export function wrongIn(
  seen: Seen,
  users: readonly TrueUser[],
  { now, guests, isCalm }: Look,
): string[] {
  const known = new Map(users.map((user) => [user.uid, user]));
  const wrong: string[] = [];
  for (const member of seen.members.values()) {
    const user = known.get(member.uid);
    if (user === undefined) wrong.push(`${member.uid} does not exist`);
    else if (user.isThere(now) === false) {
      wrong.push(`${user.uid} is not there`);
    } else if (isCalm && user.tabs > 0) wrong.push(...wrongOf(member, user));
  }
  const must = users.filter((user) => user.isThere(now) === true);
  if (!seen.isPartial) {
    wrong.push(
      ...must.filter(({ uid }) => !seen.members.has(uid))
        .map(({ uid }) => `${uid} is missing`),
    );
  }
  const may = users.filter((user) => user.isThere(now) === undefined).length;
  if (seen.users < must.length || seen.users > must.length + may) {
    wrong.push(`${seen.users} users, not ${must.length}`);
  }
  if (!isCalm) return wrong;
  const tabs = users.reduce((sum, user) => sum + user.tabs, 0);
  if (seen.tabs !== tabs) wrong.push(`${seen.tabs} tabs, not ${tabs}`);
  if (seen.guests !== guests) {
    wrong.push(`${seen.guests} guests, not ${guests}`);
  }
  return wrong;
}

function wrongOf(member: SeenMember, user: TrueUser): string[] {
  const wrong: string[] = [];
  const { uid } = user;
  if (member.tabs !== user.tabs) {
    wrong.push(`${uid} has ${member.tabs} tabs, not ${user.tabs}`);
  }
  if (member.away) wrong.push(`${uid} is not away`);
  if (user.isUncertain) return wrong;
  const [said, so] = [member.state, user.state].map((each) =>
    JSON.stringify(each ?? null)
  );
  if (said !== so) wrong.push(`${uid} has state ${said}, not ${so}`);
  return wrong;
}

/** A join or a leave that was told. */
export interface ToldChange {
  readonly type: "join" | "leave";
  readonly uid: string;
  /** Whether it may have been told before. */
  readonly redelivered: boolean;
}

/** One that a judge hears, of any group. */
export interface ToldToJudge extends ToldChange {
  readonly group: string;
}

/** Follows what was told of one group: each join and leave once, or marked. */
export class ToldChanges {
  readonly #there = new Set<string>();
  readonly #counts = new Map<string, { joins: number; leaves: number }>();
  /** What was wrong, in words. */
  readonly wrong: string[] = [];
  /** How many were told again, and marked. */
  repeats = 0;

  /** Takes one, in the order in which they were told. */
  take({ type, uid, redelivered }: ToldChange): void {
    const isJoin = type === "join";
    if (this.#there.has(uid) === isJoin) {
      if (redelivered) this.repeats++;
      else this.wrong.push(`${uid}: ${type} told twice`);
      return;
    }
    if (isJoin) this.#there.add(uid);
    else this.#there.delete(uid);
    const counts = this.#counts.get(uid) ?? { joins: 0, leaves: 0 };
    counts[isJoin ? "joins" : "leaves"]++;
    this.#counts.set(uid, counts);
  }

  /** What is wrong once all was told. */
  end(users: readonly TrueUser[]): string[] {
    const wrong = [...this.wrong];
    for (const user of users) {
      if (user.isUncertain) continue;
      const { uid, joins, leaves } = user;
      const told = this.#counts.get(uid) ?? { joins: 0, leaves: 0 };
      if (told.joins !== joins || told.leaves !== leaves) {
        wrong.push(
          `${uid}: ${told.joins} joins and ${told.leaves} leaves told, not ${joins} and ${leaves}`,
        );
      }
    }
    return wrong;
  }
}
