/**
 * What a client port says to those who speak HTTP and no WebSocket, as balancers ask.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { type HandlerEvent, refuse } from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { TEST_CERT, TEST_KEY } from "../../unit/transport/_certificate.ts";
import { text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

function echo(event: HandlerEvent): string | undefined {
  return event.type === "message" ? event.text() : undefined;
}

const BOTH = {
  listen: ["ws://127.0.0.1:0", "wss://127.0.0.1:0"],
  cert: TEST_CERT,
  key: TEST_KEY,
};

/** Dials one of the two listeners. */
async function dial(
  { gateway }: TestCluster,
  scheme: "ws" | "wss",
): Promise<RawClient> {
  const [plain, secure] = gateway.addrs as [Deno.NetAddr, Deno.NetAddr];
  if (scheme === "ws") return await RawClient.dial(plain);
  return new RawClient(
    await Deno.connectTls({
      hostname: "localhost",
      port: secure.port,
      caCerts: [TEST_CERT],
    }),
  );
}

/** Asks and returns the status, on a connection that stays. */
async function ask(client: RawClient, line: string): Promise<string> {
  await client.say(`${line}\r\nHost: a\r\n\r\n`);
  const head = await client.hearUntil("\r\n\r\n");
  const [, length = "0"] = /\r\nContent-Length: (\d+)/.exec(head) ?? [];
  if (!line.startsWith("HEAD")) await client.hear(Number(length));
  return head.slice(9, 12);
}

for (const scheme of ["ws", "wss"] as const) {
  Deno.test(`a gateway answers balancers on its ${scheme} port, one question after another`, async () => {
    await using cluster = await startCluster({ handler: echo, gateway: BOTH });
    using client = await dial(cluster, scheme);

    assertEquals(await ask(client, "GET /healthz HTTP/1.1"), "200");
    assertEquals(await ask(client, "HEAD /readyz HTTP/1.1"), "200");
    assertEquals(await ask(client, "OPTIONS / HTTP/1.1"), "200");
    assertEquals(await ask(client, "DELETE /healthz HTTP/1.1"), "405");
    assertEquals(await ask(client, "GET / HTTP/1.1"), "426");
    await client.say(UPGRADE_REQUEST);

    assertMatch(await client.hearUntil("\r\n\r\n"), /^HTTP\/1\.1 101 /);
  });

  Deno.test(`a gateway answers the default check of HAProxy on its ${scheme} port, and ends`, async () => {
    await using cluster = await startCluster({ handler: echo, gateway: BOTH });
    using client = await dial(cluster, scheme);

    await client.say("OPTIONS / HTTP/1.0\r\n\r\n");

    assertMatch(text(await client.hearAll()), /^HTTP\/1\.1 200 OK\r\n/);
  });
}

Deno.test("a client port is ready as long as a worker is there", async () => {
  await using cluster = await startCluster({ handler: echo, gateway: BOTH });
  using client = await dial(cluster, "ws");
  assertEquals(await ask(client, "GET /readyz HTTP/1.1"), "200");

  await cluster.workers[0]?.shutdown();
  await eventually(
    "the worker is missed or found",
    () => cluster.gateway.report().state === "waiting",
  );
  assertEquals(await ask(client, "GET /readyz HTTP/1.1"), "503");
  assertEquals(await ask(client, "GET /healthz HTTP/1.1"), "200");

  await cluster.addWorker();
  await eventually(
    "the worker is missed or found",
    () => cluster.gateway.report().state === "ready",
  );
  assertEquals(await ask(client, "GET /readyz HTTP/1.1"), "200");
});

Deno.test("those who speak HTTP count among the connections, and are no clients", async () => {
  await using cluster = await startCluster({
    handler: echo,
    gateway: { maxConnections: 2 },
  });
  using asking = await RawClient.dial(cluster.gateway.addr);
  await ask(asking, "GET /healthz HTTP/1.1");
  using _client = await RawClient.upgrade(cluster.gateway.addr);
  assertEquals(cluster.gateway.clients, 1);

  using refused = await RawClient.dial(cluster.gateway.addr);
  await refused.say(UPGRADE_REQUEST);

  assertMatch(text(await refused.hearAll()), /^HTTP\/1\.1 503 /);
});

Deno.test("a full gateway is alive and not ready, and says so to one question a connection", async () => {
  await using cluster = await startCluster({
    handler: echo,
    gateway: { maxConnections: 1 },
  });
  using _client = await RawClient.upgrade(cluster.gateway.addr);

  for (const [path, status] of [["/healthz", 200], ["/readyz", 503]] as const) {
    using check = await RawClient.dial(cluster.gateway.addr);
    await check.say(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
    const answer = text(await check.hearAll());

    assertMatch(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
    assertMatch(answer, /\r\nConnection: close\r\n/);
  }
});

Deno.test("a refusal may pass on the headers of another server's answer", async () => {
  await using cluster = await startCluster({
    handler: echo,
    gateway: {
      authorize: () =>
        refuse(403, '{"error":"no"}', {
          "connection": "keep-alive",
          "content-length": "3",
          "content-type": "application/json",
          "date": "Thu, 01 Jan 1970 00:00:00 GMT",
        }),
    },
  });
  using client = await RawClient.dial(cluster.gateway.addr);

  await client.say(UPGRADE_REQUEST);
  const answer = text(await client.hearAll());

  const [head = "", body] = answer.split("\r\n\r\n");
  const [status, ...lines] = head.split("\r\n");
  assertEquals([status, body], ["HTTP/1.1 403 Forbidden", '{"error":"no"}']);
  assertEquals(lines.map((line) => line.toLowerCase()).sort(), [
    "connection: close",
    "content-length: 14",
    "content-type: application/json",
    "date: thu, 01 jan 1970 00:00:00 gmt",
  ]);
});
