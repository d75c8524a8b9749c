import { assertEquals, assertMatch } from "@std/assert";
import type { Gateway } from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { LogLines } from "../_support/log_lines.ts";
import { RawClient, UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

const CLOSE_CODES = { noWorker: 1012, idle: 4100, slow: 4200, fast: 3000 };

/** A cluster where nobody waits for a worker. */
function startImpatient(): Promise<TestCluster> {
  return startCluster({
    workers: 0,
    gateway: {
      parkTimeout: 0,
      listen: ["ws://127.0.0.1:0", "text://127.0.0.1:0"],
    },
    handler: (event) => event.type === "message" ? event.text() : undefined,
  });
}

/** How a request to come in is answered. */
async function knock(gateway: Gateway): Promise<string> {
  using client = await RawClient.dial(gateway.addr);
  await client.say(UPGRADE_REQUEST);
  return await client.hearUntil("\r\n\r\n");
}

Deno.test("a WebSocket client is refused while no worker has been there for as long as it might wait", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startImpatient();
  const { gateway } = cluster;

  for (let each = 0; each < 3; each++) {
    const answer = await knock(gateway);
    assertMatch(answer, /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 5\r\n/);
  }
  assertEquals(
    log.lines.filter((line) => line.startsWith("Refuses")).length,
    1,
  );
  assertEquals(gateway.clients, 0);

  await cluster.addWorker();
  assertMatch(await knock(gateway), /^HTTP\/1\.1 101 /);
  await cluster.worker.shutdown();
  assertMatch(await knock(gateway), /^HTTP\/1\.1 503 /);
});

Deno.test("a client that has no request to be refused is let in, and closed, without a worker", async () => {
  await using cluster = await startImpatient();
  const [, addr] = cluster.gateway.addrs;
  using client = await RawClient.dial(addr ?? cluster.gateway.addr);

  assertEquals((await client.hearAll()).length, 0);
  cluster.checkLedgers();
});

Deno.test("clients are closed with the codes that a gateway was given", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: {
      closeCodes: CLOSE_CODES,
      idleTimeout: 300,
      parkTimeout: 1,
      maxMessageRate: 5,
      ratePolicy: "close",
    },
  });
  const idle = await cluster.connect();
  const fast = await cluster.connect();

  for (let each = 0; each < 20; each++) fast.send("");
  assertEquals((await fast.closed).code, CLOSE_CODES.fast);
  assertEquals((await idle.closed).code, CLOSE_CODES.idle);

  const waiting = await cluster.connect();
  await cluster.settled();
  await cluster.worker.shutdown();
  waiting.send("is anybody there?");
  assertEquals((await waiting.closed).code, CLOSE_CODES.noWorker);
});
