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
  /** How many of these wait for a label that no worker has, and for which. */
  readonly lacks: string;
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
  /** What it is told apart by. */
  readonly labels: string;
  /** How many clients it wants, as a multiple of others. */
  readonly weight: number;
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

/** A bridge to other cells. */
export interface BridgeRow extends NodeRow {
  /** Its cell. */
  readonly cell: string;
  /** How many shards of the cell it answers for. */
  readonly active: number;
  /** Its server of NATS; `down` without a connection, `cut off` if it does not hear itself. */
  readonly nats: string;
  /** Workers and programs that are linked. */
  readonly workers: number;
  /** Gateways that are linked. */
  readonly gateways: number;
  /** Messages whose seal was wrong. */
  readonly forged: number;
}

/** Another cell, as a bridge sees it. */
export interface CellRow {
  /** Id of the bridge. */
  readonly bridge: string;
  /** Where the bridge is: both of a cell have the same name. */
  readonly seenBy: string;
  /** The other cell. */
  readonly cell: string;
  /** Whether one of its bridges was heard of late. */
  readonly reachable: boolean;
  /** Seconds since one was heard. */
  readonly silentFor: number;
  /** Frames sent to it since the start. */
  readonly sent: number;
  /** Frames that came from it since the start. */
  readonly received: number;
  /** Frames that it has not acknowledged. */
  readonly unacknowledged: number;
  /** Their bytes. */
  readonly window: number;
  /** Age of the oldest of these, in milliseconds. */
  readonly lag: number;
  /** Milliseconds that the last acknowledgement took. */
  readonly roundTrip: number;
  /** Frames that were sent again. */
  readonly resent: number;
  /** Frames that are lost. */
  readonly lost: number;
  /** Which reasons there were for that. */
  readonly reasons: string;
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

type Bridge = NonNullable<ClusterReport["bridges"]>[number];

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
    lacks: Object.entries(fieldsOf(report.lacks))
      .map(([label, count]) => `${numberOf(count)} ${textOf(label)}`)
      .join(", "),
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
    labels: Object.entries(fieldsOf(report.labels))
      .map(([name, value]) => `${textOf(name)}=${textOf(value)}`).join(", "),
    weight: numberOf(report.weight) || 1,
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

/** Makes the row of a bridge. */
export function toBridgeRow(report: Bridge): BridgeRow {
  const nats = fieldsOf(report.nats);
  const server = textOf(nats["server"]);
  return {
    ...toNodeRow(report),
    cell: textOf(report.cell),
    active: listOf(report.shards).map(fieldsOf)
      .filter(({ active }) => active === true).length,
    nats: nats["connected"] !== true
      ? "down"
      : nats["cutOff"] === true
      ? "cut off"
      : server,
    workers: numberOf(report.workers),
    gateways: numberOf(report.gateways),
    forged: numberOf(report.forged),
  };
}

/** Makes a row for each other cell that a bridge knows. */
export function toCellRows(report: Bridge): CellRow[] {
  return listOf(report.cells).map(fieldsOf).map((cell): CellRow => {
    const unacknowledged = fieldsOf(cell["unacknowledged"]);
    const lost = Object.entries(fieldsOf(cell["lost"]))
      .map(([reason, count]) => [reason, numberOf(count)] as const)
      .filter(([, count]) => count > 0);
    return {
      bridge: report.id,
      seenBy: textOf(report.address),
      cell: textOf(cell["cell"]),
      reachable: cell["reachable"] === true,
      silentFor: numberOf(cell["silentFor"]),
      sent: numberOf(cell["sent"]),
      received: numberOf(cell["received"]),
      unacknowledged: numberOf(unacknowledged["frames"]),
      window: numberOf(unacknowledged["bytes"]),
      lag: numberOf(cell["lag"]),
      roundTrip: numberOf(cell["roundTrip"]),
      resent: numberOf(cell["resent"]),
      lost: lost.reduce((sum, [, count]) => sum + count, 0),
      reasons: lost.map(([reason, count]) => `${count} ${reason}`).join(", "),
    };
  });
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
