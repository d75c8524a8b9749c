import { assertEquals, assertStrictEquals } from "@std/assert";
import { eventually } from "../../_support/eventually.ts";
import { assertSame, gone, NOWHERE, startApiCluster } from "./_api_cluster.ts";

/** A uid that is the name of something that every object has. */
const ODD = "__proto__";

Deno.test("bindUid() binds a client, in place of an earlier uid", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    assertEquals(await caller.bindUid(a, "ann"), true);
    assertEquals(await caller.bindUid(a, "tom"), true);
    assertEquals(await caller.bindUid(c, "tom"), true);

    assertSame(await caller.getClientIdByUid("tom"), [a, c]);
    assertEquals(await caller.getClientIdByUid("ann"), []);
    assertEquals(await caller.bindUid(gone(a), "tom"), false);
    assertEquals(await caller.bindUid(NOWHERE, "tom"), false);
  }
});

Deno.test("bindUid() with exclusive closes the other clients of the uid, wherever they are", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b] } });

  assertEquals(await api.api.bindUid(d, "tom", { exclusive: true }), true);

  assertEquals(await api.api.getClientIdByUid("tom"), [d]);
  for (const index of [0, 2] as const) {
    assertEquals(await api.clients[index].client.closed, {
      code: 4001,
      reason: "logged in elsewhere",
    });
  }
  assertEquals(await api.api.isOnline(b), true);
  assertEquals(await api.api.isOnline(d), true);
});

Deno.test("bindUid() with exclusive keeps the later of two logins, though its worker's clock is slow", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  const { now } = Date;
  try {
    Date.now = () => now() + 3_600_000;
    await api.api.bindUid(a, "tom", { exclusive: true });
  } finally {
    Date.now = now;
  }

  const isAlone = await api.api.bindUid(c, "tom", { exclusive: true });

  assertEquals(isAlone, true);
  assertEquals(await api.api.getClientIdByUid("tom"), [c]);
  assertEquals((await api.clients[0].client.closed).code, 4001);
});

Deno.test("bindUid() with exclusive leaves exactly one of many logins at the same time", async () => {
  await using api = await startApiCluster();
  const { ids, callers, clients } = api;

  const logins = await Promise.all(
    ids.map((id, index) =>
      callers[index % callers.length]?.bindUid(id, "tom", { exclusive: true })
    ),
  );

  const winners = await api.api.getClientIdByUid("tom");
  assertEquals(winners.length, 1);
  assertEquals(logins[ids.indexOf(String(winners[0]))], true);
  for (const { client, id } of clients) {
    if (!winners.includes(id)) assertEquals((await client.closed).code, 4001);
  }
});

Deno.test("bindUid() with exclusive says no for a client that is gone, and closes nobody", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  await api.arrange({ uids: { tom: [a] } });

  const options = { exclusive: true };
  assertEquals(await api.api.bindUid(gone(a), "tom", options), false);
  assertEquals(await api.api.bindUid(NOWHERE, "tom", options), false);

  assertEquals(await api.api.getClientIdByUid("tom"), [a]);
});

Deno.test("unbindUid() removes whatever uid a client has", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    await api.arrange({ uids: { tom: [a, c] } });

    assertEquals(await caller.unbindUid(a), true);
    assertEquals(await caller.unbindUid(a), true);

    assertEquals(await caller.getClientIdByUid("tom"), [c]);
    assertStrictEquals(await caller.getUidByClientId(a), undefined);
    assertEquals(await caller.unbindUid(gone(a)), false);
  }
});

Deno.test("isUidOnline() says whether a uid has clients on any gateway", async () => {
  await using api = await startApiCluster();
  const [, b, c] = api.ids;
  await api.arrange({ uids: { tom: [c], ann: [b] } });
  await api.clients[1].client.close();
  await eventually("ann has left", () => api.roles.gateway.clients === 1);
  for (const caller of api.callers) {
    assertEquals(await caller.isUidOnline("tom"), true);
    assertEquals(await caller.isUidOnline("ann"), false);
    assertEquals(await caller.isUidOnline("eve"), false);
  }
});

Deno.test("isUidsOnline() says it of each of many", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  await api.arrange({ uids: { tom: [c], [ODD]: [a] } });
  for (const caller of api.callers) {
    const online = await caller.isUidsOnline(["tom", "eve", ODD, "tom"]);

    assertEquals(Object.entries(online), [
      ["tom", true],
      ["eve", false],
      [ODD, true],
    ]);
    assertEquals(await caller.isUidsOnline([]), {});
  }
});

Deno.test("getClientIdByUid() returns the clients of a uid on all gateways", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b] } });
  for (const caller of api.callers) {
    assertSame(await caller.getClientIdByUid("tom"), [a, c]);
    assertEquals(await caller.getClientIdByUid("eve"), []);
  }
});

Deno.test("batchGetClientIdByUid() returns them for each of many", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c], [ODD]: [b] } });
  for (const caller of api.callers) {
    const found = await caller.batchGetClientIdByUid(["tom", "eve", ODD]);

    assertEquals(Object.keys(found), ["tom", "eve", ODD]);
    assertSame(found["tom"] ?? [], [a, c]);
    assertEquals(found["eve"], []);
    assertEquals(found[ODD], [b]);
  }
});

Deno.test("getUidByClientId() returns the uid of a client", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a], "7": [c] } });
  for (const caller of api.callers) {
    assertEquals(await caller.getUidByClientId(a), "tom");
    assertEquals(await caller.getUidByClientId(c), "7");
    assertStrictEquals(await caller.getUidByClientId(b), undefined);
    assertStrictEquals(await caller.getUidByClientId(gone(a)), undefined);
    assertStrictEquals(await caller.getUidByClientId(NOWHERE), undefined);
  }
});

Deno.test("getAllUidList() returns every uid once", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b], [ODD]: [d] } });
  for (const caller of api.callers) {
    assertSame(await caller.getAllUidList(), ["tom", "ann", ODD]);
  }
});

Deno.test("getAllUidCount() counts a uid once, though it is on two gateways", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  for (const caller of api.callers) {
    await api.arrange({ uids: { tom: [a, c], ann: [b] } });
    assertEquals(await caller.getAllUidCount(), 2);
    await caller.unbindUid(b);
    assertEquals(await caller.getAllUidCount(), 1);
  }
});
