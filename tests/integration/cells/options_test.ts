/** Several shards, keys that are changed, and what a cell takes from which other one. @module */

import { assertEquals, assertRejects } from "@std/assert";
import { shardOf } from "../../../lib/nats/subjects.ts";
import {
  defineHandler,
  GatewayClient,
  PartialResultError,
} from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { WITH_NATS } from "../../_support/nats_server.ts";
import { startCells } from "./_cells.ts";

const PUSH_KEY = "a key of programs";

const binding = defineHandler({
  message: async (event) => {
    await event.client.bindUid(event.text());
    return "bound";
  },
});

Deno.test(
  "with several shards each name goes its own way, in order, and all of them move when a bridge leaves",
  WITH_NATS,
  async () => {
    const SHARDS = 4;
    await using cells = await startCells({
      handler: binding,
      bridge: { cellShards: SHARDS, pushKey: PUSH_KEY },
    });
    const [eu, us] = cells.pair;
    const uids = Array.from({ length: 12 }, (_, i) => `uid${i}`);
    assertEquals(
      new Set(uids.map((uid) => shardOf(`u${uid}`, SHARDS))).size,
      SHARDS,
    );
    const clients = await Promise.all(uids.map(async (uid) => {
      const client = await us.cluster.connect();
      client.send(uid);
      await client.hear();
      return client;
    }));
    const other = await cells.addBridge("eu", eu.cluster);
    await eventually(
      "workers are linked to it",
      () => other.report().workers > 0,
    );
    const sender = eu.cluster.worker.cluster;
    const expected: string[] = [];
    const round = async (text: string) => {
      expected.push(`${text} 1`, `${text} 2`, `${text} 3`);
      for (const uid of uids) void sender.sendToUid(uid, `${text} 1`);
      // One call for names of all shards is one frame for each of them.
      await sender.sendToUid(uids, `${text} 2`);
      const reached = await sender.sendToUid(uids, `${text} 3`, {
        confirm: true,
      });
      assertEquals(reached, uids.length);
    };

    await round("before");
    await eu.bridge.shutdown();
    assertEquals(await other.ready(), true);
    await round("after");
    await using pushes = await GatewayClient.connect({
      nats: cells.nats.url,
      pushKey: PUSH_KEY,
    });
    assertEquals(
      await pushes.sendToUid(uids, "pushed", { confirm: true }),
      uids.length,
    );
    expected.push("pushed");

    for (const client of clients) {
      assertEquals(await client.hearAll(expected.length), expected);
    }
    assertEquals(
      other.report().shards.map(({ active }) => active),
      [true, true, true, true],
    );
    assertEquals(
      await sender.getAllClientIdCount({ cells: "all" }),
      uids.length,
    );
  },
);

Deno.test(
  "keys of cells and of programs are changed while everything goes on",
  WITH_NATS,
  async () => {
    const folder = await Deno.makeTempDir();
    const [cellKeyFile, pushKeyFile] = [`${folder}/cells`, `${folder}/pushes`];
    const write = async (...keys: string[]) => {
      for (const file of [cellKeyFile, pushKeyFile]) {
        await Deno.writeTextFile(file, keys.join("\n"), { mode: 0o600 });
      }
    };
    await write("old");
    await using cells = await startCells({
      handler: binding,
      bridge: { cellKey: [], cellKeyFile, pushKeyFile },
    });
    const [eu, us] = cells.pair;
    const client = await us.cluster.connect();
    client.send("ann");
    await client.hear();
    const sender = eu.cluster.worker.cluster;
    const expected: string[] = [];
    const round = async (text: string, pushKey: string) => {
      expected.push(`${text} sent`, `${text} pushed`);
      await sender.sendToUid("ann", `${text} sent`, { confirm: true });
      await using pushes = await GatewayClient.connect({
        nats: cells.nats.url,
        pushKey,
      });
      await pushes.sendToUid("ann", `${text} pushed`, { confirm: true });
    };

    // One cell after the other, as people do it.
    for (
      const [keys, pushKey] of [
        [["old"], "old"],
        [["old", "new"], "old"],
        [["new", "old"], "new"],
        [["new"], "new"],
      ] as const
    ) {
      await write(...keys);
      await eu.bridge.renewTrust();
      await round(`${keys} in eu`, pushKey);
      await us.bridge.renewTrust();
      await round(`${keys} in both`, pushKey);
    }

    assertEquals(await client.hearAll(expected.length), expected);
    await Deno.remove(folder, { recursive: true });
  },
);

Deno.test(
  "a cell takes sends, messages to everybody and queries from those cells only that it names",
  WITH_NATS,
  async () => {
    await using cells = await startCells({
      handler: binding,
      names: ["ap", "eu", "us"],
      bridge: { acceptFromCells: ["send=ap", "all=ap", "query=ap"] },
    });
    const [ap, eu, us] = cells.all;
    if (!ap || !eu || !us) throw new RangeError("There are no three cells");
    const client = await us.cluster.connect();
    client.send("ann");
    await client.hear();
    const all = { cells: "all" } as const;
    const confirm = { confirm: true } as const;
    const stranger = eu.cluster.worker.cluster;
    const friend = ap.cluster.worker.cluster;
    const refused = async (ask: () => Promise<unknown>) => {
      const error = await assertRejects(ask, PartialResultError);
      assertEquals(
        error.gateways.filter((each) => each.startsWith("cell us")),
        ["cell us (which does not take this from eu)"],
      );
    };

    await refused(() => stranger.sendToUid("ann", "a", confirm));
    await refused(() => stranger.sendToAll("b", { ...all, ...confirm }));
    await refused(() => stranger.isUidOnline("ann", all));
    await refused(() => stranger.getAllClientIdCount(all));
    await stranger.sendToUid("ann", "c");
    await stranger.sendToAll("d", all);
    await eventually(
      "each is counted",
      () => us.bridge.report().cells[1]?.lost.refused === 6,
    );
    assertEquals(us.bridge.report().cells[1]?.cell, "eu");

    const reached = await friend.sendToUid("ann", "e", confirm);
    assertEquals(reached, 1);
    await friend.sendToAll("f", all);
    assertEquals(await friend.isUidOnline("ann", all), true);

    assertEquals(await client.hearAll(2), ["e", "f"]);
    assertEquals(us.bridge.report().cells[0]?.lost.refused, 0);
  },
);
