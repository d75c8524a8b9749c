import { isIP } from "node:net";
import { parseAddress } from "../base/address.ts";

/** Options for {@linkcode Gateway.start}. */
export interface GatewayOptions {
  /**
   * Where clients connect: `scheme://host:port`, port 0 for any free one. Schemes:
   * `ws`, `text`, `frame`, `tcp`.
   *
   * @default {["ws://0.0.0.0:8282"]}
   */
  readonly listen?: readonly string[];
  /**
   * Addresses of the Registers, `host:port`; what any of them knows counts.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: readonly string[];
  /**
   * The address that workers reach this gateway at; part of every client id.
   *
   * @default {"127.0.0.1"}
   */
  readonly lanIp?: string;
  /** The address to listen on for workers, if not `lanIp`: for containers and NAT. */
  readonly lanListen?: string;
  /**
   * Port for workers; 0 for any free one.
   *
   * @default {2000}
   */
  readonly startPort?: number;
  /**
   * Name, for people.
   *
   * @default {"Gateway"}
   */
  readonly name?: string;
  /** The secret of the cluster; a list while it is being changed. None by default. */
  readonly secretKey?: string | readonly string[];
  /**
   * Seconds between two heartbeats to clients; 0 for none.
   *
   * @default {0}
   */
  readonly pingInterval?: number;
  /** What is sent to a client that is silent; nothing by default. */
  readonly pingData?: string;
  /**
   * Heartbeats without a message from the client after which it is destroyed; 0
   * for never.
   *
   * @default {0}
   */
  readonly pingNotResponseLimit?: number;
  /**
   * Largest client message, in bytes.
   *
   * @default {10_485_760}
   */
  readonly maxMessage?: number;
  /**
   * Bytes that may wait for a client that does not read.
   *
   * @default {1_024_000}
   */
  readonly sendBuffer?: number;
  /**
   * Most clients at a time.
   *
   * @default {15_000}
   */
  readonly maxConnections?: number;
  /**
   * Bytes of events that a worker may have unacknowledged.
   *
   * @default {1_048_576}
   */
  readonly window?: number;
  /**
   * Milliseconds that clients wait when there is no worker.
   *
   * @default {30_000}
   */
  readonly parkTimeout?: number;
  /**
   * Bytes of one client that may wait for a worker; then it is not read any more.
   *
   * @default {65_536}
   */
  readonly parkBytes?: number;
  /**
   * Bytes of all clients together that may wait for workers.
   *
   * @default {67_108_864}
   */
  readonly parkTotal?: number;
  /**
   * Lost workers after which an event that each of them had in flight is set aside.
   *
   * @default {3}
   */
  readonly maxDeliveries?: number;
  /**
   * Largest session, in bytes of CBOR.
   *
   * @default {65_536}
   */
  readonly maxSession?: number;
  /**
   * Milliseconds between two heartbeats on links with workers.
   *
   * @default {5_000}
   */
  readonly linkHeartbeat?: number;
  /**
   * Milliseconds that a shutdown may take to let workers handle the last events.
   *
   * @default {10_000}
   */
  readonly stopTimeout?: number;
  /** Whether several processes share the client port; needs `--unstable-net`. */
  readonly reusePort?: boolean;
  /** Shuts the gateway down when aborted. */
  readonly signal?: AbortSignal;
}

/** {@linkcode GatewayOptions} with every default filled in. */
export type ResolvedGatewayOptions =
  & Required<Omit<GatewayOptions, "signal" | "secretKey" | "lanListen">>
  & {
    readonly secretKeys: readonly string[];
    readonly lanListen: string;
    readonly signal: AbortSignal | undefined;
  };

/**
 * Fills in the defaults and rejects impossible values.
 *
 * @throws {TypeError} If an address is none.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveGatewayOptions(
  options: GatewayOptions,
): ResolvedGatewayOptions {
  const {
    listen = ["ws://0.0.0.0:8282"],
    register = ["127.0.0.1:1236"],
    lanIp = "127.0.0.1",
    lanListen = lanIp,
    startPort = 2000,
    name = "Gateway",
    secretKey = [],
    pingInterval = 0,
    pingData = "",
    pingNotResponseLimit = 0,
    maxMessage = 10_485_760,
    sendBuffer = 1_024_000,
    maxConnections = 15_000,
    window = 1_048_576,
    parkTimeout = 30_000,
    parkBytes = 65_536,
    parkTotal = 67_108_864,
    maxDeliveries = 3,
    maxSession = 65_536,
    linkHeartbeat = 5_000,
    stopTimeout = 10_000,
    reusePort = false,
    signal,
  } = options;
  for (const address of register) parseAddress(address);
  checkLanIp(lanIp);
  const least = {
    startPort: [startPort, 0, 65_535],
    pingInterval: [pingInterval, 0, 86_400],
    pingNotResponseLimit: [pingNotResponseLimit, 0, 1_000],
    maxMessage: [maxMessage, 1, 67_108_864],
    sendBuffer: [sendBuffer, 1, Infinity],
    maxConnections: [maxConnections, 1, Infinity],
    window: [window, 1, Infinity],
    parkTimeout: [parkTimeout, 0, Infinity],
    parkBytes: [parkBytes, 0, Infinity],
    parkTotal: [parkTotal, 0, Infinity],
    maxDeliveries: [maxDeliveries, 1, 1_000],
    maxSession: [maxSession, 1, 1_048_576],
    linkHeartbeat: [linkHeartbeat, 1, Infinity],
    stopTimeout: [stopTimeout, 0, Infinity],
  } satisfies Record<string, [number, number, number]>;
  for (const [key, [value, min, max]] of Object.entries(least)) {
    if (value >= min && value <= max) continue;
    throw new RangeError(
      `Cannot start gateway as ${key} must be ${min} to ${max}: current value is ${value}`,
    );
  }
  return {
    listen,
    register,
    lanIp,
    lanListen,
    startPort,
    name,
    secretKeys: typeof secretKey === "string" ? keyList(secretKey) : secretKey,
    pingInterval,
    pingData,
    pingNotResponseLimit,
    maxMessage,
    sendBuffer,
    maxConnections,
    window,
    parkTimeout,
    parkBytes,
    parkTotal,
    maxDeliveries,
    maxSession,
    linkHeartbeat,
    stopTimeout,
    reusePort,
    signal,
  };
}

function keyList(key: string): string[] {
  return key === "" ? [] : [key];
}

function checkLanIp(lanIp: string): void {
  const anyHost = lanIp === "0.0.0.0" || lanIp === "::" || lanIp === "";
  if (!anyHost && (isIP(lanIp) !== 0 || /^[\w.-]+$/.test(lanIp))) return;
  throw new TypeError(
    `Cannot start gateway as lanIp must be an address that workers can reach: current value is "${lanIp}"`,
  );
}
