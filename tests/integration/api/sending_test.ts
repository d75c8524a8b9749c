import { assertEquals } from "@std/assert";
import { gone, NOWHERE, startApiCluster } from "./_api_cluster.ts";

const text = new TextEncoder();

Deno.test("sendToAll() reaches everybody, or those listed, but not those left out", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  for (const caller of api.callers) {
    await caller.sendToAll("all");
    await caller.sendToAll("listed", {
      clientIds: [a, d, a, gone(b), NOWHERE],
    });
    await caller.sendToAll("left out", { exclude: [b, c] });
    await caller.sendToAll("one left out", { exclude: a });
    await caller.sendToAll("both", { clientIds: [a, c], exclude: a });
    await caller.sendToAll("nobody", { clientIds: [] });
    await caller.sendToAll(Uint8Array.of(1, 2));

    assertEquals(await api.heard(caller), [
      "all,listed,left out,bytes 1 2",
      "all,one left out,bytes 1 2",
      "all,one left out,both,bytes 1 2",
      "all,listed,left out,one left out,bytes 1 2",
    ]);
  }
});

Deno.test("sendToAll() returns how many were reached if asked to confirm", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    assertEquals(await caller.sendToAll("x"), undefined);
    assertEquals(await caller.sendToAll("x", { confirm: true }), 4);
    const clientIds = [a, c, gone(a), NOWHERE];
    assertEquals(await caller.sendToAll("x", { confirm: true, clientIds }), 2);
    const options = { confirm: true, clientIds: [] };
    assertEquals(await caller.sendToAll("x", options), 0);
  }
});

Deno.test("sendToAll() passes the encoder with raw, as all sends do", async () => {
  await using api = await startApiCluster();
  const [a, b] = api.ids;
  await api.arrange({ uids: { tom: [a] }, groups: { lobby: [b] } });
  const frame = Uint8Array.of(0x81, 2, ...text.encode("hi"));
  const raw = true;
  for (const caller of api.callers) {
    await caller.sendToAll(frame, { raw });
    await caller.sendToClient(a, frame, { raw });
    await caller.sendToClients([a, b], frame, { raw });
    await caller.sendToUid("tom", frame, { raw });
    await caller.sendToGroup("lobby", frame, { raw });

    assertEquals(await api.heard(caller), [
      "hi,hi,hi,hi",
      "hi,hi,hi",
      "hi",
      "hi",
    ]);
  }
});

Deno.test("sendToClient() reaches one client, on either gateway", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  for (const caller of api.callers) {
    await caller.sendToClient(a, "one");
    await caller.sendToClient(c.toUpperCase(), "two");
    await caller.sendToClient(c, Uint8Array.of(3));
    await caller.sendToClient(gone(c), "nobody");
    await caller.sendToClient(NOWHERE, "nobody");

    assertEquals(await api.heard(caller), ["one", "", "two,bytes 3", ""]);
  }
});

Deno.test("sendToClient() returns whether the client was reached if asked to confirm", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  const confirm = { confirm: true };
  for (const caller of api.callers) {
    assertEquals(await caller.sendToClient(a, "x"), undefined);
    assertEquals(await caller.sendToClient(a, "x", confirm), 1);
    assertEquals(await caller.sendToClient(gone(a), "x", confirm), 0);
    assertEquals(await caller.sendToClient(NOWHERE, "x", confirm), 0);
  }
});

Deno.test("sendToClients() reaches those listed, each once", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  for (const caller of api.callers) {
    await caller.sendToClients([a, c, a, gone(b), NOWHERE], "some");
    await caller.sendToClients([a, b, c], "fewer", { exclude: b });
    await caller.sendToClients([], "nobody");

    assertEquals(await api.heard(caller), [
      "some,fewer",
      "",
      "some,fewer",
      "",
    ]);
    const options = { confirm: true };
    assertEquals(await caller.sendToClients([a, c, NOWHERE], "x", options), 2);
    await api.heard(caller);
  }
});

Deno.test("sendToUid() reaches every client of one uid or several, each once", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b] } });
  for (const caller of api.callers) {
    await caller.sendToUid("tom", "one");
    await caller.sendToUid(["tom", "ann", "tom", "eve"], "two");
    await caller.sendToUid("tom", "three", { exclude: c });
    await caller.sendToUid("eve", "nobody");
    await caller.sendToUid([], "nobody");

    assertEquals(await api.heard(caller), [
      "one,two,three",
      "two",
      "one,two",
      "",
    ]);
    const options = { confirm: true };
    assertEquals(await caller.sendToUid(["tom", "eve"], "x", options), 2);
    await api.heard(caller);
  }
});

Deno.test("sendToGroup() reaches the members of one group or several, each once", async () => {
  await using api = await startApiCluster();
  const [a, , c] = api.ids;
  await api.arrange({ groups: { lobby: [a, c], "0": [c] } });
  for (const caller of api.callers) {
    await caller.sendToGroup("lobby", "one");
    await caller.sendToGroup(["lobby", "0"], "two");
    await caller.sendToGroup("lobby", "three", [a]);
    await caller.sendToGroup("lobby", "four", { exclude: c });
    await caller.sendToGroup("nobody", "five");
    await caller.sendToGroup([], "six");

    assertEquals(await api.heard(caller), [
      "one,two,four",
      "",
      "one,two,three",
      "",
    ]);
    const options = { confirm: true };
    assertEquals(await caller.sendToGroup(["lobby", "0"], "x", options), 2);
    await api.heard(caller);
  }
});
