import { assert, assertEquals, assertGreater } from "@std/assert";
import { renderMetrics } from "../../lib/admin/metrics.ts";
import type { Gateway, HandlerEvent } from "../../mod.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LazyClient } from "../_support/lazy_client.ts";

const PREFIX = "gatewayworker_gateway_";

/** Reads one metric of a gateway as monitoring would. */
async function metric(gateway: Gateway, name: string): Promise<number> {
  const text = await renderMetrics({
    registers: [],
    gateways: [gateway.report()],
    workers: [],
  });
  const line = new RegExp(`^${PREFIX}${name}\\{[^}]*\\} (\\S+)$`, "m");
  return Number(line.exec(text)?.[1]);
}

Deno.test("the metrics of clients without a worker move, and end with the park time-out", async () => {
  await using cluster = await startCluster({
    workers: 0,
    handler: () => undefined,
    gateway: { parkTimeout: 1_000 },
  });
  const { gateway } = cluster;
  using client = await LazyClient.connect(gateway.addr);
  await client.send("is anybody there");
  await eventually("two events wait", () => gateway.ledger.parked === 2);

  assertGreater(await metric(gateway, "events_parked"), 0);
  assertGreater(await metric(gateway, "parked_clients"), 0);
  await eventually("they are given up", () => gateway.ledger.expired >= 2);
  assertGreater(await metric(gateway, "events_expired_total"), 0);
});

Deno.test("the metrics of what is in flight move while a handler runs", async () => {
  const finish = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    handler: (event) => event.type === "message" ? finish.promise : undefined,
    gateway: { window: 1_000 },
  });
  const { gateway } = cluster;
  const client = await cluster.connect();
  client.send("wait");
  await eventually("it is in flight", () => gateway.ledger.inFlight > 0);

  assertGreater(await metric(gateway, "events_in_flight"), 0);
  assertGreater(await metric(gateway, "window_ratio"), 0);
  finish.resolve();
});

Deno.test("the metrics of a client that does not read move", async () => {
  let clientId = "";
  await using cluster = await startCluster({
    handler: (event: HandlerEvent) => {
      if (event.type === "connect") clientId = event.client.id;
      return undefined;
    },
    gateway: { sendBuffer: 256 * 1024 },
  });
  const { gateway } = cluster;
  using _client = await LazyClient.connect(gateway.addr);
  await eventually("the client is known", () => clientId !== "");

  while (gateway.ledger.dropped === 0) {
    await cluster.worker.cluster.sendToClient(clientId, "x".repeat(8_192), {
      policy: "drop-newest",
      confirm: true,
    });
  }

  assertGreater(await metric(gateway, "messages_dropped_total"), 0);
  await eventually(
    "what is queued is reported",
    () => gateway.report().queued > 0,
  );
  assert(await metric(gateway, "queued_bytes") > 0);
});

/** Whether Debian's package `prometheus` is installed. */
function hasPromtool(): boolean {
  try {
    return new Deno.Command("promtool", { args: ["--version"] }).outputSync()
      .success;
  } catch {
    // There is no such program: that is the answer.
    return false;
  }
}

Deno.test({
  name: "promtool finds nothing wrong with the metrics (needs promtool)",
  ignore: !hasPromtool(),
  fn: async () => {
    await using cluster = await startCluster({
      handler: (event) => event.type === "message" ? event.text() : undefined,
    });
    const client = await cluster.connect();
    client.send("hello");
    assertEquals(await client.hear(), "hello");
    const text = await renderMetrics({
      registers: [cluster.register.report()],
      gateways: [cluster.gateway.report()],
      workers: [cluster.worker.report()],
    });

    const promtool = new Deno.Command("promtool", {
      args: ["check", "metrics"],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = promtool.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
    const { code, stdout, stderr } = await promtool.output();

    const said = new TextDecoder().decode(stdout) +
      new TextDecoder().decode(stderr);
    assertEquals([said, code], ["", 0]);
  },
});
