/** Calls that concern other cells, too. @module */

import { assertEquals, assertRejects } from "@std/assert";
import { defineHandler, PartialResultError } from "../../../mod.ts";
import { WITH_NATS } from "../../_support/nats_server.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { eventually } from "../../_support/eventually.ts";
import { startCells } from "./_cells.ts";

/** Does as told, and says its client's id. */
const obeying = defineHandler({
  message: async (event) => {
    const [what = "", name = ""] = event.text().split(" ");
    if (what === "join") await event.client.joinGroup(name);
    if (what === "bind") await event.client.bindUid(name);
    return event.client.id;
  },
});

Deno.test(
  "calls reach other cells: lists, counts, everybody, one client by its id, closing",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: obeying });
    const [eu, us] = cells.pair;
    const here = eu.cluster.worker.cluster;
    const mine = await eu.cluster.connect();
    const theirs = await us.cluster.connect();
    for (const client of [mine, theirs]) {
      client.send("bind ann");
      await client.hear();
      client.send("join room");
    }
    const bare = `${await theirs.hear()}`;
    await mine.hear();
    const all = { cells: "all" } as const;
    const id = `us:${bare}`;

    assertEquals(await here.getAllClientIdCount(), 1);
    assertEquals(await here.getAllClientIdCount(all), 2);
    assertEquals((await here.getClientIdByUid("ann", all)).includes(id), true);
    assertEquals(await here.getClientIdCountByGroup("room", all), 2);
    assertEquals(await here.isUidOnline("nobody", all), false);
    assertEquals(await here.getUidByClientId(id), "ann");
    assertEquals(await here.updateSession(id, { from: "eu" }), true);
    assertEquals((await here.getSession(id))?.["from"], "eu");
    const other = bare.endsWith("0") ? "1" : "0";
    const stranger = `us:${bare.slice(0, -1)}${other}`;
    assertEquals(await here.isOnline(stranger), false);
    assertEquals(await here.isOnline(`eu:${bare}`), await here.isOnline(bare));

    assertEquals(await here.sendToClient(id, "one", { confirm: true }), 1);
    assertEquals(await theirs.hear(), "one");
    await here.sendToClient(id, "unconfirmed");
    assertEquals(await theirs.hear(), "unconfirmed");
    assertEquals(
      await here.sendToAll("everybody", { confirm: true, cells: "all" }),
      2,
    );
    assertEquals([await mine.hear(), await theirs.hear()], [
      "everybody",
      "everybody",
    ]);
    assertEquals(await here.sendToAll("here", { confirm: true }), 1);
    assertEquals(await mine.hear(), "here");

    assertEquals(await here.closeUid("ann", "bye", { code: 4321 }), 2);
    assertEquals(await theirs.hear(), "bye");
    assertEquals((await theirs.closed).code, 4321);
  },
);

Deno.test(
  "a login that is exclusive in all cells ends the clients of the uid elsewhere",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: obeying });
    const [eu, us] = cells.pair;
    const theirs = await us.cluster.connect();
    theirs.send("bind ann");
    await theirs.hear();
    const mine = await eu.cluster.connect();
    mine.send("who");
    const id = `${await mine.hear()}`;

    const here = eu.cluster.worker.cluster;
    const options = { exclusive: true, cells: "all" } as const;
    assertEquals(await here.bindUid(id, "ann", options), true);

    assertEquals((await theirs.closed).code, 4001);
    const clients = await here.getClientIdByUid("ann", { cells: "all" });
    assertEquals(clients, [id]);
  },
);

Deno.test(
  "clients of another cell answer what a uid is asked",
  WITH_NATS,
  async () => {
    await using cells = await startCells({
      handler: defineHandler({
        connect: (event) => event.client.bindUid("ann").then(() => {}),
      }),
      gateway: { resume: {} },
    });
    const [eu, us] = cells.pair;
    const [client] = await LastingClient.connect(us.cluster.gateway.addr);
    const here = eu.cluster.worker.cluster;
    await eventually(
      "ann is there",
      () => here.isUidOnline("ann", { cells: "all" }),
    );

    const answers = here.ask({ uid: "ann" }, "price");
    const question = await client.hearBut("a", "p");
    const [, askId] = /^q(\.\S+) price\n/.exec(question) ?? [];
    await client.say(`r${askId}\n42`);
    const { results, missing, partial } = await answers;
    client[Symbol.dispose]();

    assertEquals(results.map((each) => "value" in each && each.value), [42]);
    assertEquals(results[0]?.clientId.startsWith("us:"), true);
    assertEquals([missing, partial], [[], undefined]);
  },
);

Deno.test(
  "a cell that does not answer is named, and its own cell goes on",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: obeying });
    const [eu, us] = cells.pair;
    const here = eu.cluster.worker.cluster;
    const mine = await eu.cluster.connect();
    mine.send("bind ann");
    await mine.hear();
    await us.bridge.shutdown();

    const error = await assertRejects(
      () => here.getAllClientIdCount({ cells: "all" }),
      PartialResultError,
    );

    assertEquals([error.partial, error.gateways], [1, ["cell us"]]);
    assertEquals(
      await here.getAllClientIdCount({ cells: "all", partial: true }),
      1,
    );
    assertEquals(await here.getAllClientIdCount(), 1);
    await here.sendToUid("ann", "inside");
    assertEquals(await mine.hear(), "inside");
  },
);
