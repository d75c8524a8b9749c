/** The checker of the presence scenario finds what is wrong, and nothing else. @module */

import { assertEquals } from "@std/assert";
import {
  type Look,
  type Seen,
  type SeenMember,
  ToldChanges,
  wrongIn,
} from "../../chaos/presence_checks.ts";
import { TrueUser } from "../../chaos/presence_truth.ts";
import { PresenceSaboteur } from "../../chaos/presence_saboteur.ts";

const GRACE = 2_000;
const LOOK: Look = { now: 10_000, guests: 1, isCalm: true };

/** Somebody who came at the time 0 with so many tabs. */
function user(uid: string, tabs: number): TrueUser {
  const made = new TrueUser(uid, "room", GRACE);
  for (let tab = 0; tab < tabs; tab++) made.onIn(0);
  return made;
}

function seen(...members: SeenMember[]): Seen {
  return {
    users: members.length,
    tabs: members.reduce((sum, { tabs }) => sum + tabs, 0),
    guests: 1,
    members: new Map(members.map((each) => [each.uid, each])),
    isPartial: false,
  };
}

const ANN: SeenMember = { uid: "ann", tabs: 2, away: false };
const BOB: SeenMember = { uid: "bob", tabs: 1, away: false };

Deno.test("wrongIn() finds nothing wrong with what is so", () => {
  const users = [user("ann", 2), user("bob", 1), user("eve", 0)];
  const [, bob] = users;
  if (bob) bob.state = { n: 1 };

  assertEquals(
    wrongIn(seen(ANN, { ...BOB, state: { n: 1 } }), users, LOOK),
    [],
  );
});

Deno.test("who has gone when a worker takes over may be waited for anew", () => {
  const [ann, bob] = [user("ann", 1), user("bob", 1)];
  for (const each of [ann, bob]) each.onGone(1_000);

  ann.onTakeover(2_500);

  assertEquals([ann, bob].map((each) => each.isThere(2_600)), [true, true]);
  assertEquals([ann, bob].map((each) => each.isThere(5_000)), [
    undefined,
    false,
  ]);
  assertEquals(ann.isThere(6_500), false);
});

Deno.test("wrongIn() finds whoever is missing, not there, or unknown", () => {
  const users = [user("ann", 2), user("bob", 0)];

  assertEquals(wrongIn(seen(), users, { ...LOOK, isCalm: false }), [
    "ann is missing",
    "0 users, not 1",
  ]);
  assertEquals(wrongIn(seen(ANN, BOB), users, { ...LOOK, isCalm: false }), [
    "bob is not there",
    "2 users, not 1",
  ]);
  assertEquals(
    wrongIn(seen(ANN, { ...BOB, uid: "eve" }), users, LOOK)[0],
    "eve does not exist",
  );
});

Deno.test("wrongIn() finds wrong tabs, states, guests and counts, once all is calm", () => {
  const users = [user("ann", 3)];
  const wrong = seen({ ...ANN, away: true, state: { n: 1 } });

  assertEquals(wrongIn(wrong, users, { ...LOOK, isCalm: false }), []);
  assertEquals(wrongIn(wrong, users, { ...LOOK, guests: 2 }), [
    "ann has 2 tabs, not 3",
    "ann is not away",
    'ann has state {"n":1}, not null',
    "2 tabs, not 3",
    "1 guests, not 2",
  ]);
});

Deno.test("wrongIn() wants nobody of a list that is known not to have all, but all counts", () => {
  const users = [user("ann", 2), user("bob", 1)];

  assertEquals(
    wrongIn({ ...seen(ANN), users: 2, tabs: 3, isPartial: true }, users, LOOK),
    [],
  );
  assertEquals(
    wrongIn({ ...seen(ANN), tabs: 3, isPartial: true }, users, LOOK),
    ["1 users, not 2"],
  );
});

Deno.test("wrongIn() lets who has gone be there while its grace lasts, and either way at its end", () => {
  const ann = user("ann", 1);
  ann.onGone(1_000);
  const there = seen({ ...ANN, tabs: 0 });
  const at = (now: number): Look => ({ now, guests: 1, isCalm: false });

  assertEquals(wrongIn(seen(), [ann], at(2_000)).length, 2);
  assertEquals(wrongIn(there, [ann], at(2_000)), []);
  for (const seenOnes of [there, seen()]) {
    assertEquals(wrongIn(seenOnes, [ann], at(3_000)), []);
  }
  assertEquals(wrongIn(there, [ann], at(4_600)).length, 2);
  assertEquals(wrongIn(seen(), [ann], at(4_600)), []);
});

Deno.test("TrueUser that comes back within its grace has not left, later it has, and at its end nobody knows", () => {
  const [soon, late, between] = [user("a", 1), user("b", 1), user("c", 1)];
  for (const each of [soon, late, between]) each.onGone(1_000);
  soon.onIn(2_000);
  late.onIn(4_600);
  between.onIn(3_100);

  assertEquals([soon.joins, soon.leaves, soon.isUncertain], [1, 0, false]);
  assertEquals([late.joins, late.leaves, late.isUncertain], [2, 1, false]);
  assertEquals(between.isUncertain, true);
});

Deno.test("ToldChanges finds what was told twice without a mark, and not what was marked", () => {
  const changes = new ToldChanges();
  const join = { type: "join", uid: "ann", redelivered: false } as const;
  changes.take(join);
  changes.take({ ...join, redelivered: true });
  assertEquals(changes.end([user("ann", 1)]), []);
  assertEquals(changes.repeats, 1);

  changes.take(join);
  assertEquals(changes.end([user("ann", 1)]), ["ann: join told twice"]);
});

Deno.test("ToldChanges finds a join and a leave that were not told, and one that was not so", () => {
  const ann = user("ann", 1);
  ann.onGone(1_000);
  ann.end();
  const changes = new ToldChanges();
  assertEquals(changes.end([ann]), [
    "ann: 0 joins and 0 leaves told, not 1 and 1",
  ]);

  changes.take({ type: "join", uid: "ann", redelivered: false });
  assertEquals(changes.end([ann]).length, 1);
  changes.take({ type: "leave", uid: "ann", redelivered: true });
  assertEquals(changes.end([ann]), []);
  assertEquals(changes.end([user("ann", 1)]), [
    "ann: 1 joins and 1 leaves told, not 1 and 0",
  ]);
});

Deno.test("each sabotage of what is told is found", () => {
  for (const sabotage of ["drop", "swap", "duplicate"] as const) {
    const saboteur = new PresenceSaboteur(sabotage);
    const changes = new ToldChanges();
    const users = Array.from({ length: 30 }, (_, i) => user(`u${i}`, 1));
    for (const type of ["join", "leave"] as const) {
      for (const each of users) {
        const told = {
          type,
          group: "room",
          uid: each.uid,
          redelivered: false,
        };
        for (const heard of saboteur.spoil(told)) changes.take(heard);
      }
    }
    for (const each of users) {
      each.onGone(1_000);
      each.end();
    }

    assertEquals(changes.end(users).length > 0, true, sabotage);
  }
});
