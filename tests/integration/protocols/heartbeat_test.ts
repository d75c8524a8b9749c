import { assertEquals } from "@std/assert";
import { Gateway, type GatewayOptions } from "@gatewayworker/core";
import { resolveGatewayOptions } from "../../../lib/gateway/options.ts";
import { pause } from "../../../lib/base/pause.ts";
import { eventually } from "../../_support/eventually.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";

const PING = [0x89, 0];
const PONG = clientFrame(10, "");

async function start(more: GatewayOptions): Promise<Gateway> {
  const listen = ["ws://127.0.0.1:0", "text://127.0.0.1:0"];
  return await Gateway.start({ listen, startPort: 0, ...more });
}

Deno.test("a gateway pings silent WebSocket clients every 25 seconds, unless told otherwise", () => {
  const { pingInterval, pingData, pingNotResponseLimit } =
    resolveGatewayOptions({});

  assertEquals([pingInterval, pingData, pingNotResponseLimit], [25, "", 0]);
});

Deno.test("a gateway sends the ping of WebSocket, and other clients nothing", async () => {
  await using gateway = await start({ pingInterval: 0.02 });
  using client = await RawClient.upgrade(gateway.addr);
  const [, addr] = gateway.addrs;
  using line = await RawClient.dial(addr ?? gateway.addr);

  assertEquals([...await client.hear(6)], [...PING, ...PING, ...PING]);

  await line.hangUp();
  assertEquals((await line.hearAll()).length, 0);
});

Deno.test("a gateway keeps who answers its pings, and who is sent none, and ends who does not answer", async () => {
  await using gateway = await start({
    pingInterval: 0.1,
    pingNotResponseLimit: 1,
  });
  const [, addr] = gateway.addrs;
  using answering = await RawClient.upgrade(gateway.addr);
  using silent = await RawClient.upgrade(gateway.addr);
  using _listening = await RawClient.dial(addr ?? gateway.addr);
  const end = silent.hearAll();

  for (let i = 0; i < 4; i++) {
    assertEquals([...await answering.hear(2)], PING);
    await answering.say(PONG);
  }

  assertEquals([...await end], PING);
  assertEquals(gateway.clients, 2);
});

Deno.test("a client that hangs up after 1.6 intervals without a byte stays for four", async () => {
  // Mojolicious does so after 40 seconds, and by default a ping is due after 25.
  const interval = 400;
  await using gateway = await start({ pingInterval: interval / 1_000 });
  using client = await RawClient.upgrade(gateway.addr);

  // A machine that is busy with other things may be late with one, not each time.
  let longest = Infinity;
  for (let tries = 0; tries < 5 && longest >= 1.6 * interval; tries++) {
    const silences: number[] = [];
    let last = performance.now();
    for (let i = 0; i < 4; i++) {
      assertEquals([...await client.hear(2)], PING);
      await client.say(PONG);
      silences.push(performance.now() - last);
      last = performance.now();
    }
    longest = Math.max(...silences);
  }

  assertEquals(longest < 1.6 * interval, true, `silent for ${longest} ms`);
});

Deno.test("a gateway closes a client that only answers its pings as idle, not one that sends a long message", async () => {
  await using gateway = await start({ pingInterval: 0.05, idleTimeout: 250 });
  using answering = await RawClient.upgrade(gateway.addr);
  using sending = await RawClient.upgrade(gateway.addr);
  const message = clientFrame(2, new Uint8Array(1_000_000));
  const piece = Math.ceil(message.length / 10);

  const heard = keepAnswering(answering);
  for (let at = 0; at < message.length; at += piece) {
    await sending.say(message.subarray(at, at + piece));
    await pause(50);
  }

  assertEquals((await heard).slice(-6), closeFrame(4002, "idle"));
  assertEquals(gateway.clients, 1);
});

Deno.test({
  name: "a gateway has TCP ask for clients that it cannot ping",
  // The timers of connections are to be seen in its /proc/net/tcp.
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using gateway = await start({});
    const [, addr] = gateway.addrs;
    using line = await RawClient.dial(addr ?? gateway.addr);
    await eventually("the client is there", () => gateway.clients === 1);

    assertEquals(await timersOf(addr ?? gateway.addr), ["02"]);

    await line.hangUp();
  },
});

/** Which timers run on the connections that were accepted on a port; 02 is keepalive. */
async function timersOf({ port }: Deno.NetAddr): Promise<string[]> {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = (await Deno.readTextFile("/proc/net/tcp")).split("\n");
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, from, , state]) => from?.endsWith(local) && state === "01")
    .map((fields) => fields[5]?.slice(0, 2) ?? "");
}

/** Answers every ping; returns everything that came by the end. */
async function keepAnswering(client: RawClient): Promise<number[]> {
  const all: number[] = [];
  while (all.at(-2) !== 0x88) {
    all.push(...await client.hear(2));
    if (all.at(-2) === PING[0]) await client.say(PONG);
  }
  return [...all, ...await client.hearAll()].slice(-8);
}

function closeFrame(code: number, reason: string): number[] {
  return [code >> 8, code & 0xff, ...new TextEncoder().encode(reason)];
}
