/**
 * Clients of `gatewayworker.v1` without a WebSocket, over real sockets.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  defineHandler,
  type GatewayOptions,
  type HandlerCallbacks,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { encodeFrames, EventClient } from "../../_support/event_client.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

const ECHO: HandlerCallbacks = {
  message: (event, cluster) => {
    if (event.binary) return event.bytes();
    const text = event.text();
    const [word, rest = ""] = text.split(" ");
    if (word === "kick") {
      return void cluster.closeUid(rest, undefined, { code: 4100 });
    }
    if (word === "uid") return void event.client.bindUid(rest);
    return text;
  },
};

async function start(gateway: GatewayOptions = {}): Promise<TestCluster> {
  return await startCluster({
    handler: defineHandler(ECHO),
    gateway: { resume: {}, ...gateway },
  });
}

async function away(cluster: TestCluster, count: number): Promise<void> {
  await eventually(
    `${count} are away`,
    () => cluster.gateway.report().resume?.away === count,
  );
}

Deno.test("a client without a WebSocket is told by events, and heard by posts", async () => {
  await using cluster = await start();
  const [client, welcome] = await EventClient.connect(cluster.gateway.addr);
  using _ = client;

  assertEquals([welcome.resumed, welcome.reason], [false, "new"]);
  assertEquals(await client.say("mone", "mtwo\nlines", "mwith\r\ntwo"), 204);
  await client.expect("mone", "mtwo\nlines", "mwith\r\ntwo");
  assertEquals(await client.sayBinary(1, "bytes"), 204);
  await client.expect("1:bytes");
  const { headers } = client.response;
  assertEquals(headers.get("content-type"), "text/event-stream");
  assertEquals(headers.get("cache-control"), "no-store, no-transform");
  assertEquals(headers.get("x-accel-buffering"), "no");
});

Deno.test("a client comes back to its session from one transport to the other", async () => {
  await using cluster = await start();
  const { addr } = cluster.gateway;
  const [first, welcome] = await EventClient.connect(addr);
  await first.say("m1", "m2");
  await first.expect("m1", "m2");
  first[Symbol.dispose]();
  await away(cluster, 1);

  const [second, back] = await LastingClient.connect(addr, {
    t: welcome.t,
    r: 1,
  });
  assertEquals([back.resumed, back.in, back.gap], [true, 2, 0]);
  await second.expect("m2");
  second[Symbol.dispose]();
  await away(cluster, 1);

  const [third, again] = await EventClient.connect(addr, { t: back.t, r: 2 });
  using _ = third;
  assertEquals([again.resumed, again.in, again.gap], [true, 2, 0]);
  assertNotEquals(again.t, back.t);
  await third.say("m3");
  await third.expect("m3");
  assertEquals(cluster.gateway.clients, 1);
});

Deno.test("a client that is told to ask for the next answer stays where it is", async () => {
  await using cluster = await start();
  const [client] = await EventClient.connect(cluster.gateway.addr, {}, {
    isShort: true,
  });
  for (const word of ["one", "two", "three"]) {
    assertEquals(await client.say(`m${word}`), 204);
    await client.expect(`m${word}`);
  }
  await client.event("next");
  await client.get();
  const { resumed, away } = cluster.gateway.report().resume ?? {};
  assertEquals([resumed, away], [0, 0]);
  client[Symbol.dispose]();
});

Deno.test("a client that is closed is told the code and the reason", async () => {
  await using cluster = await start();
  const [client] = await EventClient.connect(cluster.gateway.addr);
  await client.say("muid ann", "mkick ann");
  await client.expect("[close 4100 ]", "[end ]");
  assertEquals(await client.say("mmore"), 404);
});

Deno.test("what is posted at another gateway comes to the stream, in order and once", async () => {
  await using cluster = await startCluster({
    handler: defineHandler(ECHO),
    gateways: 2,
    gateway: { resume: {} },
    secretKey: "secret of the cluster",
  });
  const [home, other] = cluster.gateways.map(({ addr }) =>
    `http://127.0.0.1:${addr.port}`
  ) as [string, string];
  const knowsOther = async () => {
    const probe = new EventClient(other);
    const stream = await EventClient.dial(home);
    probe.token = stream.token;
    const status = await probe.hello();
    stream[Symbol.dispose]();
    probe[Symbol.dispose]();
    return status === 204;
  };
  await eventually("the gateways know each other", knowsOther);
  const [client] = await EventClient.connect(home, {}, { postTo: `${other}/` });
  using _ = client;

  for (let i = 0; i < 50; i++) assertEquals(await client.say(`m${i}`), 204);
  assertEquals(await client.post(encodeFrames(["m49"]), 50), 204);
  await client.sayBinary(1, "bytes");
  await client.expect(...Array.from({ length: 50 }, (_, i) => `m${i}`));
  await client.expect("1:bytes");
  assertEquals(await client.post(encodeFrames(["mlate"]), 99), 409);
  assertEquals(await client.say("?what"), 400);
  assertMatch(await client.hear(), /^\[close 1002 /);
  // A gateway that is gone takes its streams along.
  await cluster.gateways[0]?.shutdown();
  const after = new EventClient(other);
  after.token = client.token;
  assertEquals(await after.say("mmore"), 502);
});

Deno.test("a message of many lines arrives like any other", async () => {
  await using cluster = await start();
  const [client] = await EventClient.connect(cluster.gateway.addr);
  using _ = client;
  const lines = "\n".repeat(120_000);

  assertEquals(await client.say(`m${lines}`), 204);

  await client.expect(`m${lines}`);
});
