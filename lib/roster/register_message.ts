import type { ClusterReport } from "../observe/report.ts";

/**
 * What a role may tell about itself beside what the protocol asks for. A peer
 * that does not know these fields ignores them.
 */
export interface PeerFacts {
  /** The operator's name for a group of processes, such as `ChatGateway`. */
  readonly name?: string;
  /** Names this run of this process. */
  readonly instance?: string;
  /** Version of the software. */
  readonly version?: string;
  /** What the peer is: a worker, or a program that only sends. */
  readonly role?: string;
  /** Process id on the peer's machine. */
  readonly pid?: number;
  /** Whether it speaks with nodes of the original. */
  readonly php?: boolean;
  /** Whether a gateway wants to be told, as workers are, where gateways are. */
  readonly list?: boolean;
}

/** A gateway announces where workers reach it. It is never answered. */
export interface GatewayConnect extends PeerFacts {
  /** Says which message this is. */
  readonly event: "gateway_connect";
  /** `host:port` of the gateway's listener for workers. */
  readonly address: string;
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/**
 * A bridge announces where workers reach it, and asks for the gateways' addresses: it
 * joins its cluster, a cell, with others.
 */
export interface BridgeConnect extends PeerFacts {
  /** Says which message this is. */
  readonly event: "bridge_connect";
  /** `host:port` of the bridge's listener for workers. */
  readonly address: string;
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** A worker, or a program that sends, asks for the gateways' addresses. */
export interface WorkerConnect extends PeerFacts {
  /** Says which message this is. */
  readonly event: "worker_connect";
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** A peer shows that it is there. */
export interface Ping {
  /** Says which message this is. */
  readonly event: "ping";
  /**
   * Most milliseconds until the next one, of a node that a Register told its
   * heartbeat. Only such a ping is answered.
   */
  readonly every?: number | undefined;
}

/** The Register shows that it is there. */
export interface Pong {
  /** Says which message this is. */
  readonly event: "pong";
}

/** The Register tells all gateways' addresses; each list replaces the one before. */
export interface BroadcastAddresses {
  /** Says which message this is. */
  readonly event: "broadcast_addresses";
  /** One `host:port` for each gateway, without duplicates. */
  readonly addresses: readonly string[];
  /** The same for gateways of the original; told to those that speak with such. */
  readonly phpAddresses?: readonly string[];
  /** One `host:port` for each bridge; absent where there is none. Nodes of PHP hear nothing of it. */
  readonly bridges?: readonly string[];
}

/** A node that has a secret key asks for a nonce to prove it. */
export interface Hello {
  /** Says which message this is. */
  readonly event: "hello";
  /** 32 fresh random bytes of the node, in hex. */
  readonly nonce: string;
}

/** The Register's answer to a hello. */
export interface Challenge {
  /** Says which message this is. */
  readonly event: "challenge";
  /** 32 fresh random bytes of the Register, in hex. */
  readonly nonce: string;
}

/** A node says something and proves that it knows a secret key; see `register_proof.ts`. */
export interface Signed {
  /** Says which message this is. */
  readonly event: "signed";
  /** Another message as it would stand on a line of its own. */
  readonly line: string;
  /** A proof of 32 bytes for each key that the node knows, in hex. */
  readonly proofs: string;
}

/**
 * The Register tells a peer of our own kind, one that named its instance, that it
 * takes reports.
 */
export interface RegisterWelcome {
  /** Says which message this is. */
  readonly event: "welcome";
  /** That the Register knows the secret key, in hex; for a node that has proved it. */
  readonly proof?: string | undefined;
  /** Version of the Register's software. */
  readonly version?: string;
  /**
   * How often the Register would like to be pinged, in milliseconds: it then answers.
   * Older Registers say nothing of it, and do not.
   */
  readonly heartbeat?: number;
}

/** The Register tells a gateway that another one announces the same address. */
export interface Conflict {
  /** Says which message this is. */
  readonly event: "conflict";
  /** What both announce. */
  readonly address: string;
  /** The other one's name. */
  readonly name: string;
  /** Where the other one's link comes from. */
  readonly remoteAddress: string;
}

/** A gateway or worker tells how it is; only after a welcome. It is never answered. */
export interface Report {
  /** Says which message this is. */
  readonly event: "report";
  /** See `lib/observe/report.ts`. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** Somebody asks how the cluster is. */
export interface StatusQuery {
  /** Says which message this is. */
  readonly event: "status";
  /** The shared key; absent means empty. */
  readonly secretKey?: string;
}

/** How the cluster is, as the Register answers. */
export interface StatusReply {
  /** Says which message this is. */
  readonly event: "status_reply";
  /** All that the Register knows. */
  readonly status: ClusterReport;
}

/** An event this version does not know, or one whose fields are wrong. */
export interface Unrecognized {
  /** Says which message this is. */
  readonly event: "unrecognized";
  /** What is wrong; holds nothing that the sender must keep secret. */
  readonly reason: string;
}

/** Whatever can be said on a link to the Register. */
export type RegisterMessage =
  | GatewayConnect
  | BridgeConnect
  | WorkerConnect
  | Ping
  | Pong
  | Conflict
  | Hello
  | Challenge
  | Signed
  | RegisterWelcome
  | Report
  | StatusQuery
  | StatusReply
  | BroadcastAddresses;

const encoder = new TextEncoder();

/** Writes a message as one line, line feed included. */
export function encodeRegisterMessage(message: RegisterMessage): Uint8Array {
  return encoder.encode(`${JSON.stringify(toWire(message))}\n`);
}

function toWire(message: RegisterMessage): unknown {
  switch (message.event) {
    case "gateway_connect":
    case "bridge_connect":
    case "worker_connect":
    case "status": {
      const { secretKey = "", ...rest } = message;
      return { ...rest, "secret_key": secretKey };
    }
    case "status_reply":
      return { event: "status", ...message.status };
    case "broadcast_addresses": {
      const { phpAddresses, ...rest } = message;
      return phpAddresses === undefined
        ? rest
        : { ...rest, "php_addresses": phpAddresses };
    }
    case "ping":
    case "pong":
    case "conflict":
    case "hello":
    case "challenge":
    case "signed":
    case "welcome":
    case "report":
      return message;
    default:
      return message satisfies never;
  }
}
