/** What monitoring sees of real processes. @module */

import { assert, assertEquals, assertGreater } from "@std/assert";
import { METRICS } from "../../lib/admin/metrics.ts";
import { clientUrl, handlerPath, startAll } from "../_support/commands.ts";
import { getAvailablePorts } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const MESSAGES = 200;

/** What moves when clients talk to workers that are well. */
const MOVING = [
  "gatewayworker_gateway_clients",
  "gatewayworker_gateway_events_accepted_total",
  "gatewayworker_gateway_events_acknowledged_total",
  "gatewayworker_gateway_messages_sent_total",
  "gatewayworker_worker_clients",
  "gatewayworker_worker_events_handled_total",
  "gatewayworker_worker_handler_seconds",
];

/** The sum of each metric over its labels; of histograms, how many there were. */
function sums(text: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const line of text.split("\n")) {
    const [, name = "", value] =
      /^(\w+?)(?:_count)?\{[^}]*\} (\S+)$/.exec(line) ?? [];
    if (name === "" || /_(bucket|sum)$/.test(name)) continue;
    found.set(name, (found.get(name) ?? 0) + Number(value));
  }
  return found;
}

Deno.test("/metrics of start has every metric, they move under load, and only with the token", async () => {
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using process = startAll(handlerPath("lively"), [
    "--workers=2",
    "--presence=group:*",
    `--admin=${admin}`,
  ], { env: { GATEWAYWORKER_API_TOKEN: "open-sesame" } });
  const scrape = async (token: string) => {
    const response = await fetch(`http://${admin}/metrics`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return { status: response.status, text: await response.text() };
  };
  await using client = await TestClient.connect(await clientUrl(process));
  const before = sums((await scrape("open-sesame")).text);

  for (let each = 0; each < MESSAGES; each++) client.send("hello");
  await client.hearAll(MESSAGES);
  const { text } = await scrape("open-sesame");
  const stranger = await scrape("guess");
  const health = await fetch(`http://${admin}/healthz`);
  await health.body?.cancel();

  const after = sums(text);
  assertEquals(
    [...after.keys()].toSorted(),
    // Those of nodes of PHP and of bridges are there where such may come.
    METRICS.map(({ name }) => name)
      .filter((name) => !/_(php|bridge)_/.test(name)).toSorted(),
  );
  for (const name of MOVING) assertGreater(after.get(name), 0, name);
  const moved = (name: string) =>
    (after.get(name) ?? 0) - (before.get(name) ?? 0);
  assert(moved("gatewayworker_gateway_events_accepted_total") >= MESSAGES);
  assert(moved("gatewayworker_gateway_messages_sent_total") >= MESSAGES);
  assertEquals([stranger.status, health.status], [401, 200]);
});

Deno.test("/metrics of start counts what goes wrong", async () => {
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  await using process = startAll(handlerPath("mortal"), [
    "--workers=1",
    "--handler-timeout=0.2",
    "--max-deliveries=2",
    `--admin=${admin}`,
  ]);
  await using client = await TestClient.connect(await clientUrl(process));

  for (const word of ["die", "throw", "hang", "live"]) client.send(word);
  const answer = await client.hear();
  const response = await fetch(`http://${admin}/metrics`);
  const found = sums(await response.text());

  assertEquals(answer, "live");
  for (
    const name of [
      "gatewayworker_gateway_events_poisoned_total",
      "gatewayworker_gateway_events_redelivered_total",
      "gatewayworker_restarts_total",
      "gatewayworker_worker_handlers_thrown_total",
      "gatewayworker_worker_handlers_timed_out_total",
    ]
  ) assertGreater(found.get(name), 0, name);
});
