import { FATES, missingIn } from "../observe/ledger_balance.ts";
import type { ClusterReport } from "../observe/report.ts";
import { type PeopleTotals, toPeople } from "./people.ts";
import { fieldsOf, numberOf } from "./read_figures.ts";
import {
  type BridgeRow,
  type CellRow,
  type GatewayRow,
  type LinkRow,
  nameOf,
  type NodeRow,
  processOf,
  type RegisterRow,
  toBridgeRow,
  toCellRows,
  toGatewayRow,
  toLinkRows,
  toRegisterRow,
  toWorkerRow,
  type WorkerRow,
} from "./rows.ts";

/** Most nodes of a kind in a snapshot. */
const MAX_NODES = 200;

/** Most links in a snapshot. */
const MAX_LINKS = 200;

/** Counters of a gateway's ledger. */
const LEDGER = [
  "accepted",
  ...FATES,
  "redelivered",
  "sent",
  "dropped",
] as const;

/** What became of all events and messages, over all gateways. */
export interface LedgerTotals
  extends Readonly<Record<typeof LEDGER[number], number>> {
  /** The counters that add up to `accepted`. */
  readonly fates: typeof FATES;
  /** Accepted events that none of them counts. */
  readonly missing: number;
}

/** A list of which some may be left out. */
export interface Shown<Row> {
  /** How many there are. */
  readonly total: number;
  /** Those that are shown. */
  readonly rows: readonly Row[];
}

/** The whole cluster in a few numbers. */
export interface Totals {
  /** Clients that are connected. */
  readonly clients: number;
  /** Events of clients a second. */
  readonly messagesIn: number;
  /** Messages to clients a second. */
  readonly messagesOut: number;
  /** Of half of the workers that handled events: their median, in milliseconds. */
  readonly p50: number;
  /** Of the slowest worker, in milliseconds. */
  readonly p99: number;
  /** Of the slowest link, in milliseconds. */
  readonly roundTrip: number;
  /** Bytes that wait for clients to read them. */
  readonly queued: number;
  /** Clients that wait for a worker. */
  readonly parkedClients: number;
  /** Events that workers have received and not handled. */
  readonly waiting: number;
  /** Which part of the fullest window is used, 0 to 1. */
  readonly window: number;
  /** Bytes of memory of all processes. */
  readonly memory: number;
  /** Cores that all processes use. */
  readonly cpu: number;
  /** Delay of the slowest event loop, in milliseconds. */
  readonly lag: number;
}

/** The cluster at one moment; its size is bounded whatever the cluster's is. */
export interface Snapshot {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** All of it together. */
  readonly totals: Totals;
  /** The Registers. */
  readonly registers: Shown<RegisterRow>;
  /** The gateways, those with trouble first if there are too many. */
  readonly gateways: Shown<GatewayRow>;
  /** The workers, likewise. */
  readonly workers: Shown<WorkerRow>;
  /** The links; the fullest and slowest if there are too many. */
  readonly links: Shown<LinkRow>;
  /** The bridges to other cells. */
  readonly bridges: Shown<BridgeRow>;
  /** The other cells as each bridge sees them; the silent and lossy if there are too many. */
  readonly cells: Shown<CellRow>;
  /** What people notice. */
  readonly people: PeopleTotals;
  /** What became of all events. */
  readonly ledger: LedgerTotals;
}

/** Makes a snapshot of what is reported. */
export function toSnapshot(report: ClusterReport, time: number): Snapshot {
  const registers = report.registers.map(toRegisterRow);
  const gateways = report.gateways.map(toGatewayRow);
  const workers = report.workers.map(toWorkerRow);
  const bridges = (report.bridges ?? []).map(toBridgeRow);
  const names = new Map(report.workers.map((each) => [each.id, nameOf(each)]));
  const links = report.gateways.flatMap((each) => toLinkRows(each, names));
  return {
    time,
    totals: toTotals({ registers, gateways, workers, bridges }),
    registers: shown(registers, MAX_NODES, trouble),
    gateways: shown(gateways, MAX_NODES, trouble),
    workers: shown(workers, MAX_NODES, trouble),
    links: shown(
      links,
      MAX_LINKS,
      ({ window, roundTrip, draining }) =>
        (draining ? 1e6 : 0) + window * 1e3 + roundTrip,
    ),
    bridges: shown(bridges, MAX_NODES, trouble),
    cells: shown(
      (report.bridges ?? []).flatMap(toCellRows),
      MAX_LINKS,
      ({ reachable, lost, lag }) => (reachable ? 0 : 1e9) + lost * 1e3 + lag,
    ),
    people: toPeople(report.gateways),
    ledger: toLedger(report.gateways),
  };
}

/** Every node there is. */
interface Nodes {
  readonly registers: readonly RegisterRow[];
  readonly gateways: readonly GatewayRow[];
  readonly workers: readonly WorkerRow[];
  readonly bridges: readonly BridgeRow[];
}

function toTotals({ registers, gateways, workers, bridges }: Nodes): Totals {
  const all: NodeRow[] = [...registers, ...gateways, ...workers, ...bridges];
  // Roles that run in one process tell of the same memory.
  const processes = onePerProcess(all);
  return {
    clients: sum(gateways, ({ clients }) => clients),
    messagesIn: tenths(sum(gateways, ({ messagesIn }) => messagesIn)),
    messagesOut: tenths(sum(gateways, ({ messagesOut }) => messagesOut)),
    p50: median(workers.map(({ p50 }) => p50).filter((p50) => p50 > 0)),
    p99: max(workers, ({ p99 }) => p99),
    roundTrip: max(gateways, ({ roundTrip }) => roundTrip),
    queued: sum(gateways, ({ queued }) => queued),
    parkedClients: sum(gateways, ({ parkedClients }) => parkedClients),
    waiting: sum(workers, ({ queued }) => queued),
    window: max(gateways, ({ window }) => window),
    memory: sum(processes, ({ memory }) => memory),
    cpu: sum(processes, ({ cpu }) => cpu),
    lag: max(all, ({ lag }) => lag),
  };
}

/** One row of each process. */
function onePerProcess<Row extends NodeRow>(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [processOf(row), row])).values()];
}

function toLedger(gateways: ClusterReport["gateways"]): LedgerTotals {
  const entries = gateways.map(({ ledger }) => fieldsOf(ledger));
  const total = (counter: string) =>
    sum(entries, (entry) => numberOf(entry[counter]));
  const counters = {
    accepted: total("accepted"),
    acknowledged: total("acknowledged"),
    inFlight: total("inFlight"),
    parked: total("parked"),
    poisoned: total("poisoned"),
    expired: total("expired"),
    redelivered: total("redelivered"),
    sent: total("sent"),
    dropped: total("dropped"),
  };
  return { ...counters, fates: FATES, missing: missingIn(counters) };
}

/** Who needs a look comes first, where not all are shown. */
function trouble({ state, lag }: { state: string; lag: number }): number {
  return (state === "ready" ? 0 : 1e6) + lag;
}

function shown<Row>(
  rows: readonly Row[],
  most: number,
  weight: (row: Row) => number,
): Shown<Row> {
  const total = rows.length;
  if (total <= most) return { total, rows };
  const byWeight = rows.toSorted((one, other) => weight(other) - weight(one));
  return { total, rows: byWeight.slice(0, most) };
}

function sum<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}

function max<Row>(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((most, row) => Math.max(most, of(row)), 0);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
