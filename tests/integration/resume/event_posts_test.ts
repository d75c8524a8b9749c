/**
 * What the HTTP side of clients without a WebSocket takes, and what it refuses: each to
 * its own sender, and to nobody else.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { defineHandler, type GatewayOptions } from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { encodeFrames, EventClient } from "../../_support/event_client.ts";
import { eventually } from "../../_support/eventually.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";

async function start(gateway: GatewayOptions = {}): Promise<TestCluster> {
  return await startCluster({
    handler: defineHandler({
      message: (event) => event.binary ? event.bytes() : event.text(),
    }),
    gateway: { resume: {}, ...gateway },
  });
}

/** Asks by hand; returns the status line and the headers. */
async function ask(addr: { port: number }, request: string): Promise<string> {
  using raw = await RawClient.dial(addr);
  await raw.say(request.replaceAll("\n", "\r\n"));
  return await raw.hearUntil("\r\n\r\n");
}

Deno.test("posts of clients without a WebSocket are taken by their number, or refused", async (t) => {
  await using cluster = await start();

  await t.step(
    "what is posted twice counts once, and what is out of turn is refused",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;
      const one = encodeFrames(["mone"]);

      assertEquals(await client.post(one, 1), 204);
      assertEquals(await client.post(one, 1), 204);
      assertEquals(await client.post(encodeFrames(["mlate"]), 3), 409);
      assertEquals(await client.post(encodeFrames(["mtwo"]), 2), 204);
      await client.expect("mone", "mtwo");
    },
  );

  await t.step(
    "a body that ends within a frame is refused, and its number stays free",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;
      const whole = encodeFrames(["mone"]);

      assertEquals(await client.post(whole.subarray(0, 6), 1), 400);
      assertEquals(await client.post(new Uint8Array([255, 255]), 1), 400);
      assertEquals(await client.post(whole, 1), 204);
      await client.expect("mone");
    },
  );

  await t.step(
    "whoever breaks a rule is told so by the post and by the stream",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;

      const answer = await client.request(encodeFrames(["?what"]));

      assertEquals(answer.status, 400);
      assertMatch(
        await answer.text(),
        /^400 the stream has ended: 1002 no such/,
      );
      assertMatch(await client.hear(), /^\[close 1002 no such frame/);
      assertEquals(await client.say("mmore"), 404);
    },
  );

  await t.step(
    "a text that is not UTF-8 is refused as one of a WebSocket is",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;
      const body = encodeFrames(["mab"]);
      body[6] = 0xff;

      assertEquals(await client.post(body), 400);
      assertMatch(await client.hear(), /^\[close 1007 /);
    },
  );

  await t.step(
    "a token that there is not, and headers that are none, have a status each",
    async () => {
      const { addr } = cluster.gateway;
      const [client] = await EventClient.connect(addr);
      using _ = client;
      const head = (line: string) =>
        `POST / HTTP/1.1\nHost: a\nGatewayworker-Stream: ${client.token}\n${line}\n\n`;

      assertMatch(
        await ask(addr, head("Content-Length: 4")),
        /^HTTP\/1.1 400 /,
      );
      assertMatch(
        await ask(addr, head("Gatewayworker-Number: 1")),
        /^HTTP\/1.1 411 /,
      );
      assertMatch(
        await ask(
          addr,
          head("Gatewayworker-Number: 1\nTransfer-Encoding: chunked"),
        ),
        /^HTTP\/1.1 411 /,
      );
      assertMatch(
        await ask(addr, head("Gatewayworker-Number: x\nContent-Length: 4")),
        /^HTTP\/1.1 400 /,
      );
      client.token = "x".repeat(54);
      assertEquals(await client.say("mone"), 404);
      await client.get("nothing");
      assertEquals(client.response.status, 404);
    },
  );

  await t.step(
    "a stream that is being read is not given to a second reader",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;

      const answer = await ask(
        cluster.gateway.addr,
        `GET / HTTP/1.1\nHost: a\nGatewayworker-Stream: ${client.token}\n\n`,
      );

      assertMatch(answer, /^HTTP\/1.1 409 /);
      await client.say("mone");
      await client.expect("mone");
    },
  );

  await t.step(
    "a request that comes byte by byte is one, and others behind it are answered",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr);
      using _ = client;
      using raw = await RawClient.dial(cluster.gateway.addr);
      const body = encodeFrames(["mone"]);
      const head =
        `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n` +
        `Gatewayworker-Stream: ${client.token}\r\nGatewayworker-Number: 1\r\n\r\n`;
      const request = new Uint8Array([
        ...new TextEncoder().encode(head),
        ...body,
      ]);

      for (const byte of request) await raw.say(new Uint8Array([byte]));
      await raw.say("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n");

      assertMatch(await raw.hearUntil("\r\n\r\n"), /^HTTP\/1.1 204 /);
      assertMatch(await raw.hearUntil("\r\n\r\n"), /^HTTP\/1.1 200 /);
      await client.expect("mone");
    },
  );

  await t.step(
    "where all pages may connect, none may send cookies",
    async () => {
      const [client] = await EventClient.connect(cluster.gateway.addr, {}, {
        headers: { Origin: "https://any.example" },
      });
      using _ = client;
      const { headers } = client.response;
      assertEquals(headers.get("access-control-allow-origin"), "*");
      assertEquals(headers.get("access-control-allow-credentials"), null);
    },
  );
});

Deno.test("a message that is too large closes its stream with 1009, and more is not even read", async () => {
  await using cluster = await start({ maxMessage: 1_024 });
  const [client] = await EventClient.connect(cluster.gateway.addr);
  using _ = client;
  const [other] = await EventClient.connect(cluster.gateway.addr);
  using __ = other;

  assertEquals(await client.post(new Uint8Array(1_024 + 65_537), 1), 413);
  assertEquals(
    await client.post(encodeFrames([`m${"x".repeat(2_000)}`]), 1),
    413,
  );
  assertMatch(await client.hear(), /^\[close 1009 /);
  await other.say("mfine");
  await other.expect("mfine");
});

Deno.test("pages that may not connect may not do so without a WebSocket either", async () => {
  await using cluster = await start({ origins: ["https://good.example"] });
  const { addr } = cluster.gateway;
  const preflight = (origin: string) =>
    ask(
      addr,
      `OPTIONS / HTTP/1.1\nHost: a\nOrigin: ${origin}\n` +
        "Access-Control-Request-Method: POST\n" +
        "Access-Control-Request-Headers: gatewayworker-number,gatewayworker-stream\n\n",
    );

  const good = await preflight("https://good.example");
  assertMatch(good, /^HTTP\/1.1 204 /);
  assertMatch(good, /^Access-Control-Allow-Origin: https:\/\/good.example\r$/m);
  assertMatch(good, /^Access-Control-Allow-Credentials: true\r$/m);
  assertMatch(good, /^Access-Control-Allow-Methods: GET, POST\r$/m);
  assertMatch(good, /^Access-Control-Allow-Headers: .*gatewayworker-stream/m);
  assertMatch(good, /^Vary: Origin\r$/m);
  assert(!/^Content-Length/mi.test(good));
  const bad = await preflight("https://bad.example");
  assertMatch(bad, /^HTTP\/1.1 403 /);
  assert(!/Access-Control/i.test(bad));
  const [client] = await EventClient.connect(addr, {}, {
    headers: { Origin: "https://good.example" },
  });
  using _ = client;
  assertEquals(
    client.response.headers.get("access-control-allow-origin"),
    "https://good.example",
  );
  const foreign = await ask(
    addr,
    `GET / HTTP/1.1\nHost: a\nOrigin: https://bad.example\nGatewayworker-Stream: v1\n\n`,
  );
  assertMatch(foreign, /^HTTP\/1.1 403 /);
});

Deno.test("a client that posts too fast is slowed down, or told 429 and closed with 1008", async () => {
  await using slow = await start({ maxMessageRate: 20 });
  const [paused] = await EventClient.connect(slow.gateway.addr);
  using _ = paused;
  const many = Array.from({ length: 30 }, (_, i) => `m${i}`);
  assertEquals(await paused.say(...many), 204);
  await paused.expect(...many);

  await using strict = await start({ maxMessageRate: 20, ratePolicy: "close" });
  const [closed] = await EventClient.connect(strict.gateway.addr);
  using __ = closed;
  assertEquals(await closed.say(...many), 429);
});

Deno.test("who does not read what is sent is closed, with no more kept than a WebSocket has", async () => {
  await using cluster = await start({ sendBuffer: 65_536 });
  const { addr } = cluster.gateway;
  const [client] = await EventClient.connect(addr);
  using raw = await RawClient.dial(addr);
  await raw.say(
    "GET / HTTP/1.1\r\nHost: a\r\nGatewayworker-Stream: v1\r\n\r\n",
  );
  await raw.hearUntil("event: open\ndata: ");
  const token = await raw.hearUntil("\n");
  client[Symbol.dispose]();
  const slow = new EventClient(`http://127.0.0.1:${addr.port}`);
  using _ = slow;
  slow.token = token.trim();
  assertEquals(await slow.hello(), 204);

  // Each is sent back, and read by nobody.
  const large = `m${"x".repeat(60_000)}`;
  let status = 204;
  for (let i = 0; i < 400 && status === 204; i++) {
    status = await slow.say(large);
  }

  assertEquals(status, 410);
  await eventually(
    "the client is away",
    () => (cluster.gateway.report().resume?.away ?? 0) > 0,
  );
});

Deno.test("a gateway that is told so takes nobody without a WebSocket", async () => {
  await using cluster = await start({ resume: { eventStreams: false } });
  const answer = await ask(
    cluster.gateway.addr,
    "GET / HTTP/1.1\nHost: a\nGatewayworker-Stream: v1\n\n",
  );
  assertMatch(answer, /^HTTP\/1.1 426 /);
});
