import { assertEquals } from "@std/assert";
import {
  type Member,
  MemberList,
  type Update,
} from "../../../lib/client/presence/member_list.ts";
import { Random } from "../../chaos/random.ts";

/** What a gateway knows of a group, and tells of it. */
class Gateway {
  readonly #random: Random;
  readonly #members = new Map<string, Member>();
  #v: number;

  constructor(random: Random) {
    this.#random = random;
    this.#v = Math.floor(random.next() * 10);
  }

  get all(): Update {
    return { ...this.#counts, members: [...this.#members.values()] };
  }

  /** Something happens; returns what is told of it. */
  change(): Update {
    const set: Member[] = [];
    const gone: string[] = [];
    for (let i = 0; i < 1 + 3 * this.#random.next(); i++) {
      const uid = `u${Math.floor(this.#random.next() * 8)}`;
      if (this.#random.next() < 0.4) {
        if (this.#members.delete(uid)) gone.push(uid);
        continue;
      }
      if (gone.includes(uid)) continue;
      const tabs = 1 + Math.floor(this.#random.next() * 3);
      const member = { uid, tabs, away: this.#random.next() < 0.2 };
      this.#members.set(uid, member);
      set.push(member);
    }
    this.#v++;
    const isThere = ({ uid }: Member) => this.#members.has(uid);
    return { ...this.#counts, set: set.filter(isThere), gone };
  }

  get #counts() {
    const users = this.#members.size;
    return { v: this.#v, users, tabs: users, guests: 0 };
  }
}

Deno.test("MemberList is right whatever is dropped and whichever gateway tells, and what it tells adds up", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = new Random(seed);
    const list = new MemberList();
    const told = new Set<string>();
    let gateway = new Gateway(random);
    const take = (update: Update) => {
      const difference = list.take(update);
      for (const { uid } of difference?.left ?? []) {
        assertEquals(told.delete(uid), true, `seed ${seed}: ${uid} left twice`);
      }
      for (const { uid } of difference?.joined ?? []) {
        assertEquals(told.has(uid), false, `seed ${seed}: ${uid} came twice`);
        told.add(uid);
      }
      if (difference?.isReplaced) {
        told.clear();
        for (const uid of list.members.keys()) told.add(uid);
      }
      return difference !== undefined;
    };
    take(gateway.all);
    for (let step = 0; step < 60; step++) {
      const dice = random.next();
      if (dice < 0.1) gateway = new Gateway(random);
      const update = gateway.change();
      const isHeard = dice > 0.2 && take(update);
      // What was dropped is noticed by the next one, or by a gap.
      if (!isHeard && (dice < 0.1 || random.next() < 0.7)) take(gateway.all);
    }
    take(gateway.all);

    const truth = (gateway.all.members ?? []).map(({ uid }) => uid).sort();
    assertEquals([...list.members.keys()].sort(), truth, `seed ${seed}`);
    assertEquals([...told].sort(), truth, `seed ${seed}`);
  }
});
