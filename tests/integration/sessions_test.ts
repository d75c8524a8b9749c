import { assertEquals, assertStringIncludes } from "@std/assert";
import { defineHandler, type Session } from "../../mod.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { Inbox } from "../_support/inbox.ts";
import { LogLines } from "../_support/log_lines.ts";

/** Sets and removes keys as messages say, and tells the session at the end. */
function sessionHandler(closes: Inbox<Session>) {
  return defineHandler({
    message: (event) => {
      const [verb, key = "", value] = event.text().split(" ");
      const { session } = event.client;
      if (verb === "set") session[key] = value;
      if (verb === "delete") delete session[key];
      if (verb === "replace") event.client.session = { [key]: value };
      if (verb === "throw") {
        session[key] = value;
        throw new RangeError("as asked");
      }
      return JSON.stringify(event.client.session);
    },
    close: ({ client }) => closes.push({ ...client.session }),
  });
}

/** Waits until the gateway has stored what handlers left. */
async function stored(
  cluster: TestCluster,
  clientId: string,
): Promise<Session | undefined> {
  await cluster.settled();
  return await cluster.worker.cluster.getSession(clientId);
}

Deno.test("what a handler leaves in the session is there for the next one, and at the end", async () => {
  const closes = new Inbox<Session>();
  await using cluster = await startCluster({ handler: sessionHandler(closes) });
  const client = await cluster.connect();
  const answers: string[] = [];

  for (const text of ["set a 1", "set b 2", "delete a", "read"]) {
    client.send(text);
    answers.push(String(await client.hear()));
  }
  await client.close();

  assertEquals(answers, [
    '{"a":"1"}',
    '{"a":"1","b":"2"}',
    '{"b":"2"}',
    '{"b":"2"}',
  ]);
  assertEquals(await closes.next(), { b: "2" });
});

Deno.test("messages that follow each other without a pause see each other's session", async () => {
  await using cluster = await startCluster({
    handler: defineHandler({
      message: async ({ client }) => {
        const { count = 0 } = client.session;
        await Promise.resolve();
        client.session["count"] = Number(count) + 1;
        return String(client.session["count"]);
      },
    }),
  });
  const client = await cluster.connect();

  for (let each = 0; each < 100; each++) client.send("count");

  const expected = Array.from({ length: 100 }, (_, index) => String(index + 1));
  assertEquals(await client.hearAll(100), expected);
});

Deno.test("a session may be replaced as a whole", async () => {
  await using cluster = await startCluster({
    handler: sessionHandler(new Inbox()),
  });
  const client = await cluster.connect();
  client.send("set a 1");
  await client.hear();

  client.send("replace b 2");
  await client.hear();
  client.send("read");

  assertEquals(await client.hear(), '{"b":"2"}');
});

Deno.test("what a handler left before it threw is stored too", async () => {
  await using cluster = await startCluster({
    handler: sessionHandler(new Inbox()),
  });
  const client = await cluster.connect();

  client.send("throw a 1");
  client.send("read");

  assertEquals(await client.hear(), '{"a":"1"}');
});

Deno.test("sessions survive the worker, and the close event carries them", async () => {
  const closes = new Inbox<Session>();
  const handler = sessionHandler(closes);
  await using cluster = await startCluster({ handler });
  const client = await cluster.connect();
  client.send("set a 1");
  await client.hear();

  await cluster.addWorker(handler);
  await cluster.worker.shutdown();
  client.send("set b 2");

  assertEquals(await client.hear(), '{"a":"1","b":"2"}');
  await client.close();
  assertEquals(await closes.next(), { a: "1", b: "2" });
});

Deno.test("what another program sets meanwhile is merged with what the handler leaves", async () => {
  const entered = new Inbox<string>();
  const gate = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    workers: 2,
    handler: defineHandler({
      message: async ({ client }) => {
        client.session["mine"] = 1;
        entered.push(client.id);
        await gate.promise;
        return JSON.stringify(client.session);
      },
    }),
  });
  const client = await cluster.connect();
  client.send("go");
  const clientId = await entered.next();

  const [, other] = cluster.workers;
  await other?.cluster.updateSession(clientId, { theirs: { deep: 2 } });
  gate.resolve();

  assertEquals(await client.hear(), '{"mine":1}');
  assertEquals(await stored(cluster, clientId), {
    mine: 1,
    theirs: { deep: 2 },
  });
  client.send("again");
  assertEquals(
    JSON.parse(String(await client.hear())),
    { mine: 1, theirs: { deep: 2 } },
  );
});

Deno.test("another worker's change is there at the client's next event", async () => {
  const ids = new Inbox<string>();
  await using cluster = await startCluster({
    workers: 2,
    handler: defineHandler({
      connect: ({ client }) => ids.push(client.id),
      message: ({ client }) => JSON.stringify(client.session),
    }),
  });
  const client = await cluster.connect();
  const clientId = await ids.next();

  for (const [index, worker] of cluster.workers.entries()) {
    await worker.cluster.setSession(clientId, { index });
    client.send("read");
    assertEquals(await client.hear(), JSON.stringify({ index }));
  }
});

Deno.test("a session within itself is an error in the log that names the key, and nothing more", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: defineHandler({
      message: (event) => {
        const ring: Session = {};
        ring["self"] = ring;
        if (event.text() === "ring") event.client.session["ring"] = ring;
        return event.text();
      },
    }),
  });
  const client = await cluster.connect();

  client.send("ring");
  client.send("on");

  assertEquals(await client.hearAll(2), ["ring", "on"]);
  assertStringIncludes(log.lines.join("\n"), '"ring');
  await cluster.settled();
});

Deno.test("a session that is too large is refused, and the one before stays", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({
    gateway: { maxSession: 100 },
    handler: sessionHandler(new Inbox()),
  });
  const client = await cluster.connect();
  client.send("set a 1");
  await client.hear();

  client.send(`set b ${"x".repeat(200)}`);
  await client.hear();
  await cluster.settled();
  client.send("read");

  assertEquals(await client.hear(), '{"a":"1"}');
});

Deno.test("what a handler sets through the cluster is seen by the events that came already", async () => {
  await using cluster = await startCluster({
    handler: async (event, cluster) => {
      if (event.type !== "message") return undefined;
      const { id } = event.client;
      if (event.text() === "set") await cluster.setSession(id, { a: 1 });
      if (event.text() === "update") await cluster.updateSession(id, { b: 2 });
      return JSON.stringify(event.client.session);
    },
  });
  const client = await cluster.connect();

  for (const text of ["set", "read", "update", "read"]) client.send(text);

  const heard = await client.hearAll(4);
  assertEquals(heard[1], '{"a":1}');
  assertEquals(heard[3], '{"a":1,"b":2}');
  await cluster.settled();
});
