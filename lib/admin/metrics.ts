import { Counter, Gauge, Registry } from "prom-client";
import type {
  ClusterReport,
  GatewayReport,
  KnownNode,
  RegisterReport,
  RoleReport,
  WorkerReport,
} from "../observe/report.ts";

/** One value of a metric, with the labels that tell it from others. */
interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | undefined;
}

/** A metric: what it is called, and how it is found in a report. */
export interface Metric {
  /** Name, with unit. */
  readonly name: string;
  /** What it says. */
  readonly help: string;
  /** Whether it only grows. */
  readonly type: "counter" | "gauge";
  /** Names of its labels. */
  readonly labels: readonly string[];
  /** Finds its values. */
  samples(report: ClusterReport): Sample[];
}

type Kind = "gauge" | "counter";

/** What the metrics of one role have in common. */
interface RoleKind<Report extends RoleReport> {
  readonly prefix: string;
  find(report: ClusterReport): readonly KnownNode<Report>[];
}

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

/** Every metric, in the order of `docs/metrics.md`. */
export const METRICS: readonly Metric[] = [
  process(
    "up",
    "gauge",
    "1 if the role answers",
    ({ state }) => state === undefined ? 0 : 1,
  ),
  process("ready", "gauge", "1 if the role has its peers and is not stopping", (
    { state },
  ) => state === "ready" ? 1 : 0),
  process("uptime_seconds", "gauge", "Time since the role was started", (
    { uptime },
  ) => uptime),
  process(
    "memory_bytes",
    "gauge",
    "Memory of the process",
    ({ memory }) => memory,
  ),
  process("cpu_cores", "gauge", "Cores in use, over the last second", (
    { cpu },
  ) => cpu),
  process(
    "event_loop_lag_seconds",
    "gauge",
    "Longest delay of the event loop of late",
    (
      { lag },
    ) => lag === undefined ? undefined : lag / 1000,
  ),
  process(
    "restarts_total",
    "counter",
    "Times that the supervisor started it again",
    (
      { restarts },
    ) => restarts,
  ),
  role(
    GATEWAY,
    "clients",
    "gauge",
    "Clients that are connected",
    (gateway) => gateway.clients,
  ),
  role(
    GATEWAY,
    "max_clients",
    "gauge",
    "Most clients that it takes",
    (gateway) => gateway.maxClients,
  ),
  role(
    GATEWAY,
    "links",
    "gauge",
    "Workers that are linked",
    ({ links }) => links?.length,
  ),
  role(
    GATEWAY,
    "window_ratio",
    "gauge",
    "How full the fullest window to a worker is",
    (
      { links },
    ) => links && Math.max(0, ...links.map(({ window }) => window)),
  ),
  role(
    GATEWAY,
    "queued_bytes",
    "gauge",
    "Bytes that wait for clients to read them",
    (
      { queued },
    ) => queued,
  ),
  role(GATEWAY, "parked_clients", "gauge", "Clients that wait for a worker", (
    { parkedClients },
  ) => parkedClients),
  role(
    GATEWAY,
    "events_in_flight",
    "gauge",
    "Events at workers and not acknowledged",
    (
      { ledger },
    ) => ledger?.["inFlight"],
  ),
  role(GATEWAY, "events_parked", "gauge", "Events that wait for a worker", (
    { ledger },
  ) => ledger?.["parked"]),
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
  role(
    WORKER,
    "clients",
    "gauge",
    "Clients that are bound to it",
    ({ clients }) => clients,
  ),
  role(
    WORKER,
    "links",
    "gauge",
    "Gateways that are linked",
    ({ links }) => links?.length,
  ),
  role(WORKER, "events_waiting", "gauge", "Events received and not handled", (
    { queued },
  ) => queued),
  role(
    WORKER,
    "events_handled_total",
    "counter",
    "Events handled",
    ({ handled }) => handled,
  ),
  role(WORKER, "handlers_thrown_total", "counter", "Handlers that threw", (
    { thrown },
  ) => thrown),
  role(
    WORKER,
    "handlers_timed_out_total",
    "counter",
    "Handlers given up after --handler-timeout",
    (
      { timedOut },
    ) => timedOut,
  ),
  role(
    WORKER,
    "link_waiting_bytes",
    "gauge",
    "Bytes that wait to leave for gateways",
    ({ waitingBytes }) => waitingBytes,
  ),
  role(
    WORKER,
    "sends_refused_total",
    "counter",
    "Sends and calls not taken as --link-buffer was full",
    ({ refused }) => refused,
  ),
  {
    name: "gatewayworker_worker_handler_seconds",
    help: "How long handlers took in the last ten to twenty seconds",
    type: "gauge",
    labels: ["name", "index", "quantile"],
    samples: ({ workers }) =>
      workers.flatMap((worker) => [
        {
          labels: { ...labelsOf(worker), quantile: "0.5" },
          value: toSeconds(worker.latency?.p50),
        },
        {
          labels: { ...labelsOf(worker), quantile: "0.99" },
          value: toSeconds(worker.latency?.p99),
        },
      ]),
  },
  role(REGISTER, "connections", "gauge", "Connections, of peers and others", (
    { connections },
  ) => connections),
];

/** Writes a report as Prometheus reads it. */
export async function renderMetrics(report: ClusterReport): Promise<string> {
  const registry = new Registry();
  for (const { name, help, type, labels, samples } of METRICS) {
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
  name: string,
  type: Kind,
  help: string,
  value: (report: Partial<RoleReport>) => number | undefined,
): Metric {
  return {
    name: `gatewayworker_${name}`,
    help,
    type,
    labels: ["role", "name", "index"],
    samples: ({ registers, gateways, workers }) => [
      ...registers.map((each) => toSample("register", each)),
      ...gateways.map((each) => toSample("gateway", each)),
      ...workers.map((each) => toSample("worker", each)),
    ],
  };
  function toSample(role: string, report: KnownNode<RoleReport>): Sample {
    return {
      labels: { role, ...labelsOf(report) },
      value: value(report),
    };
  }
}

/** A metric that one role has. */
function role<Report extends RoleReport>(
  { prefix, find }: RoleKind<Report>,
  name: string,
  type: Kind,
  help: string,
  value: (report: KnownNode<Report>) => number | undefined,
): Metric {
  return {
    name: `${prefix}_${name}`,
    help,
    type,
    labels: ["name", "index"],
    samples: (report) =>
      find(report).map((each) => ({
        labels: labelsOf(each),
        value: value(each),
      })),
  };
}

/** A counter out of a gateway's ledger. */
function ledger(name: string, help: string, entry: string): Metric {
  return role(
    GATEWAY,
    name,
    "counter",
    help,
    (gateway) => gateway.ledger?.[entry],
  );
}

function labelsOf(
  { name, index = 0 }: { name: string; index?: number | undefined },
): { name: string; index: string } {
  return { name, index: String(index) };
}

function toSeconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / 1000;
}
