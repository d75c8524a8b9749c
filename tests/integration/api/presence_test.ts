import { assertEquals } from "@std/assert";
import { type ApiCluster, startApiCluster } from "./_api_cluster.ts";

/** Tom on both gateways and Ann in the lobby, and somebody without uid. */
async function arrange(api: ApiCluster): Promise<void> {
  const [a, b, c, d] = api.ids;
  await api.arrange({
    uids: { tom: [a, c], ann: [b] },
    groups: { lobby: [a, b, c, d], tea: [a] },
  });
}

Deno.test("presence() counts each user once, with its tabs on all gateways, and guests apart", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    assertEquals(await caller.presence("lobby"), {
      users: 2,
      tabs: 3,
      guests: 1,
      members: [
        { uid: "ann", tabs: 1, away: false, state: undefined },
        { uid: "tom", tabs: 2, away: false, state: undefined },
      ],
      next: undefined,
    });
    assertEquals(await caller.presence({ group: "lobby" }), {
      ...await caller.presence("lobby"),
    });
  }
});

Deno.test("presence() tells of a uid where it is, and of a name that nobody has nothing", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    assertEquals(await caller.presence({ uid: "tom" }), {
      users: 1,
      tabs: 2,
      guests: 0,
      members: [{ uid: "tom", tabs: 2, away: false, state: undefined }],
      next: undefined,
    });
    assertEquals(await caller.presence({ uid: "eve" }), {
      users: 0,
      tabs: 0,
      guests: 0,
      members: [],
      next: undefined,
    });
  }
});

Deno.test("presence() comes in pages, and its counts are whole on each", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  await api.arrange({
    uids: { dan: [a], ann: [b], cat: [c], bob: [d] },
    groups: { lobby: [a, b, c, d] },
  });
  const pages: string[][] = [];
  let after: string | undefined;
  do {
    const page = await api.api.presence("lobby", { limit: 3, after });
    assertEquals([page.users, page.tabs], [4, 4]);
    pages.push(page.members.map(({ uid }) => uid));
    after = page.next;
  } while (after !== undefined);

  assertEquals(pages, [["ann", "bob", "cat"], ["dan"]]);
  const counts = await api.api.presence("lobby", { limit: 0 });
  assertEquals([counts.users, counts.members], [4, []]);
});
