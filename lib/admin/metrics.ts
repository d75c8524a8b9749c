import { Counter, Gauge, Registry } from "prom-client";
import type {
  BridgeReport,
  CellReport,
  ClusterReport,
  GatewayReport,
  KnownNode,
  RegisterReport,
  RoleReport,
  WorkerReport,
} from "../observe/report.ts";
import type { PhpReport } from "../observe/php_report.ts";
import { BRIDGE_ROWS, CELL_ROWS } from "./bridge_rows.ts";
import {
  type Kind,
  labelsOf,
  type Metric,
  role,
  type RoleKind,
  type Row,
} from "./metric.ts";
import { CLAIM_ROWS } from "./claim_rows.ts";
import { DRAIN_ROWS } from "./drain_rows.ts";
import { counted, histogramOf, type Sample } from "./histogram.ts";
import { NOTICE_ROWS } from "./notice_rows.ts";
import { GATEWAY_REQUEST_ROWS, WORKER_REQUEST_ROWS } from "./request_rows.ts";
import { LIMIT_ROWS } from "./limit_rows.ts";
import {
  GATEWAY_PRESENCE_ROWS,
  PEOPLE_METRICS,
  WORKER_PRESENCE_ROWS,
} from "./people_rows.ts";
import { REFUSAL_ROWS } from "./refusal_rows.ts";
import { RESUME_ROWS } from "./resume_rows.ts";

const GATEWAY: RoleKind<GatewayReport> = {
  prefix: "gatewayworker_gateway",
  find: ({ gateways }) => gateways,
};
const WORKER: RoleKind<WorkerReport> = {
  prefix: "gatewayworker_worker",
  find: ({ workers }) => workers,
};
const REGISTER: RoleKind<RegisterReport> = {
  prefix: "gatewayworker_register",
  find: ({ registers }) => registers,
};

const BRIDGE: RoleKind<BridgeReport> = {
  prefix: "gatewayworker_bridge",
  find: ({ bridges = [] }) => bridges,
};

/** Every metric, in the order of `docs/metrics.md`. */
export const METRICS: readonly Metric[] = [
  process({
    name: "up",
    type: "gauge",
    help: "1 if the role answers",
    value: ({ state }) => state === undefined ? 0 : 1,
  }),
  process({
    name: "ready",
    type: "gauge",
    help: "1 if the role has its peers and is not stopping",
    value: ({ state }) => state === "ready" ? 1 : 0,
  }),
  process({
    name: "uptime_seconds",
    type: "gauge",
    help: "Time since the role was started",
    value: ({ uptime }) => uptime,
  }),
  process({
    name: "memory_bytes",
    type: "gauge",
    help: "Memory of the process",
    value: ({ memory }) => memory,
  }),
  process({
    name: "cpu_cores",
    type: "gauge",
    help: "Cores in use, over the last second",
    value: ({ cpu }) => cpu,
  }),
  process({
    name: "event_loop_lag_seconds",
    type: "gauge",
    help: "Longest delay of the event loop of late",
    value: ({ lag }) => lag === undefined ? undefined : lag / 1000,
  }),
  process({
    name: "restarts_total",
    type: "counter",
    help: "Times that the supervisor started it again",
    value: ({ restarts }) => restarts,
  }),
  role(GATEWAY, {
    name: "clients",
    type: "gauge",
    help: "Clients that are connected",
    value: (gateway) => gateway.clients,
  }),
  role(GATEWAY, {
    name: "max_clients",
    type: "gauge",
    help: "Most clients that it takes",
    value: (gateway) => gateway.maxClients,
  }),
  role(GATEWAY, {
    name: "links",
    type: "gauge",
    help: "Workers that are linked",
    value: ({ links }) => links?.length,
  }),
  role(GATEWAY, {
    name: "window_ratio",
    type: "gauge",
    help: "How full the fullest window to a worker is",
    value: ({ links }) =>
      links && Math.max(0, ...links.map(({ window }) => window)),
  }),
  role(GATEWAY, {
    name: "queued_bytes",
    type: "gauge",
    help: "Bytes that wait for clients to read them",
    value: ({ queued }) => queued,
  }),
  role(GATEWAY, {
    name: "parked_clients",
    type: "gauge",
    help: "Clients that wait for a worker",
    value: ({ parkedClients }) => parkedClients,
  }),
  role(GATEWAY, {
    name: "events_in_flight",
    type: "gauge",
    help: "Events at workers and not acknowledged",
    value: ({ ledger }) => ledger?.["inFlight"],
  }),
  role(GATEWAY, {
    name: "events_parked",
    type: "gauge",
    help: "Events that wait for a worker",
    value: ({ ledger }) => ledger?.["parked"],
  }),
  ledger("events_accepted_total", "Events taken from clients", "accepted"),
  ledger(
    "events_acknowledged_total",
    "Events whose handler has finished",
    "acknowledged",
  ),
  ledger(
    "events_redelivered_total",
    "Events sent again to another worker",
    "redelivered",
  ),
  ledger(
    "events_poisoned_total",
    "Events set aside after too many crashes",
    "poisoned",
  ),
  ledger(
    "events_expired_total",
    "Events given up as no worker came in time",
    "expired",
  ),
  ledger(
    "messages_sent_total",
    "Messages meant for clients that were there",
    "sent",
  ),
  ledger(
    "messages_dropped_total",
    "Messages dropped as the client did not keep up",
    "dropped",
  ),
  php("workers", "gauge", "Workers of PHP that are linked"),
  php("programs", "gauge", "Other connections of PHP nodes"),
  php("handed", "counter", "Events that workers of PHP were handed"),
  php("lost", "counter", "Of these, such as may be lost with their worker"),
  ...RESUME_ROWS.map(({ figure, ...row }) =>
    role(GATEWAY, { ...row, value: ({ resume }) => resume?.[figure] })
  ),
  ...DRAIN_ROWS.map((row) => role(GATEWAY, row)),
  ...CLAIM_ROWS.map((row) => role(GATEWAY, row)),
  ...REFUSAL_ROWS.map((row) => role(GATEWAY, row)),
  ...LIMIT_ROWS.map((row) => role(GATEWAY, row)),
  ...GATEWAY_REQUEST_ROWS.map(({ figure, ...row }) =>
    role(GATEWAY, { ...row, value: ({ requests }) => requests?.[figure] })
  ),
  ...PEOPLE_METRICS,
  ...GATEWAY_PRESENCE_ROWS.map((row) => role(GATEWAY, row)),
  role(WORKER, {
    name: "clients",
    type: "gauge",
    help: "Clients that are bound to it",
    value: ({ clients }) => clients,
  }),
  role(WORKER, {
    name: "links",
    type: "gauge",
    help: "Gateways that are linked",
    value: ({ links }) => links?.length,
  }),
  role(WORKER, {
    name: "events_waiting",
    type: "gauge",
    help: "Events received and not handled",
    value: ({ queued }) => queued,
  }),
  role(WORKER, {
    name: "events_handled_total",
    type: "counter",
    help: "Events handled",
    value: ({ handled }) => handled,
  }),
  role(WORKER, {
    name: "handlers_thrown_total",
    type: "counter",
    help: "Handlers that threw",
    value: ({ thrown }) => thrown,
  }),
  role(WORKER, {
    name: "handlers_timed_out_total",
    type: "counter",
    help: "Handlers given up after --handler-timeout",
    value: ({ timedOut }) => timedOut,
  }),
  role(WORKER, {
    name: "link_waiting_bytes",
    type: "gauge",
    help: "Bytes that wait to leave for gateways",
    value: ({ waitingBytes }) => waitingBytes,
  }),
  role(WORKER, {
    name: "sends_refused_total",
    type: "counter",
    help: "Sends and calls not taken as --link-buffer was full",
    value: ({ refused }) => refused,
  }),
  role(WORKER, {
    name: "sends_abroad_lost_total",
    type: "counter",
    help: "Sends to other cells that were lost, as no bridge was active",
    value: ({ lostAbroad }) => lostAbroad,
  }),
  ...WORKER_REQUEST_ROWS.map(({ figure, ...row }) =>
    role(WORKER, { ...row, value: ({ requests }) => requests?.[figure] })
  ),
  ...NOTICE_ROWS.map(({ figure, ...row }) =>
    role(WORKER, {
      ...row,
      type: "counter",
      value: ({ notices }) => notices?.[figure],
    })
  ),
  ...WORKER_PRESENCE_ROWS.map((row) => role(WORKER, row)),
  {
    name: "gatewayworker_worker_handler_seconds",
    help: "How long handlers took; of very many, some are timed for all",
    type: "histogram",
    labels: ["name", "index", "le"],
    samples: ({ workers }) =>
      workers.flatMap((worker) =>
        histogramOf(labelsOf(worker), worker.durations)
      ),
  },
  role(REGISTER, {
    name: "connections",
    type: "gauge",
    help: "Connections, of peers and others",
    value: ({ connections }) => connections,
  }),
  ...BRIDGE_ROWS.map((row) => role(BRIDGE, row)),
  ...CELL_ROWS.map(({ name, type, help, value }) =>
    ofCells({ name, type, help, labels: [] }, (cell) => [{
      labels: {},
      value: value(cell),
    }])
  ),
  ofCells({
    name: "cell_frames_lost_total",
    type: "counter",
    help: "Frames for the cell that are lost, by reason",
    labels: ["reason"],
  }, ({ lost = {} }) =>
    Object.entries<number>(lost).map(([reason, value]) => ({
      labels: { reason },
      value,
    }))),
];

/** Writes a report as Prometheus reads it. */
export async function renderMetrics(report: ClusterReport): Promise<string> {
  const registry = new Registry();
  for (const { name, help, type, labels, samples } of METRICS) {
    if (type === "histogram") {
      registry.registerMetric(counted(name, help, samples(report)));
      continue;
    }
    const options = { name, help, labelNames: labels, registers: [registry] };
    const metric = type === "gauge" ? new Gauge(options) : new Counter(options);
    for (const { labels, value } of samples(report)) {
      if (value !== undefined) metric.inc(labels, value);
    }
  }
  return await registry.metrics();
}

/** A metric that every role has. */
function process(
  { name, type, help, value }: Row<Partial<RoleReport>>,
): Metric {
  return {
    name: `gatewayworker_${name}`,
    help,
    type,
    labels: ["role", "name", "index"],
    samples: ({ registers, gateways, workers, bridges = [] }) => [
      ...registers.map((each) => toSample("register", each)),
      ...gateways.map((each) => toSample("gateway", each)),
      ...workers.map((each) => toSample("worker", each)),
      ...bridges.map((each) => toSample("bridge", each)),
    ],
  };
  function toSample(role: string, report: KnownNode<RoleReport>): Sample {
    return {
      labels: { role, ...labelsOf(report) },
      value: value(report),
    };
  }
}

/** A metric of what passes between a bridge and each other cell. */
function ofCells(
  { name, type, help, labels }: Pick<
    Metric,
    "name" | "type" | "help" | "labels"
  >,
  samplesOf: (cell: Partial<CellReport>) => Sample[],
): Metric {
  return {
    name: `${BRIDGE.prefix}_${name}`,
    help,
    type,
    labels: ["name", "index", "cell", ...labels],
    samples: (report) =>
      BRIDGE.find(report).flatMap((bridge) =>
        (bridge.cells ?? []).flatMap((cell) =>
          samplesOf(cell).map(({ labels, value }) => ({
            labels: { ...labelsOf(bridge), cell: cell.cell, ...labels },
            value,
          }))
        )
      ),
  };
}

/** What passes between a gateway and nodes of PHP; nothing where none may connect. */
function php(field: keyof PhpReport, type: Kind, help: string): Metric {
  const name = type === "counter" ? `events_${field}_total` : field;
  return role(GATEWAY, {
    name: `php_${name}`,
    type,
    help,
    value: (gateway) => gateway.php?.[field],
  });
}

/** A counter out of a gateway's ledger. */
function ledger(name: string, help: string, entry: string): Metric {
  return role(GATEWAY, {
    name,
    type: "counter",
    help,
    value: (gateway) => gateway.ledger?.[entry],
  });
}
