/**
 * Requests of clients, and questions to them: a gateway, a link and a worker, over
 * connections in memory.
 *
 * @module
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { defineHandler, type RequestEvent } from "../../../mod.ts";
import { TestCluster, TestRequestError } from "../../../lib/testing/mod.ts";
import { LogLines } from "../../_support/log_lines.ts";

const TYPED = { protocol: "gatewayworker.v1" } as const;

/** A client that may ask, at a cluster around what its requests are handled by. */
async function withRequests(
  request: (event: RequestEvent) => unknown,
  others: Parameters<typeof defineHandler>[0] = {},
) {
  const cluster = await TestCluster.start(
    defineHandler({ ...others, request }),
  );
  return { cluster, client: await cluster.connect(TYPED) };
}

/** The code that a request ends with. */
async function codeOf(request: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => request, TestRequestError);
  return error.code;
}

Deno.test("a request is answered with what its handler returns", async () => {
  const { cluster, client } = await withRequests((event) => ({
    name: event.name,
    data: event.data(),
    again: event.redelivered,
  }));
  await using _cluster = cluster;

  assertEquals(await client.request("add", [1, "ü"]), {
    name: "add",
    data: [1, "ü"],
    again: false,
  });
  assertEquals(await client.request("nothing"), {
    name: "nothing",
    data: null,
    again: false,
  });
});

Deno.test("answers may be bytes, of handlers and of clients", async () => {
  const { cluster, client } = await withRequests(() =>
    new Uint8Array([1, 200])
  );
  await using _cluster = cluster;
  client.onAsk = () => new Uint8Array([3]);

  assertEquals(await client.request("x"), new Uint8Array([1, 200]));
  const { results } = await cluster.calls.ask({ client: client.id }, "x");
  assertEquals(results, [
    { clientId: client.id, value: new Uint8Array([3]) },
  ]);
});

Deno.test("a handler answers, fails or streams by itself, and once", async () => {
  const { cluster, client } = await withRequests(async (event) => {
    if (event.name === "fail") return event.fail("no-such-room", { room: 7 });
    if (event.name === "early") event.answer("early");
    else {
      for (const part of [1, 2, 3]) await event.part(part);
      event.answer("last");
    }
    assertThrows(() => event.answer("again"), TypeError, "it was");
    assertThrows(() => void event.part("again"), TypeError, "it was");
    assertThrows(() => event.detach(), TypeError, "it was");
    return "ignored";
  });
  await using _cluster = cluster;
  const parts: unknown[] = [];

  const failed = await assertRejects(
    () => client.request("fail"),
    TestRequestError,
  );
  assertEquals([failed.code, failed.data], ["no-such-room", { room: 7 }]);
  assertEquals(await client.request("early"), "early");
  assertEquals(
    await client.request("stream", null, {
      onPart: (part) => parts.push(part),
    }),
    "last",
  );
  assertEquals(parts, [1, 2, 3]);
  await cluster.settled();
});

Deno.test("a request that nobody answers, or whose handler throws, is told so without details", async () => {
  await using log = await LogLines.collect();
  const { cluster, client } = await withRequests((event) => {
    if (event.name === "throw") throw new RangeError("secret");
    if (event.name === "circle") {
      const circle: unknown[] = [];
      circle.push(circle);
      return circle;
    }
    return undefined;
  });
  const failed = await assertRejects(
    () => client.request("throw"),
    TestRequestError,
  );

  assertEquals([failed.code, failed.data], ["failed", null]);
  assertEquals(await codeOf(client.request("who")), "unknown");
  assertEquals(await codeOf(client.request("circle")), "failed");
  await assertRejects(() => cluster.settled(), RangeError, "secret");
  await cluster[Symbol.asyncDispose]();
  assert(log.lines.some((line) => line.includes("secret")));
});

Deno.test("event.fail() takes only a code that a program can read", async () => {
  const { cluster, client } = await withRequests((event) => {
    for (const code of ["", "No", "a b", "x".repeat(65), 7, undefined]) {
      assertThrows(() => event.fail(code as string), TypeError, "its code");
    }
    return "ok";
  });
  await using _cluster = cluster;

  assertEquals(await client.request("x"), "ok");
});

Deno.test("requests run in order with messages, one at a time", async () => {
  const seen: string[] = [];
  const gate = Promise.withResolvers<void>();
  const { cluster, client } = await withRequests(async (event) => {
    seen.push(`begin ${event.name}`);
    if (event.name === "a") await gate.promise;
    seen.push(`end ${event.name}`);
    return event.name;
  }, { message: (event) => void seen.push(event.text()) });
  await using _cluster = cluster;

  const first = client.request("a");
  const message = client.send("m");
  const second = client.request("b");
  gate.resolve();

  assertEquals(await Promise.all([first, second]), ["a", "b"]);
  await message;
  assertEquals(seen, ["begin a", "end a", "m", "begin b", "end b"]);
});

Deno.test("a request that is taken back aborts its signal at once, though its handler runs", async () => {
  const begun = Promise.withResolvers<void>();
  const seen: unknown[] = [];
  const { cluster, client } = await withRequests(async (event) => {
    begun.resolve();
    await new Promise<void>((resolve) =>
      event.signal.addEventListener("abort", () => resolve())
    );
    seen.push((event.signal.reason as Error).name);
    await event.part("too late");
  });
  await using _cluster = cluster;
  const stop = new AbortController();
  const request = client.request("stream", null, { signal: stop.signal });
  await begun.promise;
  // By now it may well be set aside, as it takes long.
  const message = client.send("behind it");
  stop.abort();

  assertEquals(await codeOf(request), "cancelled");
  await message;
  assertEquals(seen, ["AbortError"]);
});

Deno.test("a handler may answer a request that was taken back", async () => {
  const begun = Promise.withResolvers<void>();
  const { cluster, client } = await withRequests(async ({ signal }) => {
    begun.resolve();
    await new Promise<void>((resolve) =>
      signal.addEventListener("abort", () => resolve())
    );
    return "as far as I came";
  });
  await using _cluster = cluster;
  const stop = new AbortController();
  const request = client.request("stream", null, { signal: stop.signal });
  await begun.promise;
  stop.abort();

  assertEquals(await request, "as far as I came");
});

Deno.test("a request that is taken back before its turn is not begun", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const { cluster, client } = await withRequests(async (event) => {
    seen.push(event.name);
    await gate.promise;
    return event.name;
  });
  await using _cluster = cluster;
  const stop = new AbortController();
  const first = client.request("a");
  const second = client.request("b", null, { signal: stop.signal });
  const told = codeOf(second);
  await Promise.resolve();
  stop.abort();
  gate.resolve();

  assertEquals(await first, "a");
  assertEquals(await told, "cancelled");
  assertEquals(seen, ["a"]);
});

Deno.test("a detached request is answered after its handler's end, and holds nobody up", async () => {
  const later: RequestEvent[] = [];
  const { cluster, client } = await withRequests((event) => {
    if (event.name !== "later") return event.name;
    event.detach();
    later.push(event);
    return undefined;
  });
  await using _cluster = cluster;
  const parts: unknown[] = [];
  const slow = client.request("later", 1, {
    onPart: (part) => parts.push(part),
  });

  assertEquals(await client.request("now"), "now");
  const [event] = later;
  await event?.part("half");
  event?.answer(event.data());
  assertEquals(await slow, 1);
  assertEquals(parts, ["half"]);
});

Deno.test("event.detach() answers with what a promise becomes, and logs what it rejects with", async () => {
  await using log = await LogLines.collect();
  const { cluster, client } = await withRequests((event) =>
    event.detach(
      event.name === "good"
        ? Promise.resolve({ ok: true })
        : Promise.reject(new Error("not this time")),
    )
  );
  await using _cluster = cluster;

  assertEquals(await client.request("good"), { ok: true });
  assertEquals(await codeOf(client.request("bad")), "failed");
  assert(log.lines.some((line) => line.includes("not this time")));
});

Deno.test("event.detach() is refused when the handler has ended", async () => {
  const events: RequestEvent[] = [];
  const { cluster, client } = await withRequests((event) => {
    event.detach();
    events.push(event);
  });
  await using _cluster = cluster;
  const request = client.request("x");
  await cluster.settled();

  assertThrows(() => events[0]?.detach(), TypeError, "must not have ended");
  events[0]?.answer(1);
  assertEquals(await request, 1);
});

Deno.test("a request ends with its client: whoever works on it hears so", async () => {
  const gone = Promise.withResolvers<string>();
  const { cluster, client } = await withRequests((event) => {
    event.detach();
    event.signal.addEventListener(
      "abort",
      () => gone.resolve((event.signal.reason as Error).message),
    );
  });
  await using _cluster = cluster;
  const request = codeOf(client.request("x"));
  await cluster.settled();
  await client.close();

  assertEquals(await gone.promise, "The client is gone");
  assertEquals(await request, "closed");
});

Deno.test("client.notify() and notify() tell events to clients that know them, and to no others", async () => {
  await using cluster = await TestCluster.start(defineHandler({
    request: (event) => {
      event.client.notify("hello", event.data());
      return event.wantsAnswer;
    },
  }));
  const client = await cluster.connect(TYPED);
  const plain = await cluster.connect();
  await cluster.calls.bindUid(client.id, "ann");
  await cluster.calls.joinGroup(client.id, "lobby");
  await cluster.calls.joinGroup(plain.id, "lobby");
  const { calls } = cluster;
  const confirm = { confirm: true };

  assertEquals(await client.request("x", 1), true);
  await client.notify("y", 2);
  const reached = [
    await calls.notify({ uid: "ann" }, "a", 1, confirm),
    await calls.notify({ group: ["lobby"] }, "b", { c: 2 }, confirm),
    await calls.notify({ client: [client.id, plain.id] }, "c", 3, confirm),
    await calls.notify({ all: true }, "d", 4, confirm),
    await calls.notify({ all: true }, "e", 5, {
      ...confirm,
      exclude: client.id,
    }),
  ];

  assertEquals(reached, [1, 1, 1, 1, 0]);
  assertEquals(client.told, [
    { name: "hello", data: 1 },
    { name: "hello", data: 2 },
    { name: "a", data: 1 },
    { name: "b", data: { c: 2 } },
    { name: "c", data: 3 },
    { name: "d", data: 4 },
  ]);
  assertEquals(plain.received, []);
});

Deno.test("notify() reaches clients, also from a program that awaits nothing", async () => {
  await using cluster = await TestCluster.start(defineHandler({}));
  const client = await cluster.connect(TYPED);

  void cluster.calls.notify({ client: client.id }, "said", "hi");
  await cluster.settled();

  assertEquals(client.told, [{ name: "said", data: "hi" }]);
});

Deno.test("ask() collects what clients answer, and says who did not", async () => {
  await using cluster = await TestCluster.start(defineHandler({}));
  const ids: string[] = [];
  const clients = [];
  for (let each = 0; each < 4; each++) {
    const client = await cluster.connect(each === 3 ? {} : TYPED);
    await cluster.calls.joinGroup(client.id, "lobby");
    ids.push(client.id);
    clients.push(client);
  }
  const [a, b, c] = clients;
  if (a) a.onAsk = (name, data) => ({ name, data });
  if (b) {
    b.onAsk = () => {
      throw new Error("no");
    };
  }
  if (c) c.onAsk = () => c.drop().then(() => "gone");
  const { results, missing, partial } = await cluster.calls.ask(
    { group: "lobby" },
    "sure",
    [1],
  );

  assertEquals(
    Object.fromEntries(
      results.map(({ clientId, ...rest }) => [clientId, rest]),
    ),
    {
      [ids[0] ?? ""]: { value: { name: "sure", data: [1] } },
      [ids[1] ?? ""]: { error: { code: "failed", data: null } },
    },
  );
  assertEquals(missing.toSorted(), [ids[2] ?? "", ids[3] ?? ""].toSorted());
  assertEquals(partial, undefined);
});

Deno.test("ask() waits no longer than it is told to, and lists whom it asked by id", async () => {
  await using cluster = await TestCluster.start(defineHandler({}));
  const client = await cluster.connect(TYPED);
  const nobody = `${client.id.slice(0, 12)}ffffffff`;
  const elsewhere = `7f0000020b54${client.id.slice(12)}`;
  const clientIds = [client.id, nobody, elsewhere];
  const heard: string[] = [];
  client.onAsk = (name) => {
    heard.push(name);
    return new Promise(() => {});
  };

  const { results, missing } = await cluster.calls.ask(
    { client: clientIds },
    "sure",
    1,
    { timeout: 20 },
  );

  assertEquals(results, []);
  assertEquals(missing.toSorted(), clientIds.toSorted());
  assertEquals(heard, ["sure"]);
  assertEquals(await cluster.calls.ask({ uid: "nobody" }, "sure"), {
    results: [],
    missing: [],
  });
});

Deno.test("ask() works in a handler, of the very client whose event it handles", async () => {
  const cluster = await TestCluster.start(defineHandler({
    request: async (event, calls) => {
      const { results } = await calls.ask(
        { client: event.client.id },
        "sure",
        event.data(),
      );
      const [first] = results;
      return first !== undefined && "value" in first ? first.value : "nothing";
    },
  }));
  await using _cluster = cluster;
  const client = await cluster.connect(TYPED);
  client.onAsk = (_name, data) => `yes, ${data}`;

  assertEquals(await client.request("order", "tea"), "yes, tea");
});

Deno.test("away and back are events; an away client is online, and not attached", async () => {
  const seen: unknown[] = [];
  await using cluster = await TestCluster.start(defineHandler({
    connect: () => void seen.push("connect"),
    away: ({ code, window }) => void seen.push({ code, window }),
    back: ({ missed }) => void seen.push({ missed }),
    close: () => void seen.push("close"),
  }));
  const client = await cluster.connect(TYPED);
  const { calls } = cluster;
  const isOnline = async () => [
    await calls.isOnline(client.id),
    await calls.isOnline(client.id, { attached: true }),
  ];

  assertEquals(await isOnline(), [true, true]);
  await client.away();
  assertEquals(await isOnline(), [true, false]);
  await client.back(3);
  assertEquals(await isOnline(), [true, true]);
  await client.close();
  assertEquals(await isOnline(), [false, false]);
  assertEquals(seen, [
    "connect",
    { code: 1006, window: 60_000 },
    { missed: 3 },
    "close",
  ]);
});

Deno.test("setWindow() says whether a client may be away at all", async () => {
  const seen: boolean[] = [];
  await using cluster = await TestCluster.start(defineHandler({
    connect: async ({ client }) =>
      void seen.push(await client.setWindow(1_000)),
  }));
  const client = await cluster.connect(TYPED);
  const plain = await cluster.connect();

  assertEquals(seen, [true, false]);
  assertEquals(await cluster.calls.setWindow(client.id, 0), true);
  assertEquals(await cluster.calls.setWindow(plain.id, 0), false);
  await client.close();
  assertEquals(await cluster.calls.setWindow(client.id, 0), false);
});
