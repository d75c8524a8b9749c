import { assertEquals } from "@std/assert";
import { LogLines } from "../_support/log_lines.ts";
import { startCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";

const WAYS: Readonly<Record<string, () => unknown>> = {
  throws: () => {
    throw Object.create(null);
  },
  rejects: () => Promise.reject(Object.create(null)),
  returns: () =>
    new Proxy({}, { getPrototypeOf: () => WAYS["throws"]?.() as null }),
};

Deno.test("a handler that throws what has no text harms no other client, and is told no event again", async () => {
  await using _log = await LogLines.collect();
  const log = new EventLog();
  await using cluster = await startCluster({
    handler: (event) => {
      log.add(event);
      if (event.type !== "message") return;
      const text = event.text();
      return (WAYS[text]?.() ?? text) as string;
    },
  });
  const [one, other] = [await cluster.connect(), await cluster.connect()];

  for (const way of Object.keys(WAYS)) {
    one.send(way);
    other.send(`beside what ${way}`);
    one.send(`behind what ${way}`);
    assertEquals(await other.hear(), `beside what ${way}`);
    assertEquals(await one.hear(), `behind what ${way}`);
  }

  await cluster.settled();
  assertEquals(cluster.workers[0]?.thrown, 3);
  assertEquals([...log.byClient().values()].flat().length, 2 + 9);
});
