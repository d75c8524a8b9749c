import { assertEquals } from "@std/assert";
import { LogLines } from "../_support/log_lines.ts";
import { startCluster } from "../_support/cluster.ts";
import { EventLog } from "../_support/event_log.ts";
import { eventually } from "../_support/eventually.ts";

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

Deno.test("a client's session counts every one of many messages that come at once", async () => {
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      const { session } = event.client;
      session["count"] = Number(session["count"] ?? 0) + 1;
      return event.text() === "last" ? String(session["count"]) : undefined;
    },
  });
  const client = await cluster.connect();

  for (let each = 1; each < 2_000; each++) client.send("more");
  client.send("last");

  assertEquals(await client.hear(), "2000");
  await cluster.settled();
});

Deno.test("a client has no uid when it closes if it was gone before it could be bound", async () => {
  const gate = Promise.withResolvers<void>();
  const uids: unknown[] = [];
  await using cluster = await startCluster({
    handler: async (event) => {
      if (event.type === "close") uids.push(event.client.uid);
      if (event.type !== "message") return;
      await event.client.destroy();
      await gate.promise;
      const bound = event.client.bindUid("ghost");
      uids.push(event.client.uid, await bound, event.client.uid);
    },
  });
  const client = await cluster.connect();
  client.send("bind me");
  await client.closed;
  await eventually("it is gone", () => cluster.gateway.clients === 0);
  gate.resolve();
  await cluster.settled();

  assertEquals(uids, ["ghost", false, undefined, undefined]);
});

Deno.test("a client has the uid when it closes that it was bound to, by its handler or by others", async () => {
  const uids: unknown[] = [];
  await using cluster = await startCluster({
    handler: async (event, calls) => {
      if (event.type === "close") uids.push(event.client.uid);
      if (event.type !== "message") return;
      const { client } = event;
      const text = event.text();
      if (text === "twice") {
        void client.bindUid("first");
        await client.bindUid("second");
      } else if (text === "unbound") {
        await client.bindUid("once");
        await client.unbindUid();
      } else await calls.bindUid(client.id, "outside");
      return String(client.uid);
    },
  });

  for (const text of ["twice", "unbound", "outside"]) {
    const client = await cluster.connect();
    client.send(text);
    uids.push(await client.hear());
    await client.close();
    await cluster.settled();
  }

  assertEquals(uids, [
    "second",
    "second",
    "undefined",
    undefined,
    "undefined",
    "outside",
  ]);
});

Deno.test("a query that a handler returns, which begins when it is awaited, is made once", async () => {
  let made = 0;
  const query = {
    // As query builders of databases are.
    then(resolve: (answer: string) => void) {
      made++;
      resolve("found");
    },
  };
  await using cluster = await startCluster({
    handler: (event) =>
      event.type === "message"
        ? query as unknown as Promise<string>
        : undefined,
  });
  const client = await cluster.connect();

  for (let each = 0; each < 3; each++) {
    client.send("find");
    assertEquals(await client.hear(), "found");
  }

  assertEquals(made, 3);
});
