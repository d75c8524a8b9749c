/**
 * Limits of uids and of ranges of addresses, each against somebody who goes beyond it.
 *
 * @module
 */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  accept,
  defineHandler,
  type Gateway,
  type GatewayOptions,
  type Limits,
} from "@gatewayworker/core";
import { now } from "../../lib/base/clock.ts";
import { resolveGatewayOptions } from "../../lib/gateway/options.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { LogLines } from "../_support/log_lines.ts";
import type { TestClient } from "../_support/test_client.ts";
import { RawClient } from "../unit/transport/_raw_client.ts";

const handler = defineHandler({
  message: async (event) => {
    const text = event.text();
    if (text.startsWith("uid ")) await event.client.bindUid(text.slice(4));
    return text;
  },
});

function start(
  limits: Limits,
  gateway: GatewayOptions = {},
): Promise<TestCluster> {
  return startCluster({ handler, gateway: { limits, ...gateway } });
}

async function login(cluster: TestCluster, uid: string): Promise<TestClient> {
  const client = await cluster.connect();
  client.send(`uid ${uid}`);
  assertEquals(await client.hear(), `uid ${uid}`);
  return client;
}

/** What an upgrade request is answered with; the connection stays until disposed. */
async function knock(
  { addr: { port } }: Gateway,
  headers: string,
): Promise<[raw: RawClient, answer: string]> {
  const raw = await RawClient.dial({ port });
  await raw.say(
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
  );
  return [raw, await raw.hearUntil("\r\n\r\n")];
}

Deno.test("one more client of a uid than may be is closed with 4014, and the others stay", async () => {
  await using cluster = await start({ uidConnections: { max: 2 } });
  const [one, two] = [await login(cluster, "ann"), await login(cluster, "ann")];
  const other = await login(cluster, "bob");

  const third = await cluster.connect();
  third.send("uid ann");

  assertEquals((await third.closed).code, 4014);
  for (const client of [one, two, other]) {
    client.send("still here");
    assertEquals(await client.hear(), "still here");
  }
  assertEquals(cluster.gateway.report().limits, { uidConnections: 1 });
  await one.close();
  await eventually("it is gone", () => cluster.gateway.clients === 2);
  await login(cluster, "ann");
});

Deno.test("replace-oldest closes the oldest client of a uid with 4001", async () => {
  await using cluster = await start({
    uidConnections: { max: 2, policy: "replace-oldest" },
  });
  const one = await login(cluster, "ann");
  const two = await login(cluster, "ann");

  const three = await login(cluster, "ann");

  assertEquals((await one.closed).code, 4001);
  for (const client of [two, three]) {
    client.send("still here");
    assertEquals(await client.hear(), "still here");
  }
});

Deno.test("a uid that authorize names is answered with 429, and who comes back is not counted twice", async () => {
  await using cluster = await start({ uidConnections: { max: 1 } }, {
    resume: {},
    authorize: ({ headers, credential }) =>
      accept({ uid: String(credential ?? headers.get("x-uid")) }),
  });
  const { gateway } = cluster;
  const [first, { t, id }] = await LastingClient.connect(gateway.addr, {
    a: "ann",
  });

  const [stranger, answer] = await knock(gateway, "X-Uid: ann\r\n");
  using _stranger = stranger;
  using second = await LastingClient.dial(gateway.addr);
  await second.hello({ a: "ann" });
  // Its half-open socket is still there.
  const [back, welcome] = await LastingClient.connect(gateway.addr, {
    t,
    a: "ann",
  });
  using _first = first;
  using _back = back;

  assertMatch(answer, /^HTTP\/1.1 429 /);
  assertMatch(await second.hear(), /^x/);
  assertEquals(await second.hear(), "[4012 later]");
  assertEquals([welcome.resumed, welcome.id], [true, id]);
});

Deno.test("a client that is away counts, and does not when its session has moved", async () => {
  await using cluster = await startCluster({
    handler,
    gateways: 2,
    gateway: { resume: {}, limits: { uidConnections: { max: 1 } } },
  });
  const [home, other] = cluster.gateways as [Gateway, Gateway];
  const [first, { t }] = await LastingClient.connect(home.addr);
  await first.say("muid ann");
  await first.expect("muid ann");
  first[Symbol.dispose]();
  await eventually("it is away", () => home.report().resume?.away === 1);
  const rival = await cluster.connect(home);
  rival.send("uid ann");
  assertEquals((await rival.closed).code, 4014);

  const [back, welcome] = await LastingClient.connect(other.addr, { t });
  using _back = back;

  assertEquals(welcome.resumed, true);
  await back.say("mhere");
  await back.expect("muid ann", "mhere");
  await eventually("it has left", () => home.clients === 0);
  await login(cluster, "ann");
});

Deno.test("whoever has a /64 is one address, or a /24 where it is set so", async () => {
  await using log = await LogLines.collect();
  await using cluster = await start({
    addressConnections: { max: 2 },
  }, { trustedProxies: ["127.0.0.1/32"], addressPrefixV4: 24 });
  const from = async (address: string) =>
    await knock(cluster.gateway, `X-Forwarded-For: ${address}\r\n`);
  const stack = new DisposableStack();
  const statuses: string[] = [];
  for (
    const address of [
      "2001:db8::1",
      "2001:db8::2:3:4:5",
      "2001:db8::ffff",
      "2001:db8:0:1::1",
      "203.0.113.1",
      "203.0.113.2",
      "203.0.113.3",
      "203.0.114.1",
    ]
  ) {
    const [raw, answer] = await from(address);
    stack.use(raw);
    statuses.push(answer.slice(9, 12));
  }
  stack.dispose();

  assertEquals(statuses, [
    "101",
    "101",
    "429",
    "101",
    "101",
    "101",
    "429",
    "101",
  ]);
  const lines = log.lines.filter((line) => line.includes("addressConnections"));
  assertEquals(lines.length, 1, log.lines.join("\n"));
});

Deno.test("a limit that is tried in a dry run is counted and logged, and lets everybody in", async () => {
  await using log = await LogLines.collect();
  await using cluster = await start({
    addressConnections: { max: 1, dryRun: true },
    uidConnections: { max: 1, dryRun: true },
    uidMessages: { max: 1, policy: "close", dryRun: true },
  });
  const clients = [await login(cluster, "ann"), await login(cluster, "ann")];

  for (const client of clients) {
    for (const text of ["a", "b", "c"]) client.send(text);
    assertEquals(await client.hearAll(3), ["a", "b", "c"]);
  }

  const { limits } = cluster.gateway.report();
  assertEquals([limits?.addressConnections, limits?.uidConnections], [1, 1]);
  assert((limits?.uidMessages ?? 0) > 0);
  const dry = log.lines.filter((line) => line.includes("dry-run"));
  assertEquals(dry.length, 3, log.lines.join("\n"));
});

Deno.test("all clients of a uid together send no more messages than it may, and nobody else is slowed", async () => {
  await using cluster = await start({ uidMessages: { max: 200 } });
  const greedy = [await login(cluster, "ann"), await login(cluster, "ann")];
  const modest = await login(cluster, "bob");
  const begin = now();

  for (let i = 0; i < 150; i++) greedy.forEach((each) => each.send(`${i}`));
  modest.send("first");
  assertEquals(await modest.hear(), "first");
  await Promise.all(greedy.map((each) => each.hearAll(150)));
  // 300, of which a second's worth was saved: what was read at once is made up for.
  for (const each of greedy) each.send("last");
  await Promise.all(greedy.map((each) => each.hear()));

  assert(now() - begin > 400, `after ${now() - begin} ms`);
  assertEquals(
    cluster.gateway.report().limits?.uidMessages !== undefined,
    true,
  );
});

Deno.test("who goes beyond the messages or bytes of an address is closed with 1008, if that is the policy", async () => {
  for (
    const limits of [
      { addressMessages: { max: 10, policy: "close" } },
      { addressBytes: { max: 1_000, policy: "close" } },
      { uidBytes: { max: 1_000, policy: "close" } },
    ] as const satisfies Limits[]
  ) {
    await using cluster = await start(limits);
    const client = await login(cluster, "ann");

    for (let i = 0; i < 100; i++) client.send("x".repeat(100));

    assertEquals((await client.closed).code, 1008);
  }
});

Deno.test("authorize sets limits of a client, which are checked like all that it returns", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler,
    gateway: {
      authorize: ({ headers, query }) =>
        accept({
          uid: headers.get("x-uid") ?? "ann",
          limits: query.has("wrong")
            ? { messages: 0 }
            : { connections: 1, messages: 200 },
        }),
    },
  });
  const { gateway } = cluster;
  const ann = await cluster.connect();
  const [second, crowded] = await knock(gateway, "");
  using _second = second;
  const begin = now();

  for (let i = 0; i < 300; i++) ann.send(`${i}`);
  await ann.hearAll(300);
  ann.send("last");
  await ann.hear();

  assert(now() - begin > 400, `after ${now() - begin} ms`);
  assertMatch(crowded, /^HTTP\/1.1 429 /);
  const { port } = gateway.addr;
  using raw = await RawClient.dial({ port });
  await raw.say(
    "GET /?wrong HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nX-Uid: bob\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  assertMatch(await raw.hearUntil("\r\n\r\n"), /^HTTP\/1.1 500 /);
  assertMatch(log.lines.join("\n"), /limits\.messages must be a number/);
});

Deno.test("limits that are none are refused at the start", () => {
  const resolve = (limits: unknown) => () =>
    resolveGatewayOptions({ limits: limits as Limits });

  assertThrows(resolve({ uidFriends: { max: 1 } }), TypeError, "uidFriends");
  assertThrows(resolve({ uidBytes: 5 }), TypeError, "found");
  assertThrows(resolve({ uidBytes: { max: 0 } }), RangeError, "at least 1");
  assertThrows(
    resolve({ uidConnections: { max: 1, policy: "pause" } }),
    RangeError,
    "refuse, replace-oldest",
  );
});
