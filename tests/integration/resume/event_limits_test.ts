/**
 * Clients without a WebSocket are judged as those with one: `authorize`, addresses,
 * limits, TLS, and the PROXY protocol.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import {
  accept,
  defineHandler,
  type GatewayOptions,
  refuse,
} from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { EventClient } from "../../_support/event_client.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";
import { TEST_CERT, TEST_KEY } from "../../unit/transport/_certificate.ts";

async function start(gateway: GatewayOptions): Promise<TestCluster> {
  return await startCluster({
    handler: defineHandler({
      message: (event) =>
        `${event.client.uid ?? "nobody"} ${event.client.remoteAddress}`,
    }),
    gateway: { resume: {}, ...gateway },
  });
}

Deno.test("authorize is asked at each hello, with the request and what the hello says", async () => {
  const targets: string[] = [];
  await using cluster = await start({
    authorize: ({ path, query, credential, headers }) => {
      targets.push(`${path} ${query.get("id")} ${headers.get("x-mine")}`);
      return credential === "ann"
        ? accept({ uid: "ann" })
        : refuse(403, "who are you?");
    },
  });
  const { addr } = cluster.gateway;
  const options = { path: "/room?id=7", headers: { "X-Mine": "yes" } };
  const [ann, welcome] = await EventClient.connect(addr, { a: "ann" }, options);
  await ann.say("mwho");
  assertMatch(await ann.hear(), /^mann 127/);
  ann[Symbol.dispose]();

  const stranger = await EventClient.dial(addr, options);
  using _ = stranger;
  await stranger.hello({ a: "bob", t: welcome.t });
  await stranger.expect(
    'e0 refused\n{"status":403,"message":"who are you?"}',
    "[close 4010 refused]",
  );
  assertEquals(targets, ["/room 7 yes", "/room 7 yes"]);
});

Deno.test("who came by a proxy is counted by its own address, and too many are told to come later", async () => {
  await using cluster = await start({
    trustedProxies: ["127.0.0.1"],
    maxPerAddress: 1,
  });
  const { addr } = cluster.gateway;
  const from = (address: string) => ({
    headers: { "X-Forwarded-For": address },
  });
  const [one] = await EventClient.connect(addr, {}, from("192.0.2.1"));
  using _ = one;
  await one.say("mwho");
  assertEquals(await one.hear(), "mnobody 192.0.2.1:0");
  const [other] = await EventClient.connect(addr, {}, from("198.51.100.2"));
  using __ = other;

  const second = await EventClient.dial(addr, from("192.0.2.1"));
  using ___ = second;
  await second.hello();
  assertMatch(await second.hear(), /^x\{"after":\d+/);
  assertEquals(await second.hear(), "[close 4012 later]");
});

Deno.test("streams work in TLS, and behind a header of the PROXY protocol", async () => {
  await using cluster = await start({
    listen: ["wss://127.0.0.1:0", {
      url: "ws://127.0.0.1:0",
      proxyProtocol: true,
    }],
    cert: TEST_CERT,
    key: TEST_KEY,
    trustedProxies: ["127.0.0.1"],
  });
  const [secure, proxied] = cluster.gateway.addrs as [
    Deno.NetAddr,
    Deno.NetAddr,
  ];
  using http = Deno.createHttpClient({ caCerts: [TEST_CERT] });
  const [client] = await EventClient.connect(
    `https://localhost:${secure.port}`,
    {},
    { fetch: (url, init) => fetch(url, { ...init, client: http }) },
  );
  await client.say("mwho");
  assertMatch(await client.hear(), /^mnobody 127\.0\.0\.1:/);
  client[Symbol.dispose]();

  using raw = await RawClient.dial(proxied);
  await raw.say(
    "PROXY TCP4 192.0.2.7 192.0.2.8 4567 80\r\n" +
      "GET / HTTP/1.1\r\nHost: a\r\nGatewayworker-Stream: v1\r\n\r\n",
  );
  await raw.hearUntil("event: open\ndata: ");
  const token = (await raw.hearUntil("\n")).trim();
  using up = await RawClient.dial(proxied);
  await up.say("PROXY TCP4 192.0.2.7 192.0.2.8 4568 80\r\n");
  const post = async (number: number, frame: string) => {
    const length = String.fromCharCode(0, 0, 0, frame.length);
    await up.say(
      `POST / HTTP/1.1\r\nHost: a\r\nGatewayworker-Stream: ${token}\r\n` +
        `Gatewayworker-Number: ${number}\r\n` +
        `Content-Length: ${frame.length + 4}\r\n\r\n${length}${frame}`,
    );
    return (await up.hearUntil("\r\n\r\n")).slice(0, 12);
  };
  assertEquals(await post(0, 'h{"t":"","r":0}'), "HTTP/1.1 204");
  assertEquals(await post(1, "mwho"), "HTTP/1.1 204");
  await raw.hearUntil("data: mnobody 192.0.2.7:4567\n");
});

Deno.test("a gateway that is full takes no stream more, and hears those that it has", async () => {
  await using cluster = await start({ maxConnections: 2 });
  const { addr } = cluster.gateway;
  // A stream, and the connection that it posts on.
  const [client] = await EventClient.connect(addr);
  using _ = client;

  using late = await RawClient.dial(addr);
  await late.say(
    "GET / HTTP/1.1\r\nHost: a\r\nGatewayworker-Stream: v1\r\n\r\n",
  );
  await late.hearUntil("event: open\ndata: ");
  const hello = new EventClient(`http://127.0.0.1:${addr.port}`);
  hello.token = (await late.hearUntil("\n")).trim();
  await hello.hello();
  assertMatch(
    await late.hearUntil("4012 later\n\n"),
    /data: x\{"after":\d+.*\}\n\nevent: close\ndata: 4012 later/,
  );
  assertEquals(await client.say("mwho"), 204);
  assertMatch(await client.hear(), /^mnobody/);
});

Deno.test("who posts a few bytes now and then is cut off in time", async () => {
  await using cluster = await start({ handshakeTimeout: 500 });
  using slow = await RawClient.dial(cluster.gateway.addr);
  await slow.say(
    "POST / HTTP/1.1\r\nHost: a\r\nGatewayworker-Stream: none\r\n" +
      "Gatewayworker-Number: 0\r\nContent-Length: 1000\r\n\r\n",
  );
  let isAnswered = false;
  const answer = slow.hearUntil("\r\n").finally(() => isAnswered = true);

  let said = 0;
  for (; said < 100 && !isAnswered; said++) {
    await slow.say("x");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }

  assertEquals(isAnswered, true);
  assertMatch(await answer, /^HTTP\/1.1 408 /);
});
