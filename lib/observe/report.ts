/**
 * What roles tell about themselves, as data: for `status`, for health checks, for
 * metrics and for pages that show them. All of it is small, and none of it is a
 * client's.
 *
 * @module
 */

import type { LimitFigures, RefusalFigures } from "./limits_report.ts";
import type { NoticeFigures } from "./notice_figures.ts";
import type { PhpReport } from "./php_report.ts";
import type { Durations, Latency } from "./distribution.ts";
import type {
  GatewayPresenceReport,
  PeopleReport,
  WorkerPresenceReport,
} from "./people_report.ts";
import type { ResumeReport } from "./resume_report.ts";
import type { TapReport } from "./tap_report.ts";

/** What a process is, and what it uses. */
export interface ProcessFigures {
  /** Process id. */
  readonly pid: number;
  /** Seconds since the role was started. */
  readonly uptime: number;
  /** Version of this package. */
  readonly version: string;
  /** Memory of the process, in bytes. */
  readonly memory: number;
  /** Cores in use, on average over the last second. */
  readonly cpu: number;
  /** Longest delay of the event loop of late, in milliseconds. */
  readonly lag: number;
}

/** Something worth knowing that happened: a log line, without its level's noise. */
export interface ReportedEvent {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** `info`, `warn` or `error`. */
  readonly level: string;
  /** What happened, in a sentence. */
  readonly text: string;
}

/** `waiting`: it lacks a peer. `draining`: it was told to stop. */
export type RoleState = "ready" | "waiting" | "draining";

/** What every role tells. */
export interface RoleReport extends ProcessFigures {
  /** Differs for every start of every role. */
  readonly id: string;
  /** Its name, for people. */
  readonly name: string;
  /** Its number among its like on its machine. */
  readonly index: number;
  /** Where it is reached, `host:port`; of a worker, where it comes from if known. */
  readonly address: string;
  /** Whether it does its work. */
  readonly state: RoleState;
  /** How often its supervisor started it again; absent without one. */
  readonly restarts?: number;
  /** What happened of late, the newest last. */
  readonly events: readonly ReportedEvent[];
}

/** A link between a gateway and a worker, as one of them sees it. */
export interface LinkReport {
  /** The id of the role at the other end. */
  readonly id: string;
  /** Its name. */
  readonly name: string;
  /** Its end of the link, `host:port`. */
  readonly address: string;
  /** Clients that use the link. */
  readonly clients: number;
  /** Events that are sent and not finished. */
  readonly inFlight: number;
  /** Which part of the window they fill, 0 to 1; only a gateway knows. */
  readonly window: number;
  /** Whether the worker takes nothing new. */
  readonly draining: boolean;
  /** Milliseconds that the last heartbeat took there and back. */
  readonly roundTrip: number;
  /** Whether the worker is one of the original; absent if not. */
  readonly php?: boolean;
  /** What the worker is told apart by; absent for none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How many clients it wants, as a multiple of others; absent for 1. */
  readonly weight?: number;
}

/** How far a gateway is that sends clients away, one after another. */
export interface DrainReport {
  /** Clients that were told to go, or closed, since the start. */
  readonly told: number;
  /** Clients whose turn is still to come. */
  readonly waiting: number;
  /** Clients that were told to connect elsewhere, and are still here. */
  readonly going: number;
}

/** What became of a gateway's claims to sessions of others, and of others' claims to its own. */
export interface ClaimFigures {
  /** Claims that it made since the start. */
  readonly made: number;
  /** Sessions that came by them. */
  readonly landed: number;
  /** Claims that brought none, by reason. */
  readonly failed: Readonly<Record<string, number>>;
  /** Sessions that went to other gateways since the start. */
  readonly given: number;
  /** Claims of others that got none, by reason. */
  readonly denied: Readonly<Record<string, number>>;
  /** Messages left out for clients on their way here, as their senders count none. */
  readonly unstamped: number;
  /** Clients of whom it is known to which gateway they have gone. */
  readonly remembered: number;
}

/** What became of requests at a gateway or a worker. */
export interface RequestFigures {
  /** Requests of clients that are not answered. */
  readonly open: number;
  /** Of these, at a worker, requests that may outlast their handlers. */
  readonly detached?: number;
  /** Requests answered since the start. */
  readonly answered: number;
  /** Requests that were told since the start that there is no answer. */
  readonly failed: number;
  /** Questions to clients, at a gateway, that wait for answers. */
  readonly asks?: number;
}

/** What a gateway tells. */
export interface GatewayReport extends RoleReport {
  /** First 12 hex digits of its clients' ids. */
  readonly gatewayId: string;
  /** Where clients connect. */
  readonly listen: readonly string[];
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
  /** By what the worker of a client is chosen; older gateways know one way only. */
  readonly route?: string;
  /** How many clients wait for a label that no worker has, by label; absent for none. */
  readonly lacks?: Readonly<Record<string, number>>;
  /** How sessions are that may outlive their sockets; absent where none may. */
  readonly resume?: ResumeReport;
  /** How far it is with clients that it sends away; older gateways tell nothing of it. */
  readonly drain?: DrainReport;
  /** Clients that were told to come later since the start, as too many came. */
  readonly later?: number;
  /** What became of sessions between it and other gateways; absent where there are none. */
  readonly claims?: ClaimFigures;
  /** How often limits were exceeded since the start; older gateways tell nothing of it. */
  readonly limits?: LimitFigures;
  /** Who may not come in; older gateways tell nothing of it. */
  readonly refusals?: RefusalFigures;
  /** Another gateway that announces the same address, as the Register found. */
  readonly conflict?: string;
  /** What became of all events and messages since the start. */
  readonly ledger: Readonly<Record<string, number>>;
  /** What became of clients' requests. */
  readonly requests?: RequestFigures;
  /** What people notice; older gateways tell nothing of it. */
  readonly people?: PeopleReport;
  /** Who is here, as far as workers watch; older gateways tell nothing of it. */
  readonly presence?: GatewayPresenceReport;
  /** Who taps which clients now; absent for nobody. */
  readonly taps?: readonly TapReport[];
  /** Its links to workers; no more than so many. */
  readonly links: readonly LinkReport[];
  /** What passes between it and nodes of the original; absent where none may connect. */
  readonly php?: PhpReport;
}

/** What a worker tells. */
export interface WorkerReport extends RoleReport {
  /** What it is told apart by; absent for none. */
  readonly labels?: Readonly<Record<string, string>>;
  /** How many clients it wants, as a multiple of others; absent for 1. */
  readonly weight?: number;
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
  /** Handlers that were given up since the start. */
  readonly timedOut: number;
  /** Bytes that wait to leave for gateways. */
  readonly waitingBytes?: number;
  /** Sends and calls not taken since the start, as too much waited for their gateway. */
  readonly refused?: number;
  /** Sends to other cells that were lost since the start, as no bridge was active. */
  readonly lostAbroad?: number;
  /** What became of requests. */
  readonly requests?: RequestFigures;
  /** What became of what workers say to each other; older ones know nothing of it. */
  readonly notices?: NoticeFigures;
  /** Who comes and goes in what it watches; absent where that is nothing. */
  readonly watched?: WorkerPresenceReport;
  /** How long handlers took of late. */
  readonly latency: Latency;
  /** How long handlers took since the start; some stand for others like them. */
  readonly durations?: Durations;
  /** Its links to gateways; no more than so many. */
  readonly links: readonly LinkReport[];
}

/** What became of what a bridge sends to another cell, and how that cell is. */
export interface CellReport {
  /** The other cell. */
  readonly cell: string;
  /** Whether its bridges were heard of late: if not, nobody knows how it is. */
  readonly reachable: boolean;
  /** Seconds since one of its bridges was heard. */
  readonly silentFor: number;
  /** Milliseconds that the last acknowledgement took. */
  readonly roundTrip: number;
  /** Frames sent to it since the start, each counted once. */
  readonly sent: number;
  /** Frames that came from it since the start. */
  readonly received: number;
  /** What it has not acknowledged. */
  readonly unacknowledged: {
    /** How many frames. */
    readonly frames: number;
    /** Their bytes. */
    readonly bytes: number;
  };
  /** Milliseconds since the oldest of these was taken; 0 if there is none. */
  readonly lag: number;
  /** Frames that were sent again since the start. */
  readonly resent: number;
  /** Frames that came again, and were dropped, since the start. */
  readonly duplicates: number;
  /** Frames for it that are lost, since the start, by reason. */
  readonly lost: {
    /** Too much was not acknowledged. */
    readonly window: number;
    /** It was silent for too long. */
    readonly silent: number;
    /** This bridge, or the cell's, was replaced by another. */
    readonly epoch: number;
    /** Longer than NATS takes. */
    readonly tooLarge: number;
    /** That cell does not take this from here. */
    readonly refused: number;
  };
  /** Names that it said nobody there has. */
  readonly absentNames: number;
  /** Frames that came from it for names that nobody here has, since the start. */
  readonly withoutInterest: number;
}

/** What a bridge tells. */
export interface BridgeReport extends RoleReport {
  /** Its cell. */
  readonly cell: string;
  /** What all cells together are called. */
  readonly cluster: string;
  /** Its connection to NATS. */
  readonly nats: {
    /** Whether it is up. */
    readonly connected: boolean;
    /** The server, `host:port`; empty if there is none. */
    readonly server: string;
    /** Whether the bridge does not hear itself, so that it knows nothing of others. */
    readonly cutOff: boolean;
    /** How often it was connected anew. */
    readonly reconnects: number;
  };
  /** The shards that it is active for or stands by for. */
  readonly shards: readonly {
    /** Its number, from 0. */
    readonly shard: number;
    /** Since when it is active, as a number that only grows; 0 if it stands by. */
    readonly epoch: number;
    /** Whether it is active. */
    readonly active: boolean;
  }[];
  /** Workers and programs that are linked. */
  readonly workers: number;
  /** Gateways that are linked. */
  readonly gateways: number;
  /** The other cells. */
  readonly cells: readonly CellReport[];
  /** Messages that were not what they claimed to be, since the start. */
  readonly forged: number;
}

/** What a Register tells. */
export interface RegisterReport extends RoleReport {
  /** Connections, of peers and others. */
  readonly connections: number;
}

/**
 * What is known of a node: its report, or, if it sends none as an original one, who
 * and where it is.
 */
export type KnownNode<Report extends RoleReport> =
  & Partial<Report>
  & Pick<Report, "id" | "name" | "address" | "uptime">
  & {
    /** Seconds since its report; absent if it tells nothing, or tells it right now. */
    readonly reportAge?: number;
  };

/** Seconds after which a node that reports once a second stands still. */
const OVERDUE = 5;

/** Whether a node does not report any more, so that all it told is of the past. */
export function isOverdue(
  { reportAge = 0 }: Pick<KnownNode<RoleReport>, "reportAge">,
): boolean {
  return reportAge > OVERDUE;
}

/** Everything that a Register or a supervisor knows. */
export interface ClusterReport {
  /** The Registers. */
  readonly registers: readonly KnownNode<RegisterReport>[];
  /** The gateways. */
  readonly gateways: readonly KnownNode<GatewayReport>[];
  /** The workers. */
  readonly workers: readonly KnownNode<WorkerReport>[];
  /** The bridges to other cells; absent where there is none. */
  readonly bridges?: readonly KnownNode<BridgeReport>[];
}

/** Most links that a report lists. */
export const MAX_LINKS = 200;

/** Puts reports together; of two about the same role, the first counts. */
export function mergeReports(
  reports: readonly ClusterReport[],
): ClusterReport {
  const bridges = reports.flatMap((each) => each.bridges ?? []);
  return {
    ...(bridges.length > 0 && { bridges: distinct(bridges) }),
    registers: distinct(reports.flatMap(({ registers }) => registers)),
    gateways: distinct(reports.flatMap(({ gateways }) => gateways)),
    workers: distinct(reports.flatMap(({ workers }) => workers)),
  };
}

function distinct<Entry extends { readonly id: string }>(
  entries: readonly Entry[],
): Entry[] {
  const byId = new Map<string, Entry>();
  for (const entry of entries) {
    if (!byId.has(entry.id)) byId.set(entry.id, entry);
  }
  return [...byId.values()];
}
