/**
 * Who is refused is gone from every gateway, and stays out.
 *
 * @module
 */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  accept,
  defineHandler,
  type Gateway,
  type GatewayOptions,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { LogLines } from "../_support/log_lines.ts";
import { RawClient } from "../unit/transport/_raw_client.ts";

/** Binds to the uid that a message says, and echoes. */
const handler = defineHandler({
  message: async (event) => {
    const text = event.text();
    if (text.startsWith("uid ")) await event.client.bindUid(text.slice(4));
    return text;
  },
});

const HOUR = 3_600_000;

function start(
  gateways: number,
  gateway: GatewayOptions = {},
): Promise<TestCluster> {
  return startCluster({ handler, gateways, gateway });
}

async function login(
  cluster: TestCluster,
  gateway: Gateway,
  uid: string,
) {
  const client = await cluster.connect(gateway);
  client.send(`uid ${uid}`);
  assertEquals(await client.hear(), `uid ${uid}`);
  return client;
}

/** What an upgrade request is answered with. */
async function answerOf(
  { port }: { port: number },
  headers = "",
): Promise<string> {
  using raw = await RawClient.dial({ port });
  await raw.say(
    "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n" +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
  );
  return await raw.hearUntil("\r\n\r\n");
}

Deno.test("refuse() closes a uid on every gateway with 4010 and the reason, and whoever binds it later", async () => {
  await using cluster = await start(2);
  const [one, two] = cluster.gateways as [Gateway, Gateway];
  const [ann, annToo, bob] = [
    await login(cluster, one, "ann"),
    await login(cluster, two, "ann"),
    await login(cluster, two, "bob"),
  ];
  await using program = await cluster.outside();

  const closed = await program.refuse({ uid: "ann" }, { reason: "spam" });

  assertEquals(closed, 2);
  assertEquals(await ann.closed, { code: 4010, reason: "spam" });
  assertEquals(await annToo.closed, { code: 4010, reason: "spam" });
  const again = await cluster.connect(one);
  again.send("uid ann");
  assertEquals(await again.closed, { code: 4010, reason: "spam" });
  bob.send("still here");
  assertEquals(await bob.hear(), "still here");
  const [listed] = await program.refusals();
  assertEquals([listed?.kind, listed?.name, listed?.reason], [
    "uid",
    "ann",
    "spam",
  ]);
});

Deno.test("allow() lets a uid in again on every gateway", async () => {
  await using cluster = await start(2);
  const [one, two] = cluster.gateways as [Gateway, Gateway];
  await using program = await cluster.outside();
  await program.refuse({ uid: "ann" });

  assertEquals(await program.allow({ uid: "ann" }), true);
  assertEquals(await program.allow({ uid: "ann" }), false);

  await login(cluster, one, "ann");
  await login(cluster, two, "ann");
  assertEquals(await program.refusals(), []);
});

Deno.test("who is refused is answered with 403 before the upgrade where authorize names the uid", async () => {
  await using log = await LogLines.collect("info");
  await using cluster = await start(1, {
    authorize: ({ headers }) => accept({ uid: headers.get("x-uid") ?? "" }),
  });
  await using program = await cluster.outside();
  await program.refuse({ uid: "ann" }, { reason: "spam" });

  const refused = await answerOf(cluster.gateway.addr, "X-Uid: ann\r\n");
  const again = await answerOf(cluster.gateway.addr, "X-Uid: ann\r\n");
  const other = await answerOf(cluster.gateway.addr, "X-Uid: bob\r\n");

  assertMatch(refused, /^HTTP\/1.1 403 /);
  assertMatch(again, /^HTTP\/1.1 403 /);
  assertMatch(other, /^HTTP\/1.1 101 /);
  const lines = log.lines.filter((line) => line.includes("Turned away"));
  assertEquals(lines.length, 1, log.lines.join("\n"));
  const { refusals } = cluster.gateway.report();
  assertEquals(refusals, { entries: 1, closed: 0, turnedAway: 2 });
});

Deno.test("a range of addresses is refused: 403 for WebSocket, 4010 for who is here, an end for TCP", async () => {
  await using cluster = await start(1, {
    listen: ["ws://127.0.0.1:0", "text://127.0.0.1:0"],
  });
  const client = await cluster.connect();
  await using program = await cluster.outside();

  const closed = await program.refuse({ address: "127.0.0.77/24" });

  assertEquals(closed, 1);
  assertEquals((await client.closed).code, 4010);
  const [webSocket, text] = cluster.gateway.addrs as [
    Deno.NetAddr,
    Deno.NetAddr,
  ];
  assertMatch(await answerOf(webSocket), /^HTTP\/1.1 403 /);
  using raw = await RawClient.dial(text);
  await raw.hearAll();
  assertEquals((await program.refusals())[0]?.name, "127.0.0.0/24");
  assertEquals(await program.allow({ address: "127.0.0.0/24" }), true);
  assertMatch(await answerOf(webSocket), /^HTTP\/1.1 101 /);
});

Deno.test("who is away and refused loses the session, and the token ends nothing but it", async () => {
  await using cluster = await start(2, { resume: {} });
  const [one, two] = cluster.gateways as [Gateway, Gateway];
  const [client, { t }] = await LastingClient.connect(one.addr);
  await client.say("muid ann");
  await client.expect("muid ann");
  client[Symbol.dispose]();
  await eventually("it is away", () => one.report().resume?.away === 1);
  const [thief, stolen] = await LastingClient.connect(one.addr);
  using _thief = thief;
  await using program = await cluster.outside();

  await program.refuse({ uid: "ann" });
  assertEquals(await program.refuse({ token: stolen.t }), 1);

  assertEquals(await thief.hearBut("a", "p"), "[4010 ]");
  thief[Symbol.dispose]();
  await eventually(
    "both sessions are over",
    () => one.report().resume?.sessions === 0,
  );
  const [back, welcome] = await LastingClient.connect(one.addr, { t });
  using _back = back;
  assertEquals(welcome.resumed, false);
  using again = await LastingClient.dial(two.addr);
  await again.hello({ t: stolen.t });
  assertMatch(await again.hear(), /^e0 refused\n.*403/);
  assertEquals(await again.hear(), "[4010 refused]");
  const [listed] = (await program.refusals()).filter(({ kind }) =>
    kind === "token"
  );
  assertMatch(listed?.name ?? "", /^[0-9a-f]{64}$/);
});

Deno.test("a gateway that is started later learns who is refused, also when those that were told are gone", async () => {
  await using cluster = await start(1);
  await using program = await cluster.outside();
  await program.refuse({ uid: "ann" }, { until: Date.now() + HOUR });
  const [old] = cluster.gateways as [Gateway];
  await eventually(
    "a worker knows it",
    () => old.report().refusals?.entries === 1,
  );

  await cluster.addGateway();
  const [, young] = cluster.gateways as [Gateway, Gateway];
  await eventually(
    "the new gateway knows it",
    () => young.report().refusals?.entries === 1,
  );
  await old.shutdown();
  const third = await cluster.addGateway();

  await eventually(
    "the third knows it",
    () => third.report().refusals?.entries === 1,
  );
  const client = await cluster.connect(third);
  client.send("uid ann");
  assertEquals((await client.closed).code, 4010);
});

Deno.test("a refusal ends by itself", async () => {
  await using cluster = await start(1);
  await using program = await cluster.outside();
  await program.refuse({ uid: "ann" }, { until: new Date(Date.now() + 300) });

  await eventually(
    "it has ended",
    async () => (await program.refusals()).length === 0,
  );

  await login(cluster, cluster.gateway, "ann");
});

Deno.test("refuse() says what is wrong with what it is told", async () => {
  await using cluster = await start(1);
  await using program = await cluster.outside();
  const refuse = (target: unknown, options?: unknown) => () =>
    Promise.try(() => program.refuse(target as never, options as never));

  await assertRejects(refuse({}), TypeError, "found none");
  await assertRejects(
    refuse({ uid: "a", address: "10.0.0.1" }),
    TypeError,
    "found uid, address",
  );
  await assertRejects(
    refuse({ address: "10.0.0.0/33" }),
    TypeError,
    'current value is "10.0.0.0/33"',
  );
  await assertRejects(refuse({ uid: "a" }, { until: 5 }), RangeError, "until");
  await assertRejects(
    refuse({ uid: "a" }, { reason: "x".repeat(124) }),
    RangeError,
    "123 bytes",
  );
});

Deno.test("refusals() lists who is refused, until when and why", async () => {
  await using cluster = await start(2);
  await using program = await cluster.outside();
  assertEquals(await program.refusals(), []);
  const until = new Date(Date.now() + HOUR);
  await program.refuse({ uid: "ann" }, { until, reason: "spam" });

  assertEquals(await program.refusals(), [
    { kind: "uid", name: "ann", until, reason: "spam" },
  ]);
});
