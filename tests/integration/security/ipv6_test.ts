import { assertEquals, assertMatch } from "@std/assert";
import {
  BusinessWorker,
  Gateway,
  GatewayClient,
  type Handler,
  Register,
} from "../../../mod.ts";
import { eventually } from "../../_support/eventually.ts";
import { hasIpv6 } from "../../_support/ipv6.ts";
import { TestClient } from "../../_support/test_client.ts";
import { AUTHORITY, NODE } from "./_certificates.ts";

const handler: Handler = (event) =>
  event.type === "message"
    ? `${event.client.id} ${event.client.remoteAddress}`
    : undefined;

for (
  const [what, trust] of [
    ["in clear", {}],
    ["over TLS", { ...NODE, lanCa: AUTHORITY }],
  ] as const
) {
  Deno.test({
    name: `clients, links and Register speak IPv6 ${what}`,
    ignore: !hasIpv6(),
    async fn() {
      await using register = await Register.start({
        listen: "[::1]:0",
        ...trust,
      });
      const { address } = register.status();
      await using gateway = await Gateway.start({
        listen: ["ws://[::1]:0"],
        lanIp: "::1",
        startPort: 0,
        register: [address],
        ...trust,
      });
      await using worker = await BusinessWorker.start({
        handler,
        register: [address],
        ...trust,
      });
      await eventually("they are linked", () => worker.gateways === 1);
      await using client = await TestClient.connect(
        `ws://[::1]:${gateway.addr.port}`,
      );
      client.send("who am I?");
      const [id = "", remote = ""] = String(await client.hear()).split(" ");

      assertMatch(gateway.lanAddress, /^\[::1\]:\d+$/);
      assertMatch(id, /^f[0-9a-f]{19}$/);
      assertMatch(remote, /^\[::1\]:\d+$/);
      await using outside = await GatewayClient.connect({
        register: address,
        ...trust,
      });
      assertEquals(await outside.isOnline(id), true);
    },
  });
}

Deno.test("a host name may stand for a gateway, which the original cannot do", async () => {
  await using register = await Register.start({ listen: "localhost:0" });
  const registers = [`localhost:${register.addr.port}`];
  await using gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    lanIp: "localhost",
    startPort: 0,
    register: registers,
  });
  await using worker = await BusinessWorker.start({
    handler,
    register: registers,
  });
  await eventually("they are linked", () => worker.gateways === 1);
  await using client = await TestClient.connect(
    `ws://127.0.0.1:${gateway.addr.port}`,
  );
  client.send("who am I?");

  assertMatch(String(await client.hear()), /^f[0-9a-f]{19} 127\.0\.0\.1:/);
  assertMatch(gateway.lanAddress, /^localhost:\d+$/);
});
