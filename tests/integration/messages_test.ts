import { assert, assertEquals } from "@std/assert";
import { defineHandler } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { Inbox } from "../_support/inbox.ts";

function pause(delay: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delay));
}

Deno.test("a handler's answer reaches the client, text as text and bytes as bytes", async () => {
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      return event.binary ? event.bytes() : event.text();
    },
  });
  const client = await cluster.connect();

  for (const text of ["hello", "", "grüße 👋", "x".repeat(200_000)]) {
    client.send(text);
    assertEquals(await client.hear(), text);
  }
  for (const length of [0, 1, 200_000]) {
    const bytes = new Uint8Array(length).fill(7);
    client.send(bytes);
    assertEquals(await client.hear(), bytes);
  }
});

Deno.test("a handler may answer the connect event, and is told the request", async () => {
  await using cluster = await startCluster({
    handler: async (event) => {
      await pause(1);
      if (event.type !== "connect") return;
      const { path, query } = event.request ?? {};
      return `welcome to ${path} as ${query?.get("name")}`;
    },
  });

  const client = await cluster.connect(cluster.gateway, "/room?name=tom");

  assertEquals(await client.hear(), "welcome to /room as tom");
});

Deno.test("messages of one client are handled in order, however long each takes", async () => {
  const running = new Set<string>();
  await using cluster = await startCluster({
    workers: 2,
    handler: async (event) => {
      if (event.type !== "message") return;
      assert(!running.has(event.client.id));
      running.add(event.client.id);
      await pause(Math.random() * 4);
      running.delete(event.client.id);
      return event.text();
    },
  });
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => cluster.connect()),
  );
  const numbers = Array.from({ length: 40 }, (_, index) => String(index));

  for (const number of numbers) {
    for (const client of clients) client.send(number);
  }

  for (const client of clients) {
    assertEquals(await client.hearAll(numbers.length), numbers);
  }
  await cluster.settled();
});

Deno.test("clients are handled concurrently: one waits for what another one does", async () => {
  const gate = Promise.withResolvers<string>();
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      if (event.text() === "wait") return gate.promise;
      return gate.resolve("released");
    },
  });
  const [waiting, releasing] = [
    await cluster.connect(),
    await cluster.connect(),
  ];

  waiting.send("wait");
  releasing.send("release");

  assertEquals(await waiting.hear(), "released");
});

Deno.test("a handler that throws is counted, and the connection lives on", async () => {
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      const text = event.text();
      if (text === "throw") throw new RangeError("as asked");
      if (text === "reject") return Promise.reject(new RangeError("as asked"));
      return text;
    },
  });
  const client = await cluster.connect();

  for (const text of ["throw", "reject", "still here"]) client.send(text);

  assertEquals(await client.hear(), "still here");
  assertEquals(cluster.worker.thrown, 2);
  assertEquals(cluster.worker.handled, 4);
  await cluster.settled();
});

Deno.test("a handler that sends what is no message is told so, and harms nobody", async () => {
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      if (event.text() === "odd") event.client.send(42 as unknown as string);
      return event.text();
    },
  });
  const [odd, other] = [await cluster.connect(), await cluster.connect()];

  odd.send("odd");
  other.send("even");
  odd.send("even");

  assertEquals(await other.hear(), "even");
  assertEquals(await odd.hear(), "even");
  assertEquals(cluster.worker.thrown, 1);
});

Deno.test("an answer that is too long for a link is an error of the handler, nothing more", async () => {
  await using cluster = await startCluster({
    // Asynchronous, so that it is returned when nobody stands ready to catch.
    handler: async (event) => {
      await pause(0);
      if (event.type !== "message") return;
      return event.text() === "long" ? new Uint8Array(67 * 1024 * 1024) : "ok";
    },
  });
  const client = await cluster.connect();

  client.send("long");
  client.send("short");

  assertEquals(await client.hear(), "ok");
  assertEquals(cluster.worker.thrown, 1);
});

Deno.test("a message that is no JSON is a warning, and counted as thrown", async () => {
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "message") return;
      return JSON.stringify(event.json());
    },
  });
  const client = await cluster.connect();

  client.send("{no json");
  client.send('{ "a": 1 }');

  assertEquals(await client.hear(), '{"a":1}');
  assertEquals(cluster.worker.thrown, 1);
});

Deno.test("each client event has an id of its own, and is not marked as redelivered", async () => {
  const events = new Inbox<{ id: string; redelivered: boolean }>();
  const note = ({ id, redelivered }: { id: string; redelivered: boolean }) =>
    events.push({ id, redelivered });
  await using cluster = await startCluster({
    handler: defineHandler({ connect: note, message: note, close: note }),
  });
  const client = await cluster.connect();
  client.send("one");
  client.send("two");
  await client.close();

  const ids = new Set<string>();
  for (let each = 0; each < 4; each++) {
    const { id, redelivered } = await events.next();
    assertEquals(redelivered, false);
    ids.add(id);
  }

  assertEquals(ids.size, 4);
});

Deno.test("the close event tells code and reason", async () => {
  const closes = new Inbox<number>();
  await using cluster = await startCluster({
    handler: defineHandler({ close: ({ code }) => closes.push(code) }),
  });

  const client = await cluster.connect();
  await client.close(4321);

  assertEquals(await closes.next(), 4321);
});

Deno.test("a worker is told when it starts and when it ends, and what comes between", async () => {
  const types: string[] = [];
  {
    await using cluster = await startCluster({
      handler: ({ type }) => void types.push(type),
    });
    const client = await cluster.connect();
    client.send("one");
    await client.close();
    await cluster.settled();
  }

  assertEquals(types, ["start", "connect", "message", "close", "stop"]);
});
