/** Somebody who is here: a uid, whatever tabs, pages and devices it has. */
export interface Member {
  /** Who it is. */
  readonly uid: string;
  /** How many clients of that uid are here. */
  readonly tabs: number;
  /** Whether all of these have lost their sockets, and may come back. */
  readonly away: boolean;
  /** What the program or the user has said of it, if anything. */
  readonly state?: Readonly<Record<string, unknown>>;
}

/** How many are here. */
export interface Counts {
  /** Members. */
  readonly users: number;
  /** Clients of members. */
  readonly tabs: number;
  /** Clients without a uid: they are counted, and not listed. */
  readonly guests: number;
}

/** What a gateway says of a name: all of it, or what has changed. */
export interface Update extends Counts {
  /** Its number, which grows by one from update to update of one gateway. */
  readonly v: number;
  /** Everybody, or the first of them in order of their uids. */
  readonly members?: readonly Member[];
  /** Those who came, or changed. */
  readonly set?: readonly Member[];
  /** Uids of those who left. */
  readonly gone?: readonly string[];
  /** Nothing is new since the version that was asked with. */
  readonly same?: boolean;
}

/** What an update has changed. */
export interface Difference {
  readonly joined: readonly Member[];
  readonly left: readonly Member[];
  readonly changed: readonly Member[];
  /** The list is another one, and what is between the two is not known. */
  readonly isReplaced: boolean;
}

const UNKNOWN = { joined: [], left: [], changed: [] };

/** Who is here, as far as a gateway has said. Pure: no socket, no clock. */
export class MemberList {
  /** By uid. */
  readonly members: Map<string, Member> = new Map();
  counts: Counts = { users: 0, tabs: 0, guests: 0 };
  /** The number of the newest update; `undefined` if nothing is known. */
  version: number | undefined;

  /** Whether there are more than are listed. */
  get isPartial(): boolean {
    return this.members.size < this.counts.users;
  }

  /** Takes an update; `undefined` if one before it is missing. */
  take(update: Update): Difference | undefined {
    const { v, members, set = [], gone = [], users, tabs, guests } = update;
    const isNext = this.version === (update.same ? v : v - 1);
    if (members === undefined && !isNext) return undefined;
    // What is between two lists is known only if both have everybody.
    const wasWhole = this.version !== undefined && !this.isPartial;
    this.version = v;
    this.counts = { users, tabs, guests };
    const left = members === undefined
      ? this.#removed(gone)
      : this.#removed(this.#without(members));
    const difference = { left, ...this.#put(members ?? set) };
    if (wasWhole && !this.isPartial) {
      return { ...difference, isReplaced: false };
    }
    return { ...UNKNOWN, isReplaced: members !== undefined };
  }

  /** Nobody is known to be here; returns who was. */
  clear(): Member[] {
    this.version = undefined;
    this.counts = { users: 0, tabs: 0, guests: 0 };
    return this.#removed([...this.members.keys()]);
  }

  #without(members: readonly Member[]): string[] {
    const uids = new Set(members.map(({ uid }) => uid));
    return [...this.members.keys()].filter((uid) => !uids.has(uid));
  }

  #removed(uids: readonly string[]): Member[] {
    return uids.flatMap((uid) => {
      const member = this.members.get(uid);
      this.members.delete(uid);
      return member ?? [];
    });
  }

  #put(members: readonly Member[]): { joined: Member[]; changed: Member[] } {
    const joined: Member[] = [];
    const changed: Member[] = [];
    for (const member of members) {
      const known = this.members.get(member.uid);
      this.members.set(member.uid, member);
      if (known === undefined) joined.push(member);
      else if (JSON.stringify(known) !== JSON.stringify(member)) {
        changed.push(member);
      }
    }
    return { joined, changed };
  }
}
