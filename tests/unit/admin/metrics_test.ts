import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { METRICS, renderMetrics } from "../../../lib/admin/metrics.ts";
import { obstacles } from "../../../lib/admin/health.ts";
import type { ClusterReport } from "../../../lib/observe/report.ts";
import { bridgeReport, cellReport } from "../../_support/bridge_report.ts";

const ROOT = new URL("../../../", import.meta.url);

const EMPTY: ClusterReport = { registers: [], gateways: [], workers: [] };

const SILENT = { id: "x", name: "Gateway", address: "a:1", uptime: 2 };

Deno.test("docs/metrics.md has every metric, with its type, labels and meaning", async () => {
  const text = await Deno.readTextFile(new URL("docs/metrics.md", ROOT));

  const rows = text.split("\n").filter((line) =>
    line.startsWith("| `gatewayworker_")
  ).map((line) => line.split("|").map((cell) => cell.trim()).slice(1, 5));

  assertEquals(
    rows,
    METRICS.map(({ name, type, labels, help }) => [
      `\`${name}\``,
      type,
      labels.join(", "),
      help,
    ]),
  );
});

Deno.test("the Grafana dashboard asks for metrics that exist, and for every one", async () => {
  const path = new URL("examples/grafana/gatewayworker.json", ROOT);
  const dashboard = JSON.parse(await Deno.readTextFile(path));

  const expressions: string[] = dashboard.panels.flatMap(
    ({ targets }: { targets: { expr: string }[] }) =>
      targets.map(({ expr }) => expr),
  );
  const asked = expressions.flatMap((expr) =>
    expr.match(/gatewayworker_\w+/g) ?? []
  ).map((name) => name.replace(/_bucket$/, ""));

  assertEquals(
    [...new Set(asked)].toSorted(),
    METRICS.map(({ name }) => name).toSorted(),
  );
});

Deno.test("names of metrics say what they count in", () => {
  for (const { name, type } of METRICS) {
    assert(name.startsWith("gatewayworker_"));
    assertEquals([name, name.endsWith("_total")], [name, type === "counter"]);
  }
});

Deno.test("renderMetrics() tells of a role that is silent no more than that", async () => {
  const text = await renderMetrics({ ...EMPTY, gateways: [SILENT] });

  const who = '{role="gateway",name="Gateway",index="0"}';
  assertStringIncludes(text, `gatewayworker_up${who} 0`);
  assertStringIncludes(text, `gatewayworker_ready${who} 0`);
  assertStringIncludes(text, `gatewayworker_uptime_seconds${who} 2`);
  assertEquals(text.includes("gatewayworker_gateway_clients{"), false);
});

Deno.test("renderMetrics() tells of each cell that a bridge knows, and what is lost on the way there", async () => {
  const lost = { window: 3, silent: 12, epoch: 0, tooLarge: 0, refused: 0 };
  const bridge = bridgeReport(
    cellReport({ cell: "us", lost, roundTrip: 12 }),
    cellReport({ cell: "ap", reachable: false }),
  );

  const text = await renderMetrics({ ...EMPTY, bridges: [bridge] });

  const who = 'name="Bridge",index="0"';
  for (
    const line of [
      `gatewayworker_ready{role="bridge",${who}} 1`,
      `gatewayworker_bridge_nats_connected{${who}} 1`,
      `gatewayworker_bridge_active_shards{${who}} 1`,
      `gatewayworker_bridge_cell_reachable{${who},cell="us"} 1`,
      `gatewayworker_bridge_cell_reachable{${who},cell="ap"} 0`,
      `gatewayworker_bridge_cell_round_trip_seconds{${who},cell="us"} 0.012`,
      `gatewayworker_bridge_cell_unacknowledged_bytes{${who},cell="us"} 2048`,
      `gatewayworker_bridge_cell_frames_lost_total{${who},cell="us",reason="silent"} 12`,
    ]
  ) assertStringIncludes(text, line);
});

Deno.test("obstacles() finds whoever is not ready, and that there is nobody at all", () => {
  const ready = { ...SILENT, state: "ready" } as const;
  const waiting = { ...SILENT, index: 1, state: "waiting" } as const;

  assertEquals(obstacles({ ...EMPTY, gateways: [ready] }), []);
  assertEquals(obstacles({ ...EMPTY, gateways: [ready, waiting] }), [
    { name: "Gateway 1", state: "waiting" },
  ]);
  assertEquals(obstacles({ ...EMPTY, workers: [SILENT] }), [
    { name: "Gateway", state: "silent" },
  ]);
  assertEquals(obstacles(EMPTY), [{ name: "", state: "starting" }]);
});
