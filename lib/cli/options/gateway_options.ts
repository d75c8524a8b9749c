import {
  bytes,
  DIALABLE_HOST,
  HOST,
  LISTEN_URLS,
  SECONDS,
  text,
  wholeNumber,
} from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What only gateways are told. */
export interface GatewaySettings {
  /** Where the clients come in. */
  listen: readonly string[];
  /** Address that workers dial this machine's gateways at; empty to find it. */
  lanIp: string;
  /** Address that a gateway's port for workers is bound to; empty for `lanIp`. */
  lanListen: string;
  /** Port for workers of the first gateway; the next ones follow. */
  startPort: number;
  /** Seconds between heartbeats; 0 for none. */
  pingInterval: number;
  /** What a heartbeat sends to clients; empty for nothing. */
  pingData: string;
  /** Heartbeats that a client may miss; 0 for any number. */
  pingNotResponseLimit: number;
  /** Longest message of a client, in bytes. */
  maxMessage: number;
  /** Most bytes queued for a client. */
  sendBuffer: number;
  /** Most clients of one gateway. */
  maxConnections: number;
  /** Bytes of events that a worker may have unacknowledged. */
  window: number;
  /** Seconds that clients wait for a worker. */
  parkTimeout: number;
  /** Bytes of one client that may wait for a worker. */
  parkBytes: number;
  /** Bytes of all clients that may wait for a worker. */
  parkTotal: number;
  /** Lost workers after which an event is set aside. */
  maxDeliveries: number;
  /** Largest session, in bytes. */
  maxSession: number;
  /** Seconds that a stopping gateway waits for the last events to be handled. */
  closeTimeout: number;
}

/** The options of gateways. */
export const GATEWAY_OPTIONS: OptionTable<GatewaySettings> = {
  listen: {
    name: "listen",
    kind: LISTEN_URLS,
    default: ["ws://0.0.0.0:8282"],
    help: "Where clients connect, and what they speak; repeatable",
  },
  lanIp: {
    name: "lan-ip",
    kind: DIALABLE_HOST,
    default: "",
    help: "Address or name that workers on other machines dial this one at",
    defaultText:
      "127.0.0.1 with a Register on this machine, else its network address",
  },
  lanListen: {
    name: "lan-listen",
    kind: HOST,
    default: "",
    help:
      "Address to listen on for workers, if it is not lan-ip (NAT, containers)",
    defaultText: "lan-ip",
  },
  startPort: {
    name: "start-port",
    kind: wholeNumber(0, 65_535),
    default: 2000,
    help: "Port for workers of the first gateway; the next ones count up",
  },
  pingInterval: {
    name: "ping-interval",
    kind: SECONDS,
    default: 55,
    help: "Heartbeat of clients, in seconds, which proxies need; 0 is off",
  },
  pingData: {
    name: "ping-data",
    kind: text("TEXT"),
    default: "",
    help: "What to send to an idle client at each heartbeat",
    defaultText: "the ping of WebSocket",
  },
  pingNotResponseLimit: {
    name: "ping-not-response-limit",
    kind: wholeNumber(0, 1000),
    default: 0,
    help: "Close a client that was silent for so many heartbeats; 0 is never",
  },
  maxMessage: {
    name: "max-message",
    kind: bytes(64),
    default: 10 * 1024 ** 2,
    help: "Longest message that a client may send, in bytes",
    defaultText: "10m",
  },
  sendBuffer: {
    name: "send-buffer",
    kind: bytes(1024),
    default: 1_024_000,
    help: "Most bytes queued for one client that does not read",
  },
  maxConnections: {
    name: "max-connections",
    kind: wholeNumber(1),
    default: 15_000,
    help: "Most clients of one gateway process; each takes a file descriptor",
  },
  window: {
    name: "window",
    kind: bytes(1024),
    default: 1024 ** 2,
    help:
      "Bytes of events that a worker may have unfinished before its clients are not read",
    defaultText: "1m",
  },
  parkTimeout: {
    name: "park-timeout",
    kind: SECONDS,
    default: 30,
    help: "Seconds that clients wait for a worker, then close code 1013",
  },
  parkBytes: {
    name: "park-bytes",
    kind: bytes(1024),
    default: 64 * 1024,
    help: "Bytes of one client that may wait for a worker, and 256 an event",
    defaultText: "64k",
  },
  parkTotal: {
    name: "park-total",
    kind: bytes(65_536),
    default: 64 * 1024 ** 2,
    help:
      "Bytes of all clients of a gateway that may wait for a worker or a slow handler, and 256 an event",
    defaultText: "64m",
  },
  maxDeliveries: {
    name: "max-deliveries",
    kind: wholeNumber(1, 1000),
    default: 3,
    help: "Workers lost with the same event after which it is set aside",
  },
  maxSession: {
    name: "max-session",
    kind: bytes(1),
    default: 64 * 1024,
    help: "Largest session of a client, in bytes",
    defaultText: "64k",
  },
  closeTimeout: {
    name: "close-timeout",
    kind: SECONDS,
    default: 10,
    help:
      "Seconds that a stopping gateway waits for its clients' last events to be handled",
  },
};
