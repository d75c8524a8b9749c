/**
 * What the page shows of each node, made of what the node reports.
 *
 * @module
 */
import {
  type ClusterReport,
  isOverdue,
  type KnownNode,
  type RoleReport,
} from "../observe/report.ts";
import { fieldsOf, listOf, numberOf, textOf } from "./read_figures.ts";

/**
 * How a node is; `silent` is one that tells nothing, `overdue` one that does not any
 * more, and may be stopped.
 */
export type NodeState =
  | "ready"
  | "waiting"
  | "draining"
  | "silent"
  | "overdue";

/** What every node shows. */
export interface NodeRow {
  /** Differs for every start of every role. */
  readonly id: string;
  /** Its name, with its number among its like. */
  readonly name: string;
  /** Where it is. */
  readonly address: string;
  /** How it is. */
  readonly state: NodeState;
  /** Seconds since it told its figures. */
  readonly reportAge: number;
  /** Process id; 0 if unknown. */
  readonly pid: number;
  /** Seconds since it was started. */
  readonly uptime: number;
  /** Its version. */
  readonly version: string;
  /** Bytes of memory. */
  readonly memory: number;
  /** Cores in use. */
  readonly cpu: number;
  /** Delay of its event loop, in milliseconds. */
  readonly lag: number;
}

/** A Register. */
export interface RegisterRow extends NodeRow {
  /** Connections to it. */
  readonly connections: number;
}

/** A gateway. */
export interface GatewayRow extends NodeRow {
  /** Where clients connect. */
  readonly listen: string;
  /** Clients that are connected. */
  readonly clients: number;
  /** Most clients that it takes. */
  readonly maxClients: number;
  /** Events of clients a second. */
  readonly messagesIn: number;
  /** Messages to clients a second. */
  readonly messagesOut: number;
  /** Bytes that wait for clients to read them. */
  readonly queued: number;
  /** Clients that wait for a worker. */
  readonly parkedClients: number;
  /** Clients that have no socket and may come back to their sessions. */
  readonly away: number;
  /** Links to workers. */
  readonly links: number;
  /** Which part of its fullest window is used, 0 to 1. */
  readonly window: number;
  /** Its slowest heartbeat there and back, in milliseconds. */
  readonly roundTrip: number;
}

/** A worker. */
export interface WorkerRow extends NodeRow {
  /** Clients that are bound to it. */
  readonly clients: number;
  /** Events handled a second. */
  readonly messagesIn: number;
  /** Events received and not handled. */
  readonly queued: number;
  /** Events handled since the start. */
  readonly handled: number;
  /** Handlers that threw since the start. */
  readonly thrown: number;
  /** Handlers given up since the start. */
  readonly timedOut: number;
  /** Half of the handlers took no longer, in milliseconds. */
  readonly p50: number;
  /** All but one of a hundred took no longer, in milliseconds. */
  readonly p99: number;
  /** Links to gateways. */
  readonly links: number;
}

/** A link, as its gateway sees it. */
export interface LinkRow {
  /** Id of the gateway. */
  readonly gateway: string;
  /** Name of the gateway. */
  readonly gatewayName: string;
  /** Id of the worker. */
  readonly worker: string;
  /** Name of the worker. */
  readonly workerName: string;
  /** Clients that use it. */
  readonly clients: number;
  /** Events sent and not finished. */
  readonly inFlight: number;
  /** Which part of the window is used, 0 to 1. */
  readonly window: number;
  /** Whether the worker takes nothing new. */
  readonly draining: boolean;
  /** Milliseconds of a heartbeat there and back. */
  readonly roundTrip: number;
}

/** Makes the row of a Register. */
export function toRegisterRow(
  report: ClusterReport["registers"][number],
): RegisterRow {
  return { ...toNodeRow(report), connections: numberOf(report.connections) };
}

/** Makes the row of a gateway. */
export function toGatewayRow(
  report: ClusterReport["gateways"][number],
): GatewayRow {
  const links = listOf(report.links).map(fieldsOf);
  return {
    ...toNodeRow(report),
    listen: listOf(report.listen).map(textOf).join(", "),
    clients: numberOf(report.clients),
    maxClients: numberOf(report.maxClients),
    messagesIn: numberOf(report.messagesIn),
    messagesOut: numberOf(report.messagesOut),
    queued: numberOf(report.queued),
    parkedClients: numberOf(report.parkedClients),
    away: numberOf(fieldsOf(report.resume)["away"]),
    links: links.length,
    window: most(links, "window"),
    roundTrip: most(links, "roundTrip"),
  };
}

/** Makes the row of a worker. */
export function toWorkerRow(
  report: ClusterReport["workers"][number],
): WorkerRow {
  const latency = fieldsOf(report.latency);
  return {
    ...toNodeRow(report),
    clients: numberOf(report.clients),
    messagesIn: numberOf(report.messagesIn),
    queued: numberOf(report.queued),
    handled: numberOf(report.handled),
    thrown: numberOf(report.thrown),
    timedOut: numberOf(report.timedOut),
    p50: numberOf(latency["p50"]),
    p99: numberOf(latency["p99"]),
    links: listOf(report.links).length,
  };
}

/** Makes a row for each link of a gateway. */
export function toLinkRows(
  report: ClusterReport["gateways"][number],
  workerNames: ReadonlyMap<string, string>,
): LinkRow[] {
  const gatewayName = nameOf(report);
  return listOf(report.links).map(fieldsOf).map((link): LinkRow => ({
    gateway: report.id,
    gatewayName,
    worker: textOf(link["id"]),
    workerName: workerNames.get(textOf(link["id"])) ?? textOf(link["name"]),
    clients: numberOf(link["clients"]),
    inFlight: numberOf(link["inFlight"]),
    window: numberOf(link["window"]),
    draining: link["draining"] === true,
    roundTrip: numberOf(link["roundTrip"]),
  }));
}

/** Returns the name of a node, with its number if it tells one. */
export function nameOf(report: KnownNode<RoleReport>): string {
  const name = textOf(report.name) || "unnamed";
  return report.index === undefined
    ? name
    : `${name} ${numberOf(report.index)}`;
}

/** Names the process that a node runs in, which several may share. */
export function processOf(
  { id, pid, address }: Pick<KnownNode<RoleReport>, "id" | "pid" | "address">,
): string {
  const host = textOf(address).replace(/:\d+$/, "");
  return numberOf(pid) === 0 ? textOf(id) : `${host} ${pid}`;
}

function toNodeRow(report: KnownNode<RoleReport>): NodeRow {
  return {
    id: textOf(report.id),
    name: nameOf(report),
    address: textOf(report.address),
    state: isOverdue(report) ? "overdue" : toState(report.state),
    reportAge: numberOf(report.reportAge),
    pid: numberOf(report.pid),
    uptime: numberOf(report.uptime),
    version: textOf(report.version),
    memory: numberOf(report.memory),
    cpu: numberOf(report.cpu),
    lag: numberOf(report.lag),
  };
}

function toState(state: unknown): NodeState {
  return state === "ready" || state === "waiting" || state === "draining"
    ? state
    : "silent";
}

function most(
  links: readonly Readonly<Record<string, unknown>>[],
  field: string,
): number {
  return links.reduce((max, link) => Math.max(max, numberOf(link[field])), 0);
}
