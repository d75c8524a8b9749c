import { assertEquals, assertStrictEquals } from "@std/assert";
import {
  type ApiCluster,
  assertSame,
  gone,
  NOWHERE,
  startApiCluster,
} from "./_api_cluster.ts";

/** A group that is the name of something that every object has. */
const ODD = "__proto__";

/** Tom on both gateways and Ann in the lobby, Ann also elsewhere, somebody without uid. */
async function arrange(api: ApiCluster): Promise<void> {
  const [a, b, c, d] = api.ids;
  await api.arrange({
    uids: { tom: [a, c], ann: [b] },
    groups: { lobby: [a, b, c], [ODD]: [b, d], "7": [a] },
  });
}

Deno.test("joinGroup() puts a client in a group, once", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    assertEquals(await caller.joinGroup(a, "lobby"), true);
    assertEquals(await caller.joinGroup(a, "lobby"), true);
    assertEquals(await caller.joinGroup(c, "lobby"), true);

    assertEquals(await caller.getClientIdCountByGroup("lobby"), 2);
    assertEquals(await caller.joinGroup(gone(a), "lobby"), false);
    assertEquals(await caller.joinGroup(NOWHERE, "lobby"), false);
  }
});

Deno.test("leaveGroup() takes a client out, whether it is in the group or not", async () => {
  await using api = await startApiCluster();
  const [a, b] = api.ids;
  for (const caller of api.callers) {
    await api.arrange({ groups: { lobby: [a, b], other: [a] } });

    assertEquals(await caller.leaveGroup(a, "lobby"), true);
    assertEquals(await caller.leaveGroup(a, "lobby"), true);

    assertEquals(await caller.getClientIdListByGroup("lobby"), [b]);
    assertEquals(await caller.getClientIdListByGroup("other"), [a]);
    assertEquals(await caller.leaveGroup(gone(a), "lobby"), false);
  }
});

Deno.test("ungroup() empties a group, and its members stay connected", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    await api.arrange({ groups: { lobby: [a, c], other: [a] } });

    assertEquals(await caller.ungroup("lobby"), 2);

    assertEquals(await caller.getClientIdListByGroup("lobby"), []);
    assertEquals(await caller.getGroupsByClientId(a), ["other"]);
    assertEquals(await caller.getAllClientIdCount(), 4);
    assertEquals(await caller.ungroup("lobby"), 0);
  }
});

Deno.test("getGroupsByClientId() returns the groups of a client", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const [a, b, c] = api.ids;
  await api.api.leaveGroup(c, "lobby");
  for (const caller of api.callers) {
    assertSame(await caller.getGroupsByClientId(a) ?? [], ["lobby", "7"]);
    assertSame(await caller.getGroupsByClientId(b) ?? [], ["lobby", ODD]);
    assertEquals(await caller.getGroupsByClientId(c), []);
    assertStrictEquals(await caller.getGroupsByClientId(gone(a)), undefined);
    assertStrictEquals(await caller.getGroupsByClientId(NOWHERE), undefined);
  }
});

Deno.test("getClientIdCountByGroup() counts the members on all gateways", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    assertEquals(await caller.getClientIdCountByGroup("lobby"), 3);
    assertEquals(await caller.getClientIdCountByGroup("nobody"), 0);
  }
});

Deno.test("batchGetClientIdCountByGroup() counts them for each of many", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const groups = ["lobby", "nobody", ODD];
  for (const caller of api.callers) {
    assertEquals(
      Object.entries(await caller.batchGetClientIdCountByGroup(groups)),
      [["lobby", 3], ["nobody", 0], [ODD, 2]],
    );
  }
});

Deno.test("getClientIdListByGroup() returns the members of one group or several, each once", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const [a, b, c, d] = api.ids;
  for (const caller of api.callers) {
    assertSame(await caller.getClientIdListByGroup("lobby"), [a, b, c]);
    assertSame(
      await caller.getClientIdListByGroup(["lobby", ODD, "nobody"]),
      [a, b, c, d],
    );
    assertEquals(await caller.getClientIdListByGroup("nobody"), []);
    assertEquals(await caller.getClientIdListByGroup([]), []);
  }
});

Deno.test("getClientSessionsByGroup() returns the members' sessions", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const [a, b, c, d] = api.ids;
  await api.api.setSession(a, { name: "Tom" });
  await api.api.setSession(d, { name: "nobody" });
  for (const caller of api.callers) {
    assertEquals(
      await caller.getClientSessionsByGroup("lobby"),
      { [a]: { name: "Tom" }, [b]: {}, [c]: {} },
    );
    assertEquals(await caller.getClientSessionsByGroup("nobody"), {});
  }
});

Deno.test("getUidListByGroup() returns the uids in one group or several, each once", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    assertSame(await caller.getUidListByGroup("lobby"), ["tom", "ann"]);
    assertEquals(await caller.getUidListByGroup(ODD), ["ann"]);
    assertSame(await caller.getUidListByGroup(["7", ODD]), ["tom", "ann"]);
    assertEquals(await caller.getUidListByGroup("nobody"), []);
  }
});

Deno.test("getUidCountByGroup() counts a uid once, though it is there twice", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    assertEquals(await caller.getUidCountByGroup("lobby"), 2);
    assertEquals(await caller.getUidCountByGroup(["lobby", ODD]), 2);
    assertEquals(await caller.getUidCountByGroup("nobody"), 0);
  }
});

Deno.test("getAllGroupIdList() returns every group that has members", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  await api.api.ungroup("7");
  for (const caller of api.callers) {
    assertSame(await caller.getAllGroupIdList(), ["lobby", ODD]);
  }
});

Deno.test("getAllGroupUidList() returns the uids of every group, past clients that have none", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const [, , , d] = api.ids;
  await api.arrange({ groups: { unbound: [d] } });
  for (const caller of api.callers) {
    const lists = await caller.getAllGroupUidList();

    assertSame(Object.keys(lists), ["7", "lobby", ODD, "unbound"]);
    assertSame(lists["lobby"] ?? [], ["ann", "tom"]);
    assertEquals(lists[ODD], ["ann"]);
    assertEquals(lists["7"], ["tom"]);
    assertEquals(lists["unbound"], []);
  }
});

Deno.test("getAllGroupUidCount() counts the uids of every group", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    const counts = await caller.getAllGroupUidCount();

    assertEquals(Object.entries(counts).toSorted(), [
      ["7", 1],
      [ODD, 1],
      ["lobby", 2],
    ]);
  }
});

Deno.test("getAllGroupClientIdList() returns the members of every group", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  const [a, b, c, d] = api.ids;
  for (const caller of api.callers) {
    const lists = await caller.getAllGroupClientIdList();

    assertSame(Object.keys(lists), ["7", "lobby", ODD]);
    assertSame(lists["lobby"] ?? [], [a, b, c]);
    assertSame(lists[ODD] ?? [], [b, d]);
    assertEquals(lists["7"], [a]);
  }
});

Deno.test("getAllGroupClientIdCount() counts the members of every group", async () => {
  await using api = await startApiCluster();
  await arrange(api);
  for (const caller of api.callers) {
    const counts = await caller.getAllGroupClientIdCount();

    assertEquals(Object.entries(counts).toSorted(), [
      ["7", 1],
      [ODD, 2],
      ["lobby", 3],
    ]);
  }
});
