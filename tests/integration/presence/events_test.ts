import { assertEquals } from "@std/assert";
import { defineHandler } from "../../../mod.ts";
import { startCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { startWatchedCluster } from "./_watched_cluster.ts";

Deno.test("a user joins with the first tab and leaves with the last, whichever gateways they are at", async () => {
  await using watched = await startWatchedCluster();
  const [one, two] = watched.roles.gateways;
  const first = await watched.enter("ann", ["room"], one);
  await watched.heard("room", ["+ann"]);
  const second = await watched.enter("ann", ["room"], two);
  await using _bob = await watched.enter("bob", ["room"], two);
  await watched.heard("room", ["+ann", "+bob"]);
  await first.close();
  await watched.here("room", ["ann", "bob"]);

  await second.close();

  await watched.heard("room", ["+ann", "+bob", "-ann"]);
  await watched.here("room", ["bob"]);
  await eventually(
    "uids were told, too",
    () => watched.told.ofUid("ann").join() === "+ann,-ann",
  );
  await eventually("bob, too", () => watched.told.events.length === 6);
  assertEquals(new Set(watched.told.events.map(({ id }) => id)).size, 6);
});

Deno.test("who comes back within the grace has not left, and is away meanwhile", async () => {
  await using watched = await startWatchedCluster({
    presence: { groups: ["room"], grace: 60_000 },
  });
  const [one, two] = watched.roles.gateways;
  const first = await watched.enter("ann", ["room"], one);
  await watched.here("room", ["ann"]);
  await first.close();
  await watched.here("room", ["ann?"]);

  await using _second = await watched.enter("ann", ["room"], two);

  await watched.here("room", ["ann"]);
  await using _bob = await watched.enter("bob", ["room"], two);
  await watched.heard("room", ["+ann", "+bob"]);
});

Deno.test("who is taken out of a group is not waited for", async () => {
  await using watched = await startWatchedCluster({
    presence: { groups: ["room"], grace: 60_000 },
  });
  await using ann = await watched.enter("ann", ["room"]);
  await watched.here("room", ["ann"]);

  ann.send("leave room");

  await watched.heard("room", ["+ann", "-ann"]);
  await watched.here("room", []);
});

Deno.test("presence() says what users say of themselves, and the last word counts", async () => {
  await using watched = await startWatchedCluster();
  const [one, two] = watched.roles.gateways;
  await using first = await watched.enter("ann", ["room"], one);
  await using second = await watched.enter("ann", ["room"], two);
  const says = async (text: string | undefined) =>
    await eventually(`ann says ${text}`, async () => {
      const { members } = await watched.cluster.presence("room");
      return members[0]?.tabs === 2 && members[0].state?.text === text;
    });
  await says(undefined);

  first.send("say hello");
  await says("hello");
  second.send("say bye");
  await says("bye");
  await first.close();
  await eventually("one tab is left", async () => {
    const { members: [ann] } = await watched.cluster.presence("room");
    return ann?.tabs === 1 && ann.state?.text === "bye";
  });
});

Deno.test("setPresence() is for users of watched groups, and holds in groups that they join later", async () => {
  await using watched = await startWatchedCluster();
  await using ann = await watched.enter("ann", []);
  await using _guest = await watched.enter("", ["room"]);
  const { cluster } = watched;
  const [id = ""] = await cluster.getClientIdByUid("ann");
  const all = await cluster.getAllClientIdList();
  const guest = all.find((each) => each !== id) ?? "";

  assertEquals(await cluster.setPresence(guest, { text: "hello" }), false);
  assertEquals(await cluster.setPresence(id, { text: "hello" }, "room"), false);
  assertEquals(await cluster.setPresence(id, { text: "hello" }), true);
  await cluster.joinGroup(id, "room");

  await eventually("ann says so in the room", async () => {
    const { members, guests } = await cluster.presence("room");
    return guests === 1 && members[0]?.state?.text === "hello";
  });
  assertEquals(await cluster.setPresence(id, undefined), true);
  await eventually("ann says nothing", async () => {
    const { members: [there] } = await cluster.presence("room");
    return there !== undefined && there.state === undefined;
  });
  await ann.close();
});

Deno.test("when the only worker is replaced, the next one knows what was told", async () => {
  await using watched = await startWatchedCluster({ workers: 1 });
  const { roles } = watched;
  await using _ann = await watched.enter("ann", ["room"]);
  await watched.heard("room", ["+ann"]);
  await watched.here("room", ["ann"]);

  await roles.workers.shift()?.shutdown();
  await roles.addWorker();

  await using _bob = await watched.enter("bob", ["room"]);
  await watched.heard("room", ["+ann", "+bob"]);
});

Deno.test("a handler itself may say what is watched, and the option of its worker wins", async () => {
  const told: string[] = [];
  const handler = defineHandler({
    presence: { groups: ["room"], grace: 0 },
    async connect({ client }) {
      await client.bindUid("ann");
      await client.joinGroup("room");
      await client.joinGroup("hall");
      return "in";
    },
    join: ({ group }) => void told.push(`${group}`),
  });
  for (const groups of [undefined, ["hall"]]) {
    await using cluster = await startCluster({
      handler,
      worker: { presence: groups && { groups } },
    });
    await using client = await cluster.connect();
    await client.hear();
    await eventually("it was told", () => told.length > 0);
    assertEquals(told.splice(0), groups ?? ["room"]);
  }
});
