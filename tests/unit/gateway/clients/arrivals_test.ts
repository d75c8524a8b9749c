import { assertEquals } from "@std/assert";
import { Arrivals } from "../../../../lib/gateway/clients/arrivals.ts";
import { Client } from "../../../../lib/gateway/clients/client.ts";

const NOBODY = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

Deno.test("Arrivals leaves those who have come out of what they had where they were, until this gateway is level with that one", async () => {
  const arrivals = new Arrivals();
  const client = new Client(7, 0, NOBODY);
  const level = Promise.withResolvers<void>();

  arrivals.land(client, new Map([["worker", 24]]), level.promise);

  const tell = (sender: string, stamp: number) =>
    arrivals.hadAlready(sender, stamp);
  assertEquals(
    [tell("worker", 22), tell("worker", 24), tell("worker", 25)],
    [[7], [7], []],
  );
  assertEquals([tell("another", 1), tell("worker", 0)], [[], []]);
  // Who moves on at once has had what it had before this gateway was told.
  const here = new Map([["worker", 21], ["another", 3]]);
  assertEquals(
    [...arrivals.hadBy(client, here)],
    [["worker", 24], ["another", 3]],
  );
  level.resolve();
  await level.promise;
  assertEquals([arrivals.size, tell("worker", 22)], [0, []]);
});
