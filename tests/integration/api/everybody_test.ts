import { assertEquals } from "@std/assert";
import { eventually } from "../../_support/eventually.ts";
import { assertSame, startApiCluster } from "./_api_cluster.ts";

Deno.test("getAllClientIdCount() counts the clients of all gateways", async () => {
  await using api = await startApiCluster();
  for (const caller of api.callers) {
    assertEquals(await caller.getAllClientIdCount(), 4);
  }
  await api.clients[0].client.close();
  await eventually("it has left", () => api.roles.gateway.clients === 1);
  for (const caller of api.callers) {
    assertEquals(await caller.getAllClientIdCount(), 3);
  }
});

Deno.test("getAllClientIdList() returns the ids of all clients", async () => {
  await using api = await startApiCluster();
  for (const caller of api.callers) {
    assertSame(await caller.getAllClientIdList(), api.ids);
  }
});

Deno.test("getAllClientSessions() returns all sessions", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  await api.api.setSession(a, { name: "Tom", since: new Date(7) });
  await api.api.setSession(c, { list: [1, { deep: true }] });
  for (const caller of api.callers) {
    assertEquals(await caller.getAllClientSessions(), {
      [a]: { name: "Tom", since: new Date(7) },
      [b]: {},
      [c]: { list: [1, { deep: true }] },
      [d]: {},
    });
  }
});

Deno.test("a query sees what the same caller did before it, without waiting in between", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  for (const caller of api.callers) {
    for (const id of [a, b, c]) void caller.joinGroup(id, "lobby");
    void caller.leaveGroup(b, "lobby");

    assertSame(await caller.getClientIdListByGroup("lobby"), [a, c]);
  }
});
