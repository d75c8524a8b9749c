/** Gateways that send their clients away, one after another, and others that take them. @module */

import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertMatch,
  assertRejects,
} from "@std/assert";
import { defineHandler, type GatewayOptions } from "@gatewayworker/core";
import { connect } from "@gatewayworker/core/client";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LastingClient } from "../_support/lasting_client.ts";
import { LogLines } from "../_support/log_lines.ts";
import { TestClient } from "../_support/test_client.ts";
import { RawClient, UPGRADE_REQUEST } from "../unit/transport/_raw_client.ts";

const ECHO = defineHandler({ message: (event) => event.text() });

function start(
  gateway: GatewayOptions = {},
  gateways = 1,
): Promise<TestCluster> {
  return startCluster({
    handler: ECHO,
    gateways,
    gateway: { resume: {}, ...gateway },
  });
}

function urlOf({ port }: Deno.NetAddr): string {
  return `ws://127.0.0.1:${port}`;
}

/** What a client port answers to a request, up to its body. */
async function answerOf(
  addr: Deno.NetAddr,
  request: string,
): Promise<string> {
  using raw = await RawClient.dial(addr);
  await raw.say(request);
  return await raw.hearUntil("\r\n\r\n");
}

Deno.test("Gateway.drain() closes plain clients with 1001 at the pace that it is told", async () => {
  await using cluster = await start();
  const { gateway } = cluster;
  const url = urlOf(gateway.addr);
  const clients = await Promise.all(
    Array.from({ length: 40 }, () => TestClient.connect(url)),
  );
  const begin = performance.now();
  const drained = gateway.drain({ rate: 50 });
  const ends = await Promise.all(clients.map(async (client) => {
    const { code } = await client.closed;
    return { code, time: performance.now() - begin };
  }));

  const { told, waiting, going } = await drained;
  assertEquals([told, waiting, going], [40, 0, 0]);
  assertEquals(new Set(ends.map(({ code }) => code)), new Set([1001]));
  // 40 at 50 a second are 780 ms to the last one.
  assertGreater(Math.max(...ends.map(({ time }) => time)), 700);
  assertEquals(gateway.report().state, "draining");
});

Deno.test("Gateway.drain() turns newcomers away at once, each as it can be told, and is red", async () => {
  await using cluster = await start();
  const { gateway } = cluster;
  await gateway.drain();

  const refused = await answerOf(gateway.addr, UPGRADE_REQUEST);
  assertMatch(refused, /^HTTP\/1\.1 503 .*\r\nRetry-After: 1\r\n/s);
  const ready = await answerOf(
    gateway.addr,
    "GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n",
  );
  assertMatch(ready, /^HTTP\/1\.1 503 /);
  using client = await LastingClient.dial(gateway.addr);
  await client.hello();
  assertMatch(await client.hear(), /^x\{"after":\d+\}$/);
  assertMatch(await client.hear(), /^\[4012 later\]$/);
});

Deno.test("a client of the library connects elsewhere before it lets go of a gateway that drains", async () => {
  await using cluster = await start({}, 2);
  const [first, second] = cluster.gateways;
  assert(first && second);
  // One address for both, as behind a balancer: new sockets go to the second one.
  let to = first.addr.port;
  class Balanced extends WebSocket {
    constructor(_url: string, protocol: string) {
      super(`ws://127.0.0.1:${to}`, protocol);
    }
  }
  const socket = connect("ws://balancer.example", { WebSocket: Balanced });
  const states: string[] = [];
  const said: string[] = [];
  socket.on("state", (state) => states.push(state));
  socket.on("message", (text) => said.push(String(text)));
  await socket.send("one");
  to = second.addr.port;

  const backs: unknown[] = [];
  socket.on("back", (back) => backs.push(back));
  const { told, going } = await first.drain({ rate: 100 });
  assertEquals([told, going], [1, 0]);
  await socket.send("two");
  await eventually("both are answered", () => said.length === 2);
  socket.close();

  assert(!states.includes("away"), states.join());
  assertEquals(backs, [{ missed: 0, resent: 0 }]);
  assertEquals([first.clients, said], [0, ["one", "two"]]);
});

Deno.test("a client of the library stays where it is while the only gateway drains, and is served", async () => {
  await using cluster = await start({ stopTimeout: 1_000 });
  const { gateway } = cluster;
  const socket = connect(urlOf(gateway.addr));
  await socket.send("one");

  void gateway.drain({ rate: 100 });
  await eventually("it was told", () => gateway.report().drain?.going === 1);
  await socket.send("two");

  assertEquals(socket.state, "open");
  socket.close();
});

Deno.test("Gateway.rebalance() has a share of the clients connect anew, and takes new ones", async () => {
  await using cluster = await start();
  const { gateway } = cluster;
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => LastingClient.connect(gateway.addr)),
  );
  const moving = gateway.rebalance({ share: 0.2, rate: 0 });

  const told: number[] = [];
  for (const [index, [client, { t }]] of clients.entries()) {
    if (index % 5 !== 4) continue;
    assertMatch(await client.hearBut("a", "p"), /^x\{"after":0\}$/);
    const [again, { resumed }] = await LastingClient.connect(gateway.addr, {
      t,
    });
    using _ = again;
    assert(resumed);
    told.push(index);
  }
  assertEquals((await moving).told, 2);
  assertEquals(gateway.report().state, "ready");
  for (const [client] of clients) client[Symbol.dispose]();
  await assertRejects(
    () => gateway.rebalance({ share: 1.5 }),
    RangeError,
    "Cannot rebalance as the share must be > 0 and <= 1",
  );
});

Deno.test("a gateway that stops holds its deadline, and is faster than its pace for that", async () => {
  await using log = await LogLines.collect("info");
  await using cluster = await start({ drainRate: 1, stopTimeout: 1_000 });
  const { gateway } = cluster;
  const url = urlOf(gateway.addr);
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => TestClient.connect(url)),
  );
  // It has said hello, and does not react to anything.
  const [stalled] = await LastingClient.connect(gateway.addr);
  using _ = stalled;

  const begin = performance.now();
  await gateway.shutdown();
  const time = performance.now() - begin;

  const codes = await Promise.all(
    clients.map(async ({ closed }) => (await closed).code),
  );
  assertEquals(new Set(codes), new Set([1001]));
  assertGreater(time, 500);
  assertLess(time, 10_000);
  assertMatch(
    log.lines.join("\n"),
    /Sends 11 clients away within 750 ms, faster than 1 a second/,
  );
});

Deno.test("a gateway lets in as many clients a second as it is told, and tells others when to come", async () => {
  await using cluster = await start({ acceptRate: 2 });
  const { addr } = cluster.gateway;
  const [one, { spread }] = await LastingClient.connect(addr);
  using _one = one;
  // If this gateway were gone without a word, others would take so long for all.
  assertEquals(spread, 500);
  const answers: string[] = [];
  while (answers.length < 40 && !answers.at(-1)?.includes(" 503 ")) {
    answers.push(await answerOf(addr, UPGRADE_REQUEST));
  }
  assertMatch(answers.at(-1) ?? "", / 503 .*\r\nRetry-After: 1\r\n/s);
  assertLess(answers.length, 20);

  using client = await LastingClient.dial(addr);
  await client.hello();
  const { after } = JSON.parse((await client.hear()).slice(1));
  assertMatch(await client.hear(), /^\[4012 later\]$/);
  assertAlmostEquals(after, 1_000, 600);
  // Health checks are no clients.
  const health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  assertMatch(await answerOf(addr, health), /^HTTP\/1\.1 200 /);
  assertGreater(cluster.gateway.report().later ?? 0, 1);
});

Deno.test("clients of the library get in one after another where more come than are let in", async () => {
  await using cluster = await start({ acceptRate: 20 });
  const url = urlOf(cluster.gateway.addr);
  const begin = performance.now();
  const sockets = Array.from({ length: 40 }, () => connect(url));
  await Promise.all(sockets.map((socket) => socket.send("hello")));
  const time = performance.now() - begin;
  for (const socket of sockets) socket.close();

  // 20 at once, and the others within a second.
  assertGreater(time, 700);
  assertEquals(cluster.gateway.clients, 40);
});
