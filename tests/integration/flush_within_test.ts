import { assert, assertEquals } from "@std/assert";
import type { HandlerEvent } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";

/** Letters, each sent to the client when the gateway has taken the one before. */
const LETTERS = [..."abcdefgh"];

/** Sends letters one by one; returns how many bytes each read of the client brought. */
async function readsOf(flushWithin: number): Promise<number[]> {
  let clientId = "";
  await using cluster = await startCluster({
    handler: (event: HandlerEvent) => {
      if (event.type === "connect") clientId = event.client.id;
      return undefined;
    },
    gateway: { flushWithin, listen: ["text://127.0.0.1:0"] },
  });
  using conn = await Deno.connect({
    hostname: "127.0.0.1",
    port: cluster.gateway.addr?.port ?? 0,
  });
  await eventually("the client is known", () => clientId !== "");
  const reads: number[] = [];
  const reading = (async () => {
    const buffer = new Uint8Array(1_000);
    let left = 2 * LETTERS.length;
    while (left > 0) {
      const count = await conn.read(buffer) ?? left;
      reads.push(count);
      left -= count;
    }
  })();

  for (const letter of LETTERS) {
    await cluster.worker.cluster.sendToClient(clientId, letter, {
      confirm: true,
    });
  }
  await reading;
  return reads;
}

Deno.test("flushWithin lets what is sent to a client soon after leave together", async () => {
  const apart = await readsOf(0);
  const [first, ...others] = await readsOf(500);

  assert(apart.length > LETTERS.length / 2, `${apart.length} reads`);
  assertEquals(first, 2);
  assert(others.length <= 2, `${others.length} further reads`);
});
