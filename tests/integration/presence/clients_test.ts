import { assertEquals, assertRejects } from "@std/assert";
import { type Client, connect } from "../../../lib/client/mod.ts";
import { CallError, defineHandler } from "../../../mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import {
  startWatchedCluster,
  type WatchedCluster,
} from "./_watched_cluster.ts";

const NAME = "gw.presence";

/** A client of the library, and what it is shown. */
class Viewer implements Disposable {
  readonly client: Client;
  readonly shown: Record<string, unknown>[] = [];

  constructor({ roles }: WatchedCluster, uid: string, group: string) {
    const url = `ws://127.0.0.1:${roles.gateway.addr.port}/`;
    this.client = connect(`${url}?uid=${uid}&group=${group}`);
    this.client.handle(NAME, (data) => {
      this.shown.push(data as Record<string, unknown>);
    });
  }

  ask(data: unknown): Promise<unknown> {
    return this.client.request(NAME, data);
  }

  [Symbol.dispose](): void {
    this.client.close();
  }
}

async function start(clients: "see" | "set") {
  return await startWatchedCluster({
    gateways: 1,
    presence: { groups: ["room"], uids: ["*"], grace: 0, clients },
  });
}

Deno.test("a client in a group gets who is there, and then what changes, one number after another", async () => {
  await using watched = await start("see");
  using ann = new Viewer(watched, "ann", "room");
  await watched.heard("room", ["+ann"]);
  const snapshot = await ann.ask({ group: "room" }) as { v: number };
  const { v } = snapshot;
  assertEquals<unknown>(snapshot, {
    group: "room",
    v,
    users: 1,
    tabs: 1,
    guests: 0,
    members: [{ uid: "ann", tabs: 1, away: false }],
    more: false,
  });

  const { presence } = watched.roles.gateway.report();
  assertEquals(presence?.watchers, 1);
  const bob = await watched.enter("bob", ["room"]);
  await eventually("bob is shown", () => ann.shown.length === 1);
  await bob.close();
  await eventually("bob is gone", () => ann.shown.length === 2);

  assertEquals(ann.shown, [
    {
      group: "room",
      v: v + 1,
      users: 2,
      tabs: 2,
      guests: 0,
      set: [{ uid: "bob", tabs: 1, away: false }],
      gone: [],
    },
    {
      group: "room",
      v: v + 2,
      users: 1,
      tabs: 1,
      guests: 0,
      set: [],
      gone: ["bob"],
    },
  ]);
  assertEquals(await ann.ask({ group: "room", v: v + 2 }), {
    group: "room",
    v: v + 2,
    users: 1,
    tabs: 1,
    guests: 0,
    same: true,
  });
});

Deno.test("a client sees its own groups and uid only, and says nothing of itself unless it may", async () => {
  await using watched = await start("see");
  using ann = new Viewer(watched, "ann", "room");
  await watched.heard("room", ["+ann"]);
  const code = async (data: unknown) =>
    (await assertRejects(() => ann.ask(data), CallError)).code;

  assertEquals(await code({ uid: "bob" }), "refused");
  assertEquals(await code({ group: "room", state: { x: 1 } }), "refused");
  assertEquals(await code({ group: "hall" }), "unknown");
  assertEquals(await code({ group: 7 }), "bad");
  const { users } = await ann.ask({ uid: "ann" }) as { users: number };
  assertEquals(users, 1);
});

Deno.test("a client that may says something of itself, and sees it; out of the group it sees no more", async () => {
  await using watched = await start("set");
  using ann = new Viewer(watched, "ann", "room");
  await watched.heard("room", ["+ann"]);
  await ann.ask({ group: "room" });

  assertEquals(await ann.ask({ state: { mood: "good" } }), true);
  await eventually("it is shown", () => ann.shown.length === 1);
  assertEquals(ann.shown[0]?.set, [
    { uid: "ann", tabs: 1, away: false, state: { mood: "good" } },
  ]);
  const [id = ""] = await watched.cluster.getClientIdByUid("ann");
  await watched.cluster.leaveGroup(id, "room");

  await eventually("it is over", () => ann.shown.length === 2);
  assertEquals(ann.shown[1], { group: "room", v: 0, over: true });
});

Deno.test("a client says nothing of itself where workers let it say so elsewhere only", async () => {
  const handler = defineHandler({
    async connect({ client }) {
      await client.bindUid("ann");
      for (const group of ["room", "staff"]) await client.joinGroup(group);
    },
  });
  await using roles = await startCluster({
    handler,
    gateway: { resume: {} },
    worker: { presence: { groups: ["room"], clients: "set" } },
  });
  await roles.addWorker(handler, { presence: { groups: ["staff"] } });
  const { cluster } = roles.worker;
  const stateIn = async (group: string) =>
    (await cluster.presence(group)).members[0]?.state;
  const client = connect(`ws://127.0.0.1:${roles.gateway.addr.port}/`);
  using _ = { [Symbol.dispose]: () => client.close() };
  await eventually(
    "ann is in both",
    async () =>
      (await cluster.presence("staff")).users === 1 &&
      (await cluster.presence("room")).users === 1,
  );

  assertEquals(await client.request(NAME, { state: { mood: "good" } }), true);
  await eventually(
    "it is known",
    async () => await stateIn("room") !== undefined,
  );
  assertEquals(await stateIn("staff"), undefined);

  const [id = ""] = await cluster.getClientIdByUid("ann");
  assertEquals(await cluster.setPresence(id, { mood: "bad" }), true);
  await eventually(
    "programs may say so everywhere",
    async () => JSON.stringify(await stateIn("staff")) === '{"mood":"bad"}',
  );
});

Deno.test("a state that is JSON, and lies too deep to be written again, is bad, and harms nobody", async () => {
  await using watched = await startWatchedCluster({
    gateways: 1,
    workers: 1,
    presence: { groups: ["room"], uids: ["*"], grace: 0, clients: "set" },
  });
  using ann = new Viewer(watched, "ann", "room");
  await watched.heard("room", ["+ann"]);
  const depth = 100_000;
  const deep = '{"0":'.repeat(depth) + "1" + "}".repeat(depth);
  const { addr } = watched.roles.gateway;
  const path = "/?uid=bob&group=room";
  const [bob] = await LastingClient.connect(addr, {}, { path });
  using _ = bob;

  await bob.say(`q1 gw.presence\n{"state":${deep}}`);

  assertEquals(await bob.hearBut("a", "p", "m"), "e1 bad\nnull");
  assertEquals(await ann.ask({ state: { mood: "good" } }), true);
});
