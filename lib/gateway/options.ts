import { parseAddress, whyNotDialable } from "../base/address.ts";
import { checkRanges, withDefaults } from "../base/quantity.ts";
import { findLanIp } from "../peer/lan_ip.ts";
import type { ListenTrustOptions } from "../peer/trust.ts";
import {
  type ClientOptions,
  resolveClientOptions,
  type ResolvedClientOptions,
} from "./clients/client_options.ts";
import {
  type Limits,
  type ResolvedLimits,
  resolveLimits,
} from "./clients/limits_options.ts";
import { CLIENT_QUANTITIES } from "./clients/quantities.ts";
import { type PhpOptions, resolvePhpOptions } from "./php/php_options.ts";
import { GATEWAY_QUANTITIES } from "./quantities.ts";
import type { RouteFunction } from "./workers/route_function.ts";
import { resolveRoute, type RouteRule } from "./workers/route_rule.ts";

/** Options for {@linkcode Gateway.start}. */
export interface GatewayOptions
  extends ListenTrustOptions, ClientOptions, PhpOptions {
  /**
   * Addresses of the Registers, `host:port`; what any of them knows counts.
   *
   * @default {["127.0.0.1:1236"]}
   */
  readonly register?: readonly string[];
  /**
   * The IP address or host name that workers reach this gateway at; part of every
   * client id. By default 127.0.0.1 while every Register is on this machine,
   * otherwise the machine's address in the network.
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
  /**
   * Bytes of events that a worker may have unacknowledged.
   *
   * @default {1_048_576}
   */
  readonly window?: number;
  /**
   * Limits of all clients together that have a uid, or come from a range of addresses;
   * none by default. See docs/limits.md.
   */
  readonly limits?: Limits;
  /**
   * Bits of an IPv4 address that limits by address take for one address, 1 to 32, as
   * `addressPrefix` for IPv6.
   *
   * @default {32}
   */
  readonly addressPrefixV4?: number;
  /**
   * By what the worker of a client is chosen: `least` is whoever has fewest clients of
   * this gateway, by weight; `hash:uid` and `hash:header:NAME` the same worker for the
   * same uid or header, at every gateway; `label` one with the labels that `authorize`
   * grants as `worker`, or, with `label:path:LABEL` or `label:header:NAME:LABEL`, that the
   * client's request asks for; a function says itself. See docs/routing.md.
   *
   * @default {"least"}
   */
  readonly route?: string | RouteFunction;
  /**
   * Milliseconds that clients wait when there is no worker.
   *
   * @default {30_000}
   */
  readonly parkTimeout?: number;
  /**
   * Bytes of one client that may wait for a worker; then it is not read any more. Each
   * event counts for 256 bytes beside its own.
   *
   * @default {65_536}
   */
  readonly parkBytes?: number;
  /**
   * Bytes of all clients together that may wait for workers, or for handlers that
   * take long, counted in the same way. Above it nobody is read who has something
   * waiting; if handlers take long over so much, a client has no more than
   * `parkBytes` with its worker.
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
   * Requests of one client that may wait for their answers; one more is answered with
   * `too-many` at once.
   *
   * @default {256}
   */
  readonly maxPendingRequests?: number;
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
   * Milliseconds that what is sent on a link waits for more of its kind, above some
   * thousand a second; 0 for never. Saves wake-ups of workers and costs that much latency.
   *
   * @default {0.3}
   */
  readonly gatherWithin?: number;
  /**
   * Clients a second that a gateway sends away as it stops or is drained; 0 for all at
   * once. Within three quarters of `stopTimeout` all of them had their turn.
   *
   * @default {500}
   */
  readonly drainRate?: number;
  /**
   * WebSocket clients a second that are let in, a second's worth at once; 0 for any
   * number. Others are told when to come: those that speak `gatewayworker.v1` by `x`
   * and 4012, after the upgrade, the rest by 503 with `Retry-After`.
   *
   * @default {0}
   */
  readonly acceptRate?: number;
  /**
   * Which part of what clients do is traced without their asking, 0 to 1; what they ask
   * for is in any case, up to 100 a second. Only where the runtime exports spans, which
   * `OTEL_DENO=true` has it do.
   *
   * @default {0}
   */
  readonly traceSample?: number;
  /**
   * Milliseconds that a shutdown may take to send clients away and to let workers
   * handle the last events.
   *
   * @default {10_000}
   */
  readonly stopTimeout?: number;
  /**
   * Number among its like on its machine, for people.
   *
   * @default {0}
   */
  readonly index?: number;
  /** Whether several processes share the client port; needs `--unstable-net`. */
  readonly reusePort?: boolean;
  /** Shuts the gateway down when aborted. */
  readonly signal?: AbortSignal;
}

/** {@linkcode GatewayOptions} with every default filled in. */
export type ResolvedGatewayOptions =
  & Required<
    Omit<
      GatewayOptions,
      | keyof ListenTrustOptions
      | keyof ClientOptions
      | "signal"
      | "lanListen"
      | "route"
      | "limits"
    >
  >
  & ResolvedClientOptions
  & {
    readonly lanListen: string;
    readonly route: RouteRule;
    readonly limits: ResolvedLimits;
    readonly signal: AbortSignal | undefined;
  };

/**
 * Fills in the defaults and rejects impossible values.
 *
 * @throws {TypeError} If an address is none, or a limit.
 * @throws {RangeError} If a number is out of range.
 */
export function resolveGatewayOptions(
  options: GatewayOptions,
): ResolvedGatewayOptions {
  const {
    register = ["127.0.0.1:1236"],
    lanIp = findLanIp(register),
    name = "Gateway",
    index = 0,
    reusePort = false,
    signal,
  } = options;
  for (const address of register) parseAddress(address);
  checkLanIp(lanIp);
  const lanListen = options.lanListen ?? lanIp;
  const clients = resolveClientOptions(options);
  const own = withDefaults(GATEWAY_QUANTITIES, options);
  const { maxMessage } = clients;
  const maxUnfinished = { ...CLIENT_QUANTITIES.maxUnfinished, min: maxMessage };
  checkRanges(
    "start gateway",
    { ...CLIENT_QUANTITIES, maxUnfinished, ...GATEWAY_QUANTITIES },
    { ...clients, ...own },
  );
  return {
    ...clients,
    ...own,
    register,
    route: resolveRoute(options.route),
    limits: resolveLimits(options.limits),
    lanIp,
    ...resolvePhpOptions(options, lanListen),
    lanListen,
    name,
    index,
    reusePort,
    signal,
  };
}

function checkLanIp(lanIp: string): void {
  const reason = whyNotDialable(lanIp);
  if (reason === undefined) return;
  throw new TypeError(
    `Cannot start gateway as lanIp must be an address that workers can dial, and ${reason}: current value is "${lanIp}"`,
  );
}
