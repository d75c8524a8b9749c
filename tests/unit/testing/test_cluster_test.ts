import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { accept, refuse } from "../../../mod.ts";
import {
  type Handler,
  TestCluster,
  TestRefusal,
} from "../../../lib/testing/mod.ts";

/** Says back what it hears, and waits, throws or leaves if it hears that. */
const obedient: Handler = async (event, cluster) => {
  if (event.type !== "message") return;
  switch (event.text()) {
    case "throw":
      throw new RangeError("told to");
    case "object":
      return { a: 1 } as unknown as string;
    case "leave":
      await event.client.close(undefined, { code: 4000, reason: "asked" });
      return;
    case "never":
      return await new Promise<undefined>(() => {});
    case "shout":
      await cluster.sendToAll("shouted");
      return;
    default:
      return `echo ${event.text()}`;
  }
};

Deno.test("TestCluster.start() rejects with what the handler throws on start", async () => {
  const failing: Handler = () => {
    throw new RangeError("not today");
  };

  await assertRejects(() => TestCluster.start(failing), RangeError, "today");
});

Deno.test("TestCluster tells the handler start, each client's close, then stop", async () => {
  const told: string[] = [];
  {
    await using cluster = await TestCluster.start((event) => {
      told.push(event.type === "close" ? `${event.code}` : event.type);
    });
    await cluster.connect();
  }

  assertEquals(told, ["start", "connect", "1001", "stop"]);
});

Deno.test("TestCluster has a request for WebSocket clients, with headers and cookies, and none for others", async () => {
  const requests: unknown[] = [];
  await using cluster = await TestCluster.start((event) => {
    if (event.type !== "connect") return;
    const { request, client } = event;
    requests.push([
      request?.path,
      request?.query.get("id"),
      request?.headers.get("X-Name"),
      request?.cookies["a"],
      client.remoteAddress,
      client.listener,
    ]);
  });

  await cluster.connect({
    target: "/room?id=7",
    headers: { "x-name": "ann", cookie: "a=b" },
  });
  await cluster.connect({
    protocol: "tcp",
    remoteAddress: "[::1]:9",
    listener: 1,
  });

  assertEquals(requests, [
    ["/room", "7", "ann", "b", "127.0.0.1:50000", 0],
    [undefined, undefined, undefined, undefined, "[::1]:9", 1],
  ]);
});

Deno.test("TestCluster.connect() rejects if authorize refuses, and has what it grants", async () => {
  await using cluster = await TestCluster.start(
    (event) => event.type === "connect" ? `hello ${event.client.uid}` : "",
    {
      authorize: ({ query }) => {
        const name = query.get("name");
        if (name === null) return refuse(401, "who are you?");
        return accept({ uid: name, groups: ["all"], session: { name } });
      },
    },
  );

  const error = await assertRejects(() => cluster.connect(), TestRefusal);
  const ann = await cluster.connect({ target: "/?name=ann" });

  assertEquals([error.status, error.body], [401, "who are you?"]);
  assertEquals(
    [ann.uid, ann.groups, ann.session, ann.received],
    ["ann", ["all"], { name: "ann" }, ["hello ann"]],
  );
  assertEquals(cluster.clients, [ann]);
});

Deno.test("TestClient.send() resolves when all that the handler sent has come", async () => {
  await using cluster = await TestCluster.start(obedient);
  const [ann, bob] = [await cluster.connect(), await cluster.connect()];

  await ann.send("shout");
  await ann.send("hello");

  assertEquals(ann.received, ["shouted", "echo hello"]);
  assertEquals(bob.received, ["shouted"]);
});

Deno.test("TestClient.send() rejects with what the handler throws, and the client goes on", async () => {
  await using cluster = await TestCluster.start(obedient);
  const client = await cluster.connect();

  await assertRejects(() => client.send("throw"), RangeError, "told to");
  await client.send("hello");

  assertEquals(await client.next(), "echo hello");
});

Deno.test("TestClient.send() rejects if the handler returns what is no message", async () => {
  await using cluster = await TestCluster.start(obedient);
  const client = await cluster.connect();

  await assertRejects(() => client.send("object"), TypeError, "an object");

  assertEquals(client.received, []);
});

Deno.test("TestClient.next() returns each message once, in order, and waits for those to come", async () => {
  await using cluster = await TestCluster.start(obedient);
  const client = await cluster.connect();
  const next = [client.next(), client.next(), client.next()];

  await Promise.all(["a", "b", "c"].map((text) => client.send(text)));

  assertEquals(await Promise.all(next), ["echo a", "echo b", "echo c"]);
});

Deno.test("TestCluster runs the events of one client in order, and those of others beside them", async () => {
  const gate = Promise.withResolvers<string>();
  await using cluster = await TestCluster.start((event) => {
    if (event.type !== "message") return;
    return event.text() === "wait" ? gate.promise : event.text();
  });
  const [ann, bob] = [await cluster.connect(), await cluster.connect()];

  const waiting = [ann.send("wait"), ann.send("behind")];
  await bob.send("beside");
  await bob.close();
  assertEquals([ann.received, bob.received], [[], ["beside"]]);
  gate.resolve("done");
  await Promise.all(waiting);

  assertEquals(ann.received, ["done", "behind"]);
});

Deno.test("TestCluster.calls is what a back end calls", async () => {
  await using cluster = await TestCluster.start(async (event) => {
    if (event.type === "connect") await event.client.bindUid("ann");
  });
  const client = await cluster.connect();

  await cluster.calls.sendToUid("ann", "pushed");
  assertEquals(await client.next(), "pushed");
  await cluster.calls.closeClient(client.id, "bye", { code: 4001 });
  await cluster.settled();

  assertEquals(client.received, ["pushed", "bye"]);
  assertEquals(client.closed, { code: 4001, reason: "" });
  assertEquals(await cluster.calls.getAllClientIdCount(), 0);
  assertEquals(cluster.clients, []);
});

Deno.test("TestClient.close() and drop() tell the handler the code", async () => {
  const ends: string[] = [];
  await using cluster = await TestCluster.start((event) => {
    if (event.type === "close") ends.push(`${event.code} ${event.reason}`);
  });

  await (await cluster.connect()).close();
  await (await cluster.connect()).close(4005, "enough");
  await (await cluster.connect()).drop();

  assertEquals(ends, ["1000 ", "4005 enough", "1006 "]);
});

Deno.test("TestClient rejects what nobody can do who has gone", async () => {
  await using cluster = await TestCluster.start(obedient);
  const client = await cluster.connect();
  await client.send("leave");
  await cluster.settled();

  for (
    const act of [
      () => client.send("x"),
      () => client.next(),
      () => client.close(),
    ]
  ) {
    await assertRejects(act, TypeError, 'closed with 4000 "asked"');
  }
});

Deno.test("what a handler throws and nobody awaits, settled() or the end of the cluster throws", async () => {
  const failing: Handler = async (event) => {
    if (event.type === "message") {
      await event.client.close(undefined, { code: 4000 });
    }
    if (event.type === "close") throw new RangeError(`after ${event.code}`);
  };
  const cluster = await TestCluster.start(failing);
  const [ann, bob] = [await cluster.connect(), await cluster.connect()];

  await ann.send("leave me");
  await assertRejects(() => cluster.settled(), RangeError, "after 4000");
  await assertRejects(() => bob.close(), RangeError, "after 1000");
  await cluster.settled();
  await cluster.connect();

  await assertRejects(
    () => cluster[Symbol.asyncDispose](),
    RangeError,
    "after 1001",
  );
});

Deno.test("TestCluster says what still runs when a wait takes too long, and ends all the same", async () => {
  const cluster = await TestCluster.start(obedient, { timeout: 20 });
  const client = await cluster.connect();
  const tooLong = async (wait: () => Promise<unknown>) => {
    const { message } = await assertRejects(wait, Deno.errors.TimedOut);
    return message;
  };

  assertStringIncludes(
    await tooLong(() => client.next()),
    `no message 1 came to client ${client.id} within 20 ms`,
  );
  assertStringIncludes(
    await tooLong(() => client.send("never")),
    `the handler still runs on message of client ${client.id}`,
  );
  await tooLong(() => cluster.settled());
  await tooLong(() => cluster[Symbol.asyncDispose]());
});

Deno.test("TestCluster.connect() rejects once the cluster has ended", async () => {
  const cluster = await TestCluster.start(obedient);
  await cluster[Symbol.asyncDispose]();

  await assertRejects(() => cluster.connect(), TypeError, "has ended");
});
