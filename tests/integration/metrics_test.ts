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

Deno.test("the first answer of each client is timed once, whatever others are sent", async () => {
  await using cluster = await startCluster({
    handler: async (event: HandlerEvent) => {
      if (event.type === "connect") await event.client.joinGroup("room");
      return event.type === "message" ? event.text() : undefined;
    },
    gateway: { resume: {} },
  });
  const { gateway } = cluster;
  const [client, other] = [await cluster.connect(), await cluster.connect()];
  await using outside = await cluster.outside();
  await eventually(
    "both are in the room",
    async () => await outside.getClientIdCountByGroup("room") === 2,
  );
  const count = "first_answer_seconds_count";
  // Neither is one client's own.
  outside.sendToAll("all");
  outside.sendToGroup("room", "room");
  await client.hearAll(2);
  assertEquals(await metric(gateway, count), 0);

  for (const text of ["one", "two"]) {
    client.send(text);
    assertEquals(await client.hear(), text);
  }
  assertEquals(await metric(gateway, count), 1);
  other.send("three");
  await other.hearAll(3);

  assertEquals(await metric(gateway, count), 2);
  const sum = await metric(gateway, "first_answer_seconds_sum");
  assert(sum > 0 && sum < 60, `${sum} seconds`);
});

Deno.test("a message to a uid alone, and one with a policy, are first answers", async () => {
  await using cluster = await startCluster({
    handler: async (event: HandlerEvent) => {
      if (event.type !== "connect") return;
      const { client } = event;
      await client.bindUid(`u${client.remoteAddress}`);
      await cluster.worker.cluster.sendToUid(`u${client.remoteAddress}`, "hi");
      await cluster.worker.cluster.sendToClient(client.id, "latest", {
        policy: "latest",
        key: "a",
      });
    },
  });
  const client = await cluster.connect();
  await client.hearAll(2);

  assertEquals(
    await metric(cluster.gateway, "first_answer_seconds_count"),
    1,
  );
});

Deno.test("messages to groups are counted by how many they reach, and no name of a group gets out", async () => {
  await using cluster = await startCluster({
    handler: async (event: HandlerEvent) => {
      if (event.type === "connect") {
        await event.client.joinGroup("a secret room");
      }
    },
  });
  const { gateway } = cluster;
  const clients = await Promise.all(
    Array.from({ length: 3 }, () => cluster.connect()),
  );
  await using outside = await cluster.outside();
  await eventually(
    "all are in",
    async () => await outside.getClientIdCountByGroup("a secret room") === 3,
  );

  for (let each = 0; each < 5; each++) {
    await outside.sendToGroup("a secret room", "hello", { confirm: true });
  }
  await outside.sendToGroup("an empty room", "hello", { confirm: true });
  for (const client of clients) await client.hearAll(5);

  const name = "group_message_clients";
  assertEquals(await metric(gateway, `${name}_count`), 5);
  assertEquals(await metric(gateway, `${name}_sum`), 15);
  const text = await renderMetrics({
    registers: [],
    gateways: [gateway.report()],
    workers: [],
  });
  assert(/group_message_clients_bucket\{[^}]*le="2"\} 0/.test(text));
  assert(/group_message_clients_bucket\{[^}]*le="4"\} 5/.test(text));
  assert(!text.includes("secret"));
});

Deno.test("the metrics of who is here move, at the gateway and at its worker", async () => {
  await using cluster = await startCluster({
    handler: async (event: HandlerEvent) => {
      if (event.type !== "connect") return;
      await event.client.bindUid(`u${event.client.remoteAddress}`);
      await event.client.joinGroup("room");
    },
    worker: { presence: { groups: ["room"], grace: 0 } },
  });
  const { gateway, worker } = cluster;
  const client = await cluster.connect();
  await cluster.connect();
  await eventually(
    "both have joined",
    () => worker.report().watched?.joins === 2,
  );

  await eventually(
    "the gateway has heard it",
    async () => await metric(gateway, "presence_users") === 2,
  );
  assertEquals(await metric(gateway, "presence_names"), 1);
  assertGreater(await metric(gateway, "presence_changes_total"), 0);
  await client[Symbol.asyncDispose]();
  await eventually("one has left", () => worker.report().watched?.leaves === 1);

  const { watched } = worker.report();
  assertEquals([watched?.users, watched?.names, watched?.repeats], [1, 1, 0]);
  await eventually(
    "the gateway knows",
    async () => await metric(gateway, "presence_users") === 1,
  );
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
