/**
 * What handlers hear of clients that go and come back.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { defineHandler, type GatewayOptions } from "@gatewayworker/core";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

/** A cluster, and what its handler heard, in order. */
async function start(
  gateway: GatewayOptions = { resume: {} },
): Promise<[cluster: TestCluster, heard: string[]]> {
  const heard: string[] = [];
  const cluster = await startCluster({
    gateway,
    handler: defineHandler({
      connect: () => void heard.push("connect"),
      message: async (event, cluster) => {
        const text = event.text();
        heard.push(text);
        if (text === "login") {
          await event.client.bindUid("ann", { exclusive: true });
        }
        if (text === "bind") await event.client.bindUid("eve");
        if (text === "kick") {
          await cluster.closeUid("eve", undefined, { code: 4100 });
        }
        if (text === "hurry") await event.client.setWindow(0);
        return text;
      },
      away: ({ code }) => void heard.push(`away ${code}`),
      back: ({ missed }) => void heard.push(`back ${missed}`),
      close: ({ code }) => void heard.push(`close ${code}`),
    }),
  });
  return [cluster, heard];
}

/** Whether every event has one fate. */
function isBalanced({ gateway: { ledger } }: TestCluster): boolean {
  return ledger.accepted ===
    ledger.acknowledged + ledger.inFlight + ledger.parked + ledger.poisoned +
      ledger.expired;
}

Deno.test("handlers hear connect and close once, and a back for each away", async () => {
  const [cluster, heard] = await start();
  await using _cluster = cluster;
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  await first.say("m1");
  await first.expect("m1");
  first[Symbol.dispose]();
  await eventually("it is away", () => heard.includes("away 1006"));
  const [second, { t: next }] = await LastingClient.connect(addr, { t, r: 1 });
  // Another socket takes over while this one lives.
  const [third] = await LastingClient.connect(addr, { t: next, r: 1 });
  await third.say("m2");
  await third.expect("m2");
  await third.say("b");
  await third.expect("[1000 ]");
  second[Symbol.dispose]();
  third[Symbol.dispose]();
  await eventually("it is closed", () => heard.includes("close 1000"));

  assertEquals(heard, [
    "connect",
    "1",
    "away 1006",
    "back 0",
    "away 4009",
    "back 0",
    "2",
    "close 1000",
  ]);
  await eventually(
    "all is done",
    () => cluster.gateway.ledger.inFlight === 0,
  );
  assert(isBalanced(cluster));
});

Deno.test("a later login ends the session of a client that is away", async () => {
  const [cluster, heard] = await start();
  await using _cluster = cluster;
  const { addr } = cluster.gateway;
  const [first, { t }] = await LastingClient.connect(addr);
  await first.say("mlogin");
  await first.expect("mlogin");
  first[Symbol.dispose]();
  await eventually("it is away", () => heard.includes("away 1006"));
  const [other] = await LastingClient.connect(addr);
  using _ = other;
  await other.say("mlogin");
  await other.expect("mlogin");
  await eventually("it is closed", () => heard.includes("close 4001"));

  const [back, { reason }] = await LastingClient.connect(addr, { t });
  back[Symbol.dispose]();

  assertEquals(reason, "expired");
  assertEquals(heard.filter((each) => each.startsWith("back")), []);
});

Deno.test("a client that ends and returns in one breath is either back or closed", async () => {
  const [cluster, heard] = await start();
  await using _cluster = cluster;
  const { addr } = cluster.gateway;
  const [cleaner] = await LastingClient.connect(addr);
  using _cleaner = cleaner;
  const outcomes = new Set<boolean>();
  for (let round = 0; round < 12; round++) {
    heard.length = 0;
    const [first, { t }] = await LastingClient.connect(addr);
    await first.say("mbind");
    await first.expect("mbind");
    first[Symbol.dispose]();
    await eventually("it is away", () => heard.includes("away 1006"));
    const second = await LastingClient.dial(addr);
    // Neither waits for the other.
    const hello = second.hello({ t, r: 1 });
    if (round % 2 === 0) await cleaner.say("mkick");
    await hello;
    if (round % 2 === 1) await cleaner.say("mkick");
    const { resumed } = await second.welcome();
    outcomes.add(resumed);
    const isEnded = () => heard.some((each) => each === "close 4100");
    // Who is back hears the code, and hangs up.
    if (resumed) await second.expect("[4100 ]");
    second[Symbol.dispose]();
    await eventually("it is closed", isEnded);
    const backs = heard.filter((each) => each.startsWith("back")).length;
    const closes = heard.filter((each) => each === "close 4100").length;
    assertEquals([backs, closes], [resumed ? 1 : 0, 1], heard.join());
    await cleaner.expect("mkick");
  }
  assert(outcomes.size > 0);
});

Deno.test("a handler may have a client that is away ended soon", async () => {
  const [cluster, heard] = await start();
  await using _cluster = cluster;
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  await client.say("mhurry");
  await client.expect("mhurry");
  client[Symbol.dispose]();

  await eventually("it is closed", () => heard.includes("close 1006"));

  assertEquals(heard, ["connect", "hurry", "away 1006", "close 1006"]);
});

Deno.test("connections say who is away, and status how many are", async () => {
  const [cluster, heard] = await start();
  await using _cluster = cluster;
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  const [row] = cluster.gateway.connections(10);
  client[Symbol.dispose]();
  await eventually("it is away", () => heard.includes("away 1006"));

  const [after] = cluster.gateway.connections(10);

  assertEquals([row?.away, after?.away], [undefined, true]);
  const { resume, clients } = cluster.gateway.report();
  assertEquals([clients, resume?.sessions, resume?.away], [1, 1, 1]);
});
