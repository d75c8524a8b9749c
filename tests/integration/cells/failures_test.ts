/** What cells do about bridges that go and servers that stand still. @module */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { Kind, seal } from "../../../lib/nats/seal.ts";
import { cellsSubject, inboxSubject } from "../../../lib/nats/subjects.ts";
import { NatsLine } from "../../../lib/nats/nats_line.ts";
import { pause } from "../../../lib/base/pause.ts";
import { defineHandler, PartialResultError } from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { WITH_NATS } from "../../_support/nats_server.ts";
import { type Cells, startCells } from "./_cells.ts";

const binding = defineHandler({
  message: async (event) => {
    await event.client.bindUid(event.text());
    return "bound";
  },
});

/** Messages that are sent while something happens. */
const COUNT = 200;

/** Sends numbers from one cell to a client of another while something happens; returns what came. */
async function sendWhile(
  cells: Cells,
  act: () => Promise<unknown>,
): Promise<string[]> {
  const [eu, us] = cells.pair;
  const client = await us.cluster.connect();
  client.send("ann");
  await client.hear();
  const sender = eu.cluster.worker.cluster;
  let acted: Promise<unknown> | undefined;
  for (let each = 0; each < COUNT; each++) {
    if (each === COUNT / 4) acted = act();
    await sender.sendToUid("ann", `${each}`);
    await pause(2);
  }
  await acted;
  return (await client.hearAll(COUNT)).map(String);
}

const EXPECTED = Array.from({ length: COUNT }, (_, each) => `${each}`);

Deno.test(
  "a bridge that leaves is replaced by the one that stands by, whichever side it is of, and nothing is lost nor doubled",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: binding });
    const [eu, us] = cells.pair;
    const others = [
      await cells.addBridge("eu", eu.cluster),
      await cells.addBridge("us", us.cluster),
    ];
    for (const other of others) assert(await other.ready());
    await eventually(
      "workers are linked to both",
      () => others.every((other) => other.report().workers > 0),
    );
    assertEquals(others[0]?.report().shards[0]?.active, false);

    const heard = await sendWhile(cells, async () => {
      await eu.bridge.shutdown();
      await us.bridge.shutdown();
    });

    assertEquals(heard, EXPECTED);
    assertEquals(others[1]?.report().shards[0]?.active, true);
  },
);

Deno.test(
  "what is sent while NATS stands still comes when it goes on",
  WITH_NATS,
  async () => {
    await using cells = await startCells({ handler: binding });

    const heard = await sendWhile(cells, async () => {
      cells.nats.freeze();
      await pause(300);
      cells.nats.thaw();
    });

    assertEquals(heard, EXPECTED);
    const [report] = cells.pair[0].bridge.report().cells;
    assertEquals(report?.lost.silent, 0);
  },
);

Deno.test(
  "nobody without the key speaks for a cell, and no cell does what it may not",
  WITH_NATS,
  async () => {
    await using cells = await startCells({
      handler: binding,
      bridge: { acceptFromCells: ["close=nobody", "session="] },
    });
    const [eu, us] = cells.pair;
    const client = await us.cluster.connect();
    client.send("ann");
    await client.hear();
    await using line = await NatsLine.open({
      nats: [cells.nats.url],
      name: "forger",
    });
    assert(await line.connected(5_000));

    const heartbeat = cellsSubject("main");
    const inbox = inboxSubject("main", "us", 0);
    const nonsense = [new TextEncoder().encode("nonsense")];
    line.publish(heartbeat, seal("guess", heartbeat, Kind.Heartbeat, nonsense));
    line.publish(inbox, seal("guess", inbox, Kind.Data, nonsense));
    line.publish(inbox, new Uint8Array(3));
    await eventually("they are counted", () => us.bridge.report().forged === 3);

    const here = eu.cluster.worker.cluster;
    const refused = await assertRejects(
      () => here.closeUid("ann"),
      PartialResultError,
      "which does not take this from eu",
    );
    assertEquals(refused.partial, 0);
    assertEquals(us.bridge.report().cells[0]?.lost.refused, 1);
    await here.sendToUid("ann", "still here");
    assertEquals(await client.hear(), "still here");
  },
);
