import { assertEquals } from "@std/assert";
import { defineHandler } from "../../../mod.ts";
import { TestCluster } from "../../../lib/testing/mod.ts";

Deno.test("a handler under test is told who joins and leaves, once for all tabs", async () => {
  const told: string[] = [];
  const handler = defineHandler({
    async message(event) {
      await event.client.bindUid(event.text());
      await event.client.joinGroup("room");
    },
    join: ({ group, uid, users }) =>
      void told.push(`+${group} ${uid} ${users}`),
    leave: ({ group, uid }) => void told.push(`-${group} ${uid}`),
  });
  await using cluster = await TestCluster.start(handler, {
    presence: { groups: ["room"] },
  });
  const tabs = [await cluster.connect(), await cluster.connect()];
  for (const tab of tabs) await tab.send("ann");
  await cluster.settled();

  assertEquals(told, ["+room ann 1"]);
  const { users, tabs: count } = await cluster.calls.presence("room");
  assertEquals([users, count], [1, 2]);

  for (const tab of tabs) await tab.close();
  await cluster.settled();

  assertEquals(told, ["+room ann 1", "-room ann"]);
});
