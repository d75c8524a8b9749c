/** What crosses from one cell to another. @module */

import { assertEquals } from "@std/assert";
import { defineHandler } from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { WITH_NATS } from "../../_support/nats_server.ts";
import { startCells } from "./_cells.ts";

/** Joins and leaves as told, and says when that is confirmed. */
const joining = defineHandler({
  message: async (event) => {
    const [what = "", name = ""] = event.text().split(" ");
    if (what === "join") await event.client.joinGroup(name);
    if (what === "leave") await event.client.leaveGroup(name);
    if (what === "bind") await event.client.bindUid(name);
    return `${what} done`;
  },
});

Deno.test(
  "a send to a uid or a group reaches its clients in every cell, in order",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: joining, gateways: 2 });
    const [eu, us] = cells.pair;
    const sender = eu.cluster.worker.cluster;
    const client = await us.cluster.connect(us.cluster.gateways[1]);
    client.send("bind ann");
    assertEquals(await client.hear(), "bind done");
    client.send("join room");
    assertEquals(await client.hear(), "join done");

    for (let i = 0; i < 100; i++) {
      await sender.sendToUid("ann", `uid ${i}`);
      await sender.sendToGroup("room", `group ${i}`);
    }

    const heard = await client.hearAll(200);
    const kind = (what: string) =>
      heard.filter((each) => `${each}`.startsWith(what));
    const expected = (what: string) =>
      Array.from({ length: 100 }, (_, i) => `${what} ${i}`);
    assertEquals(kind("uid"), expected("uid"));
    assertEquals(kind("group"), expected("group"));
    assertEquals(await sender.sendToUid("ann", "last", { confirm: true }), 1);
  },
);

Deno.test(
  "a message sent after a join was confirmed reaches the member in another cell",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: joining, gateways: 2 });
    const [eu, us] = cells.pair;
    const sender = eu.cluster.worker.cluster;
    const client = await us.cluster.connect();

    for (let round = 0; round < 30; round++) {
      // Twice in vain: the other cell says that nobody is there.
      await sender.sendToGroup("room", "nobody", { confirm: true });
      await sender.sendToGroup("room", "nobody", { confirm: true });
      client.send("join room");
      assertEquals(await client.hear(), "join done");
      await sender.sendToGroup("room", `message ${round}`);
      assertEquals(await client.hear(), `message ${round}`);
      client.send("leave room");
      assertEquals(await client.hear(), "leave done");
    }
  },
);

Deno.test(
  "nothing is sent to a cell where nobody has a name, once it has said so",
  WITH_NATS,
  async () => {
    await using cells = await startCells();
    const [eu] = cells.pair;
    const sender = eu.cluster.worker.cluster;
    const sent = () => eu.bridge.report().cells[0]?.sent ?? 0;
    const before = sent();
    for (let i = 0; i < 20; i++) await sender.sendToUid(`uid ${i}`, "nobody");
    await eventually(
      "all names are known, by one frame each",
      () => eu.bridge.report().cells[0]?.absentNames === 20,
    );
    assertEquals(sent(), before + 20);

    for (let i = 0; i < 20; i++) {
      await sender.sendToUid(`uid ${i}`, "nobody", { confirm: true });
    }

    assertEquals(sent(), before + 20);
  },
);
