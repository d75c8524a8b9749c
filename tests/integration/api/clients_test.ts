import { assertEquals, assertNotEquals } from "@std/assert";
import { eventually } from "../../_support/eventually.ts";
import {
  type ApiCluster,
  gone,
  NOWHERE,
  startApiCluster,
} from "./_api_cluster.ts";

/** Waits until so many clients are connected. */
async function left(api: ApiCluster, count: number): Promise<void> {
  const clients = () =>
    api.roles.gateways.reduce((sum, gateway) => sum + gateway.clients, 0);
  await eventually(`${count} clients are left`, () => clients() === count);
}

Deno.test("closeClient() sends what is queued and the message, then closes", async () => {
  await using api = await startApiCluster();
  const [caller, , outside] = api.callers;
  const [{ client: a, id }, , { client: c, id: other }] = api.clients;

  await caller.sendToClient(id, "queued");
  assertEquals(await caller.closeClient(id, "bye"), true);
  assertEquals(
    await outside.closeClient(other, Uint8Array.of(9), {
      code: 4100,
      reason: "over",
    }),
    true,
  );

  assertEquals(await a.hearAll(2), ["queued", "bye"]);
  assertEquals(await a.closed, { code: 1000, reason: "" });
  assertEquals(await c.hear(), Uint8Array.of(9));
  assertEquals(await c.closed, { code: 4100, reason: "over" });
  await left(api, 2);
  assertEquals(await caller.closeClient(id), false);
  assertEquals(await caller.closeClient(NOWHERE, "bye"), false);
});

Deno.test("closeUid() closes every client of a uid, wherever it is", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b] } });

  assertEquals(await api.api.closeUid("tom", "bye", { code: 4200 }), 2);

  for (const index of [0, 2] as const) {
    const { client } = api.clients[index];
    assertEquals(await client.hear(), "bye");
    assertEquals(await client.closed, { code: 4200, reason: "" });
  }
  await left(api, 2);
  assertEquals(await api.api.closeUid("tom"), 0);
  assertEquals(await api.api.isUidOnline("ann"), true);
});

Deno.test("destroyClient() ends the connection at once", async () => {
  await using api = await startApiCluster();
  const [caller, other, outside] = api.callers;
  const [{ client, id }, , { id: second }, { id: third }] = api.clients;

  assertEquals(await caller.destroyClient(id), true);
  assertEquals(await other.destroyClient(second), true);
  assertEquals(await outside.destroyClient(third), true);

  assertNotEquals((await client.closed).code, 1000);
  await left(api, 1);
  assertEquals(await caller.destroyClient(id), false);
  assertEquals(await caller.destroyClient(NOWHERE), false);
});

Deno.test("isOnline() says whether a client is connected", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  await api.clients[2].client.close();
  await left(api, 3);
  for (const caller of api.callers) {
    assertEquals(await caller.isOnline(a), true);
    assertEquals(await caller.isOnline(a.toUpperCase()), true);
    assertEquals(await caller.isOnline(c), false);
    assertEquals(await caller.isOnline(gone(a)), false);
    assertEquals(await caller.isOnline(NOWHERE), false);
  }
});
