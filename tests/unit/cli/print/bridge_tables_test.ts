import { assertEquals, assertStringIncludes } from "@std/assert";
import { formatStatus } from "../../../../lib/cli/print/status_tables.ts";
import { reasonsOf } from "../../../../lib/cli/print/bridge_tables.ts";
import type {
  BridgeReport,
  CellReport,
  KnownNode,
} from "../../../../lib/observe/report.ts";
import { bridgeReport, cellReport } from "../../../_support/bridge_report.ts";

function statusOf(
  bridge: Partial<BridgeReport>,
  ...cells: Partial<CellReport>[]
): string[] {
  const bridges: KnownNode<BridgeReport>[] = [
    { ...bridgeReport(...cells.map(cellReport)), ...bridge },
  ];
  return formatStatus({ registers: [], gateways: [], workers: [], bridges })
    .split("\n").map((line) => line.replaceAll(/ {2,}/g, "  "));
}

Deno.test("formatStatus() shows what each bridge answers for, and how each other cell is", () => {
  const lost = { window: 3, silent: 12, epoch: 0, tooLarge: 0, refused: 0 };
  const lines = statusOf({}, { cell: "us", sent: 1_200, lost }, {
    cell: "ap",
    reachable: false,
    silentFor: 75,
  });

  assertEquals(lines[0], "BRIDGES");
  assertStringIncludes(lines[2] ?? "", "eu  shard 0  10.0.0.9:4222  2  3");
  assertEquals(lines[4], "OTHER CELLS");
  assertStringIncludes(lines[6] ?? "", "us  up  1,200");
  assertEquals((lines[6] ?? "").endsWith("  15"), true, lines[6]);
  assertStringIncludes(lines[7] ?? "", "ap  silent 1m15s");
});

Deno.test("formatStatus() says that a bridge stands by, is cut off, or has no NATS", () => {
  const nats = bridgeReport().nats;
  const standby = { shards: [{ shard: 0, epoch: 0, active: false }] };

  assertStringIncludes(statusOf(standby)[2] ?? "", "stands by");
  assertStringIncludes(
    statusOf({ nats: { ...nats, cutOff: true } })[2] ?? "",
    "10.0.0.9:4222 cut off",
  );
  assertStringIncludes(
    statusOf({ nats: { ...nats, connected: false } })[2] ?? "",
    " down ",
  );
});

Deno.test("formatStatus() shows of a bridge that tells nothing who it is", () => {
  const [title, , line] = formatStatus({
    registers: [],
    gateways: [],
    workers: [],
    bridges: [{ id: "x", name: "Bridge", address: "10.0.0.5:2890", uptime: 1 }],
  }).split("\n");

  assertEquals(title, "BRIDGES");
  assertStringIncludes(line ?? "", "silent");
});

Deno.test("reasonsOf() names what is lost, the most first", () => {
  const lost = { window: 3, silent: 1_200, epoch: 0, tooLarge: 0, refused: 0 };

  assertEquals(reasonsOf({ lost }), "1,200 silent, 3 window");
  assertEquals(reasonsOf({}), "");
});
