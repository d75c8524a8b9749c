import { assertEquals } from "@std/assert";
import { Gateway, type GatewayOptions } from "@gatewayworker/core";
import { resolveGatewayOptions } from "../../../lib/gateway/options.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import { RawClient } from "../../unit/transport/_raw_client.ts";

const PING = [0x89, 0];
const PONG = clientFrame(10, "");

async function start(more: GatewayOptions): Promise<Gateway> {
  const listen = ["ws://127.0.0.1:0", "text://127.0.0.1:0"];
  return await Gateway.start({ listen, startPort: 0, ...more });
}

Deno.test("a gateway pings silent WebSocket clients every 55 seconds, unless told otherwise", () => {
  const { pingInterval, pingData, pingNotResponseLimit } =
    resolveGatewayOptions({});

  assertEquals([pingInterval, pingData, pingNotResponseLimit], [55, "", 0]);
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

Deno.test("a gateway keeps who answers its pings, and ends who does not", async () => {
  await using gateway = await start({
    pingInterval: 0.1,
    pingNotResponseLimit: 1,
  });
  using answering = await RawClient.upgrade(gateway.addr);
  using silent = await RawClient.upgrade(gateway.addr);
  const end = silent.hearAll();

  for (let i = 0; i < 3; i++) {
    assertEquals([...await answering.hear(2)], PING);
    await answering.say(PONG);
  }

  assertEquals([...await end], PING);
  assertEquals(gateway.clients, 1);
});
