import type {
  BridgeReport,
  ClusterReport,
  GatewayReport,
  KnownNode,
  RegisterReport,
  RoleReport,
  WorkerReport,
} from "../../observe/report.ts";
import type { PhpReport } from "../../observe/php_report.ts";
import { formatLabels } from "../../wire/bodies/labels.ts";
import { isOverdue } from "../../observe/report.ts";
import { BRIDGE_COLUMNS, CELL_COLUMNS, cellRows } from "./bridge_tables.ts";
import { formatTaps } from "./tap_line.ts";
import {
  type Column,
  formatBytes,
  formatCount,
  formatDuration,
  formatMilliseconds,
  formatPercent,
  formatTable,
} from "./table.ts";

const WHO: readonly Column<KnownNode<RoleReport>>[] = [
  {
    title: "NAME",
    text: ({ name, index }) => index === undefined ? name : `${name} ${index}`,
  },
  { title: "ADDRESS", text: ({ address }) => address },
  { title: "PID", align: "right", text: ({ pid }) => String(pid ?? "") },
  {
    title: "UPTIME",
    align: "right",
    text: ({ uptime }) => formatDuration(uptime),
  },
  { title: "STATE", text: stateOf },
];

/**
 * The state; of a gateway that shares its address with another one, that; of one that
 * reports no more, that.
 */
function stateOf(report: KnownNode<RoleReport>): string {
  if ("conflict" in report) return "conflict";
  return isOverdue(report) ? "overdue" : report.state ?? "silent";
}

const USE: readonly Column<KnownNode<RoleReport>>[] = [
  {
    title: "MEMORY",
    align: "right",
    text: ({ memory }) => formatBytes(memory),
  },
  { title: "CPU", align: "right", text: ({ cpu }) => formatPercent(cpu) },
  { title: "LAG", align: "right", text: ({ lag }) => formatMilliseconds(lag) },
  { title: "VERSION", text: ({ version }) => version ?? "" },
];

const REGISTERS: readonly Column<KnownNode<RegisterReport>>[] = [
  ...WHO,
  {
    title: "PEERS",
    align: "right",
    text: ({ connections }) => formatCount(connections),
  },
  ...USE,
];

const GATEWAYS: readonly Column<KnownNode<GatewayReport>>[] = [
  ...WHO,
  {
    title: "CLIENTS",
    align: "right",
    text: ({ clients }) => formatCount(clients),
  },
  {
    title: "IN/S",
    align: "right",
    text: ({ messagesIn }) => formatCount(messagesIn),
  },
  {
    title: "OUT/S",
    align: "right",
    text: ({ messagesOut }) => formatCount(messagesOut),
  },
  {
    title: "QUEUED",
    align: "right",
    text: ({ queued }) => formatBytes(queued),
  },
  {
    title: "PARKED",
    align: "right",
    text: ({ parkedClients }) => formatCount(parkedClients),
  },
  {
    title: "AWAY",
    align: "right",
    text: ({ resume }) => resume === undefined ? "" : formatCount(resume.away),
  },
  {
    title: "WINDOW",
    align: "right",
    text: ({ links = [] }) =>
      formatPercent(
        links.reduce((max, { window }) => Math.max(max, window), 0),
      ),
  },
  ...USE,
];

const WORKERS: readonly Column<KnownNode<WorkerReport>>[] = [
  ...WHO,
  {
    title: "CLIENTS",
    align: "right",
    text: ({ clients }) => formatCount(clients),
  },
  {
    title: "EVENTS/S",
    align: "right",
    text: ({ messagesIn }) => formatCount(messagesIn),
  },
  {
    title: "WAITING",
    align: "right",
    text: ({ queued }) => formatCount(queued),
  },
  {
    title: "P50",
    align: "right",
    text: ({ latency }) => formatMilliseconds(latency?.p50),
  },
  {
    title: "P99",
    align: "right",
    text: ({ latency }) => formatMilliseconds(latency?.p99),
  },
  {
    title: "THROWN",
    align: "right",
    text: ({ thrown }) => formatCount(thrown),
  },
  ...USE,
];

/** What is told of workers where any of them is unlike others. */
const TRAITS: readonly Column<KnownNode<WorkerReport>>[] = [
  { title: "LABELS", text: ({ labels }) => formatLabels(labels ?? {}) },
  {
    title: "WEIGHT",
    align: "right",
    text: ({ weight = 1 }) => String(weight),
  },
];

function workerColumns(
  workers: ClusterReport["workers"],
): readonly Column<KnownNode<WorkerReport>>[] {
  const isUnlike = workers.some(({ labels, weight }) =>
    labels !== undefined || weight !== undefined
  );
  return isUnlike ? [...WORKERS, ...TRAITS] : WORKERS;
}

const BRIDGES: readonly Column<KnownNode<BridgeReport>>[] = [
  ...WHO,
  ...BRIDGE_COLUMNS,
  ...USE,
];

/** Writes how a cluster is, for people. */
export function formatStatus(
  { registers, gateways, workers, bridges = [] }: ClusterReport,
): string {
  const parts = [
    section("REGISTERS", REGISTERS, registers),
    section("GATEWAYS", GATEWAYS, gateways),
    section("WORKERS", workerColumns(workers), workers),
    section("BRIDGES", BRIDGES, bridges),
    section("OTHER CELLS", CELL_COLUMNS, cellRows(bridges)),
  ];
  const totals = `${count(registers, "Register")}, ${
    count(gateways, "gateway")
  }, ${count(workers, "worker")}${
    bridges.length === 0 ? "" : `, ${count(bridges, "bridge")}`
  }: ${formatCount(sum(gateways, ({ clients }) => clients))} clients, ${
    formatCount(sum(gateways, ({ messagesIn }) => messagesIn))
  } events/s in, ${
    formatCount(sum(gateways, ({ messagesOut }) => messagesOut))
  } messages/s out`;
  const tables = parts.filter((part) => part !== "").join("\n");
  return `${tables}\n${totals}\n${lackTotals(gateways)}${phpTotals(gateways)}${
    formatTaps(gateways)
  }`;
}

/** For which labels clients wait that no worker has; nothing where none do. */
function lackTotals(gateways: ClusterReport["gateways"]): string {
  const totals = new Map<string, number>();
  for (const { lacks = {} } of gateways) {
    for (const [label, count] of Object.entries(lacks)) {
      totals.set(label, (totals.get(label) ?? 0) + count);
    }
  }
  return Array.from(
    totals,
    ([label, count]) =>
      `${
        formatCount(count)
      } clients wait for a worker with ${label}: none has it\n`,
  ).join("");
}

/** What passes between gateways and nodes of PHP; nothing where none may connect. */
function phpTotals(gateways: ClusterReport["gateways"]): string {
  const known = gateways.flatMap(({ php }) => php ?? []);
  if (known.length === 0) return "";
  const total = (field: keyof PhpReport) =>
    formatCount(sum(known, ({ [field]: value }) => value));
  return `PHP nodes: ${total("workers")} links of workers, ${
    total("programs")
  } of programs; ${total("handed")} events handed over, of which ${
    total("lost")
  } may be lost\n`;
}

function section<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): string {
  return rows.length === 0 ? "" : `${title}\n${formatTable(columns, rows)}`;
}

function count({ length }: readonly unknown[], noun: string): string {
  return `${length} ${noun}${length === 1 ? "" : "s"}`;
}

function sum<Row>(
  rows: readonly Row[],
  of: (row: Row) => number | undefined,
): number {
  return rows.reduce((total, row) => total + (of(row) ?? 0), 0);
}
