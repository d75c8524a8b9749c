import { assertLess } from "@std/assert";
import type { Handler } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { atBest } from "../_support/at_best.ts";

/** More than the system keeps of what a peer does not read. */
const MESSAGES = 400;
const LONG = "x".repeat(64 * 1024);

Deno.test("a gateway that stands still holds up the others' acknowledgements for about a second", async () => {
  const toAll: Handler = async (event, cluster) => {
    if (event.type !== "message") return;
    if (event.text() === "all") await cluster.sendToAll(LONG);
    return "done";
  };
  await using cluster = await startCluster({
    gateways: 2,
    workers: 0,
    handler: toAll,
    gateway: { sendBuffer: 100 * MESSAGES * LONG.length },
  });
  const [alive, frozen] = cluster.gateways;
  if (alive === undefined || frozen === undefined) throw new RangeError();
  const { freeze, thaw } = await cluster.addFragileWorker();
  const client = await cluster.connect(alive);
  await cluster.settled();

  freeze(frozen);
  for (let each = 0; each < MESSAGES; each++) client.send("all");
  await client.hearAll(2 * MESSAGES);
  const isAcknowledged = () => {
    const { accepted, acknowledged } = alive.ledger;
    return accepted === acknowledged;
  };
  const start = performance.now();
  await eventually("all of them are acknowledged", isAcknowledged);
  // A second for each would be minutes.
  assertLess(performance.now() - start, 10_000);

  // By now nobody waits for it any more.
  const time = await atBest(500, async () => {
    client.send("ask");
    await client.hear();
    await eventually("one more is acknowledged", isAcknowledged);
  });
  assertLess(time, 500);
  thaw();
  await cluster.settled();
});
