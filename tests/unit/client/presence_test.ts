/** What the presence module makes of what a gateway says, in virtual time. @module */

import { assertEquals } from "@std/assert";
import { Presence } from "../../../lib/client/presence/presence.ts";
import type { Member } from "../../../lib/client/presence/member_list.ts";
import { TestClient } from "./_test_client.ts";

const NO_COUNTS = { users: 0, tabs: 0, guests: 0 };

function member(uid: string, more: Partial<Member> = {}): Member {
  return { uid, tabs: 1, away: false, ...more };
}

/** Somebody who looks at a room, and the gateway by hand. */
class Looker {
  readonly one = new TestClient();
  /** What was told: `+ann`, `-ann`, `~ann`, `list`, and refusals. */
  readonly told: string[] = [];
  updates = 0;
  readonly presence: Presence;

  constructor(of: { group: string } | { uid: string } = { group: "room" }) {
    const { client, time } = this.one;
    this.presence = new Presence(client, of, {
      onList: () => this.told.push("list"),
      onJoin: ({ uid }) => this.told.push(`+${uid}`),
      onLeave: ({ uid }) => this.told.push(`-${uid}`),
      onChange: ({ uid }) => this.told.push(`~${uid}`),
      onUpdate: () => this.updates++,
      onRefused: (code) => this.told.push(code),
    }, time);
  }

  /** Who is in the list. */
  get uids(): string {
    return [...this.presence.members.keys()].join(" ");
  }

  /** What was asked on the newest socket, beside the ids. */
  get asked(): unknown[] {
    return this.#questions.map(({ data }) => data);
  }

  /** Answers the newest question. */
  async answer(answer: unknown): Promise<void> {
    await this.one.settle();
    const { id } = this.#questions.at(-1) ?? { id: 0 };
    await this.one.say(`r${id}\n${JSON.stringify(answer)}`);
  }

  /** Fails the newest question. */
  async fail(code: string): Promise<void> {
    const { id } = this.#questions.at(-1) ?? { id: 0 };
    await this.one.say(`e${id} ${code}\nnull`);
  }

  /** Tells an update. */
  async tell(update: Record<string, unknown>): Promise<void> {
    const text = JSON.stringify({ group: "room", ...NO_COUNTS, ...update });
    await this.one.say(`q0 gw.presence\n${text}`);
  }

  /** Comes in, and is told who is here. */
  async begin(...uids: string[]): Promise<void> {
    await this.one.welcome({ ping: 600_000 });
    await this.answer(snapshot(1, ...uids));
    this.told.length = 0;
    this.updates = 0;
  }

  get #questions(): { id: number; data: unknown }[] {
    return this.one.frames.flatMap((frame) => {
      const [, id, data = ""] =
        /^q(\d+) gw\.presence\n(.*)$/.exec(String(frame)) ?? [];
      return id === undefined
        ? []
        : [{ id: Number(id), data: JSON.parse(data) }];
    });
  }
}

function snapshot(v: number, ...uids: string[]) {
  return {
    group: "room",
    v,
    users: uids.length,
    tabs: uids.length,
    guests: 0,
    members: uids.map((uid) => member(uid)),
    more: false,
  };
}

Deno.test("Presence asks as soon as there is a connection, and lists who is here, telling nobody as a join", async () => {
  const looker = new Looker();
  assertEquals([looker.uids, looker.presence.isCurrent], ["", false]);
  await looker.one.welcome();
  assertEquals(looker.asked, [{ group: "room" }]);

  await looker.answer({ ...snapshot(7, "ann", "bob"), guests: 2 });

  assertEquals(looker.uids, "ann bob");
  assertEquals(looker.presence.counts, { users: 2, tabs: 2, guests: 2 });
  assertEquals([looker.told, looker.updates], [["list"], 1]);
  assertEquals(looker.presence.isCurrent, true);
  assertEquals(looker.presence.isPartial, false);
});

Deno.test("Presence tells joins, leaves and changes, each once, and the update after them", async () => {
  const looker = new Looker();
  await looker.begin("ann");

  await looker.tell({
    v: 2,
    users: 2,
    tabs: 3,
    set: [member("bob"), member("ann", { tabs: 2, state: { typing: true } })],
  });
  assertEquals(looker.told, ["+bob", "~ann"]);
  assertEquals(looker.presence.members.get("ann")?.state, { typing: true });
  assertEquals(looker.updates, 1);
  await looker.tell({ v: 3, users: 1, tabs: 1, gone: ["ann"] });

  assertEquals(looker.told, ["+bob", "~ann", "-ann"]);
  assertEquals(looker.uids, "bob");
  assertEquals(looker.presence.counts, { users: 1, tabs: 1, guests: 0 });
});

Deno.test("Presence that misses an update asks for all, and tells what is between the two lists", async () => {
  const looker = new Looker();
  await looker.begin("ann", "bob");

  await looker.tell({ v: 3, users: 2, set: [member("eve")] });
  assertEquals([looker.told, looker.presence.isCurrent], [[], false]);
  assertEquals(looker.asked.at(-1), { group: "room", v: 1 });
  await looker.answer(snapshot(3, "bob", "eve"));

  assertEquals(looker.told, ["-ann", "+eve"]);
  assertEquals(looker.presence.isCurrent, true);
});

Deno.test("Presence asks after a gap, and hears that nothing is new", async () => {
  const looker = new Looker();
  await looker.begin("ann");

  await looker.one.say("g3");
  assertEquals(looker.presence.isCurrent, false);
  assertEquals(looker.asked.at(-1), { group: "room", v: 1 });
  await looker.answer({
    group: "room",
    v: 1,
    users: 1,
    tabs: 1,
    guests: 0,
    same: true,
  });

  assertEquals([looker.told, looker.updates], [[], 0]);
  assertEquals([looker.uids, looker.presence.isCurrent], ["ann", true]);
});

Deno.test("Presence compares what it knew with what is so at the gateway it comes back to", async () => {
  const looker = new Looker();
  await looker.begin("ann", "bob");
  await looker.one.end(1006);
  assertEquals([looker.uids, looker.presence.isCurrent], ["ann bob", false]);
  await looker.one.time.pass(1_000);
  await looker.one.welcome({ resumed: true, in: 1 });

  assertEquals(looker.asked, [{ group: "room", v: 1 }]);
  await looker.answer(snapshot(40, "bob", "eve"));
  await looker.tell({ v: 41, users: 1, tabs: 1, gone: ["eve"] });

  assertEquals(looker.told, ["-ann", "+eve", "-eve"]);
  assertEquals(looker.uids, "bob");
});

Deno.test("Presence waits for who is about to be put into the group, and then says that it is refused, once", async () => {
  const looker = new Looker();
  await looker.one.welcome();
  for (let tries = 0; tries < 4; tries++) {
    await looker.fail("refused");
    assertEquals(looker.told, []);
    await looker.one.time.pass(1.25 * 250 * 2 ** tries);
  }
  assertEquals(looker.asked.length, 5);
  await looker.fail("refused");
  assertEquals(looker.told, ["refused"]);

  await looker.one.time.pass(5_000);
  await looker.fail("refused");
  assertEquals(looker.told, ["refused"]);
  await looker.one.time.pass(10_000);
  await looker.answer(snapshot(1, "ann"));
  assertEquals(looker.told, ["refused", "list"]);
});

Deno.test("Presence keeps its list while a new session is not in the group yet", async () => {
  const looker = new Looker();
  await looker.begin("ann", "bob");
  await looker.one.end(1006);
  await looker.one.time.pass(1_000);
  await looker.one.welcome({
    resumed: false,
    t: "T2",
    id: "s2",
    reason: "lost",
  });
  await looker.fail("refused");
  assertEquals([looker.told, looker.uids], [[], "ann bob"]);

  await looker.one.time.pass(320);
  await looker.answer(snapshot(5, "ann"));

  assertEquals(looker.told, ["-bob"]);
});

Deno.test("Presence that is over tells all as gone, at once, and asks again", async () => {
  const looker = new Looker();
  await looker.begin("ann");

  await looker.tell({ v: 0, over: true });

  assertEquals(looker.told, ["-ann", "over"]);
  assertEquals([looker.uids, looker.presence.counts], ["", NO_COUNTS]);
  await looker.one.time.pass(320);
  assertEquals(looker.asked.length, 2);
  assertEquals(looker.asked.at(-1), { group: "room" });
});

Deno.test("Presence of a large group has all counts and the first members, and tells no joins", async () => {
  const looker = new Looker();
  await looker.one.welcome();
  await looker.answer({
    ...snapshot(1, "ann", "bob"),
    users: 100_000,
    more: true,
  });
  assertEquals([looker.uids, looker.presence.isPartial], ["ann bob", true]);

  await looker.tell({ v: 2, users: 100_001, tabs: 100_002 });
  assertEquals(looker.presence.counts.users, 100_001);
  assertEquals([looker.told, looker.updates], [["list"], 2]);
  await looker.tell({ full: true, ...snapshot(3, "bob", "eve") });

  assertEquals([looker.uids, looker.presence.isPartial], ["bob eve", false]);
  assertEquals(looker.told, ["list", "list"]);
});

Deno.test("Presence asks again once a minute, whatever comes", async () => {
  const looker = new Looker();
  await looker.begin("ann");

  await looker.one.time.pass(59_000);
  assertEquals(looker.asked.length, 1);
  // At some moment of the next 16 s; unanswered, it would be asked again after a while.
  for (let second = 0; second < 17 && looker.asked.length < 2; second++) {
    await looker.one.time.pass(1_000);
  }

  assertEquals(looker.asked.length, 2);
  assertEquals(looker.presence.isCurrent, true);
});

Deno.test("Presence says a user's state, and again when the session is another one", async () => {
  const looker = new Looker();
  await looker.begin("ann");
  const said = looker.presence.setState({ typing: true });
  await looker.answer(true);
  await said;
  assertEquals(looker.asked.at(-1), { group: "room", state: { typing: true } });

  await looker.one.end(1006);
  await looker.one.time.pass(1_000);
  await looker.one.welcome({
    resumed: false,
    t: "T2",
    id: "s2",
    reason: "lost",
  });
  await looker.answer(snapshot(1, "ann"));

  assertEquals(looker.asked.at(-1), { group: "room", state: { typing: true } });
});

Deno.test("Presence of two names over one connection hears each its own, and ends when the last is closed", async () => {
  const looker = new Looker();
  await looker.begin("ann");
  const others: string[] = [];
  const { client, time } = looker.one;
  const onJoin = ({ uid }: Member) => void others.push(uid);
  const twin = new Presence(client, { group: "room" }, { onJoin }, time);
  await looker.answer(snapshot(1, "ann"));
  const other = new Presence(client, { uid: "room" }, { onJoin }, time);
  await looker.answer({ ...snapshot(1), group: undefined, uid: "room" });

  await looker.tell({ v: 2, users: 2, tabs: 2, set: [member("bob")] });
  assertEquals([looker.told, others], [["+bob"], ["bob"]]);
  await looker.tell({
    v: 2,
    group: undefined,
    uid: "room",
    users: 1,
    tabs: 1,
    set: [member("room")],
  });
  assertEquals([looker.told, others], [["+bob"], ["bob", "room"]]);

  twin.close();
  await looker.one.settle();
  assertEquals(looker.asked.at(-1), { uid: "room" });
  looker.presence.close();
  other.close();
  await looker.one.settle();
  assertEquals(looker.asked.slice(-2), [
    { group: "room", end: true },
    { uid: "room", end: true },
  ]);
  await looker.tell({ v: 3, users: 3, tabs: 3, set: [member("eve")] });
  assertEquals([looker.told, others], [["+bob"], ["bob", "room"]]);
});
