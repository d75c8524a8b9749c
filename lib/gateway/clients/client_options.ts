import { AddressSet } from "../../base/address_set.ts";
import { checkOrigins } from "../../transport/admission/origin.ts";
import {
  type CloseCodes,
  resolveCloseCodes,
  type ResolvedCloseCodes,
} from "../../transport/close_codes.ts";
import { FORWARDED_HEADER } from "../../transport/admission/forwarded.ts";
import type {
  ClientListenerOptions,
  CompressionOptions,
} from "../../transport/listener/listener_options.ts";
import { isToken } from "../../transport/list_reader.ts";
import type { MessageProtocol } from "../../transport/listener/message_protocol.ts";
import type { RateLimit } from "../../transport/admission/rate_meter.ts";
import { checkRanges, withDefaults } from "../../base/quantity.ts";
import type { ResumeSettings } from "../../transport/lasting/lasting_connections.ts";
import { RESUME_QUANTITIES } from "../../transport/lasting/quantities.ts";
import type { Authorize } from "./authorize.ts";
import { CLIENT_QUANTITIES } from "./quantities.ts";

/** One place where clients connect. What is left out is the gateway's. */
export interface ListenOptions {
  /** `scheme://host:port`; see {@linkcode ClientOptions.listen}. */
  readonly url: string;
  /** What clients speak, in place of `tcp` or `tls+tcp`. */
  readonly protocol?: MessageProtocol;
  /** How WebSocket messages are compressed; `false` for not at all. */
  readonly compression?: CompressionOptions | false;
  /** Sub-protocols of WebSocket that are spoken. */
  readonly subprotocols?: readonly string[];
  /** Pages that browsers may connect from. */
  readonly origins?: readonly string[];
  /** Whether every connection begins with a header of the PROXY protocol, before TLS. */
  readonly proxyProtocol?: boolean;
  /** Certificate chain: a file, or PEM. */
  readonly cert?: string;
  /** Private key of the certificate: a file, or PEM. */
  readonly key?: string;
  /** The authorities of which clients must show a certificate: a file, or PEM. */
  readonly clientCa?: string;
}

/** How sessions of WebSocket clients outlive their sockets. */
export interface ResumeOptions {
  /**
   * Milliseconds within which a client may come back, 1,000 to 86,400,000.
   *
   * @default {60_000}
   */
  readonly window?: number;
  /**
   * Most bytes that are kept of what was sent to one client, each message counting for
   * 128 beside its own: what it may not have received. Past it the oldest go.
   *
   * @default {262_144}
   */
  readonly bytes?: number;
  /**
   * Most bytes of all clients together. Once half of it is used, each client has its
   * share of the other half, and no more than `bytes`.
   *
   * @default {268_435_456}
   */
  readonly total?: number;
  /**
   * Most clients that may be away at a time; past it the session ends of the one that
   * was away the longest.
   *
   * @default {10_000}
   */
  readonly maxAway?: number;
  /**
   * Milliseconds from one ping to the next, 100 to 3,600,000. Who leaves two unanswered
   * is away.
   *
   * @default {10_000}
   */
  readonly pingInterval?: number;
  /**
   * Whether such clients may come without a WebSocket: told by server-sent events, and
   * heard by requests, on the same ports.
   *
   * @default {true}
   */
  readonly eventStreams?: boolean;
}

/** Options for what clients a gateway takes, and how. */
export interface ClientOptions {
  /**
   * Where clients connect: `scheme://host:port`, port 0 for any free one. Schemes:
   * `ws`, `text`, `frame`, `tcp`; with TLS `wss`, `tls+text`, `tls+frame`, `tls+tcp`.
   *
   * @default {["ws://0.0.0.0:8282"]}
   */
  readonly listen?: readonly (string | ListenOptions)[];
  /** Certificate chain for clients: a file, or PEM. */
  readonly cert?: string;
  /** Private key of that certificate: a file, or PEM. */
  readonly key?: string;
  /**
   * The authorities of which clients of `wss` and `tls+…` must show a certificate: a
   * file, or PEM. Who shows none is not let in by the handshake. None by default.
   */
  readonly clientCa?: string;
  /**
   * Decides whether a WebSocket client may come in, and with which uid, groups and
   * session, before any event of it reaches a worker. Clients of other protocols are
   * not asked about. Everybody may by default.
   */
  readonly authorize?: Authorize;
  /**
   * Milliseconds within which `authorize` must have decided, else the client is
   * answered with 503.
   *
   * @default {5_000}
   */
  readonly authorizeTimeout?: number;
  /**
   * Largest client message, in bytes.
   *
   * @default {10_485_760}
   */
  readonly maxMessage?: number;
  /**
   * Most bytes of messages that are not complete yet, of all clients together. Past
   * it, clients are ended, those first that have been at theirs the longest.
   *
   * @default {268_435_456}
   */
  readonly maxUnfinished?: number;
  /**
   * Bytes that may wait for a client that does not read. For one that does, up to
   * eight times as many: what is said to it in one breath.
   *
   * @default {1_024_000}
   */
  readonly sendBuffer?: number;
  /**
   * Milliseconds from one write to a client to the next: what is sent to it meanwhile
   * leaves together. 0 for no waiting.
   *
   * @default {0}
   */
  readonly flushWithin?: number;
  /**
   * Most clients at a time. No more than file descriptors there are, but for some,
   * where the gateway can tell.
   *
   * @default {15_000}
   */
  readonly maxConnections?: number;
  /**
   * Most clients at a time from one address; 0 for any number. The first bits count:
   * `addressPrefix` of IPv6, `addressPrefixV4` of IPv4.
   *
   * @default {0}
   */
  readonly maxPerAddress?: number;
  /**
   * Bits of an IPv6 address that limits by address take for one address, 1 to 128: who
   * has one has all that begin alike.
   *
   * @default {64}
   */
  readonly addressPrefix?: number;
  /**
   * Most messages a second of a client, fragments, pings and pongs included; 0 for any
   * number.
   *
   * @default {0}
   */
  readonly maxMessageRate?: number;
  /**
   * Most bytes a second of a client, counted as they are read; 0 for any number.
   *
   * @default {0}
   */
  readonly maxByteRate?: number;
  /**
   * What happens to a client that sends faster: it is not read for a while, or closed
   * with 1008. Either way it may save a second's worth.
   *
   * @default {"pause"}
   */
  readonly ratePolicy?: "pause" | "close";
  /**
   * Milliseconds within which a handshake must be complete.
   *
   * @default {10_000}
   */
  readonly handshakeTimeout?: number;
  /**
   * Milliseconds without data from a client after which it is closed with 4002; 0 for
   * never. Pings and pongs of WebSocket are no data.
   *
   * @default {0}
   */
  readonly idleTimeout?: number;
  /**
   * Largest upgrade request, in bytes; a larger one is answered with 431.
   *
   * @default {16_384}
   */
  readonly maxHeaderSize?: number;
  /**
   * Most header lines of an upgrade request; more are answered with 431.
   *
   * @default {100}
   */
  readonly maxHeaders?: number;
  /**
   * Proxies that are believed in what they say of clients: addresses, or ranges such
   * as `10.0.0.0/8`.
   *
   * @default {[]}
   */
  readonly trustedProxies?: readonly string[];
  /**
   * The header in which trusted proxies say who the client is: `Forwarded` (RFC 7239),
   * or one that is a list of addresses, such as `CF-Connecting-IP`. Name only one that
   * your proxy always sets or extends: what it passes on from clients is forged at will.
   *
   * @default {"X-Forwarded-For"}
   */
  readonly forwardedHeader?: string;
  /**
   * Whether every connection begins with a header of the PROXY protocol, before TLS.
   *
   * @default {false}
   */
  readonly proxyProtocol?: boolean;
  /**
   * Pages that browsers may connect from, such as `https://example.com` or
   * `https://*.example.com`; all if empty.
   *
   * @default {[]}
   */
  readonly origins?: readonly string[];
  /**
   * Sub-protocols of WebSocket that are spoken: the first one of the client's list
   * that is among them is chosen.
   *
   * @default {[]}
   */
  readonly subprotocols?: readonly string[];
  /** How WebSocket messages are compressed; not at all by default. */
  readonly compression?: CompressionOptions;
  /**
   * Seconds without a message from a client after which it is pinged, at the latest,
   * and from one ping to the next; 0 for none.
   *
   * @default {25}
   */
  readonly pingInterval?: number;
  /**
   * What is sent to a client that is silent, as a message; the ping of WebSocket by
   * default, which other clients are not sent. Only messages are an answer to it.
   */
  readonly pingData?: string;
  /**
   * Pings in a row without an answer after which a client is destroyed; 0 for never.
   *
   * @default {0}
   */
  readonly pingNotResponseLimit?: number;
  /** With which codes clients are closed. */
  readonly closeCodes?: CloseCodes;
  /**
   * Has sessions outlive the sockets of those WebSocket clients that offer the
   * sub-protocol `gatewayworker.v1`; none do by default. Others are served as ever.
   */
  readonly resume?: ResumeOptions;
  /**
   * Whether pages find the client library at `/client.js` of every port that speaks
   * WebSocket.
   *
   * @default {false}
   */
  readonly serveClient?: boolean;
}

/** What need not be given, and has no default either. */
type Optional = "cert" | "key" | "clientCa" | "authorize" | "compression";

/** What is more than its option. */
type Resolved = "closeCodes" | "resume";

/** {@linkcode ClientOptions} with every default filled in. */
export type ResolvedClientOptions =
  & Required<Omit<ClientOptions, Optional | Resolved>>
  & { readonly [K in Optional]: ClientOptions[K] | undefined }
  & {
    readonly closeCodes: ResolvedCloseCodes;
    readonly resume: ResolvedResume | undefined;
  };

/** {@linkcode ResumeOptions} with every default filled in. */
type ResolvedResume = ResumeSettings & { readonly eventStreams: boolean };

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} If a range of addresses is none, or no page can be of an origin.
 * @throws {RangeError} If a close code is none that may be sent, or a number of
 *   `resume` is out of range.
 */
export function resolveClientOptions(
  options: ClientOptions,
): ResolvedClientOptions {
  const { trustedProxies = [], forwardedHeader = FORWARDED_HEADER } = options;
  checkHeaderName(forwardedHeader);
  // Reads them, to refuse at once what is none.
  new AddressSet(trustedProxies);
  checkOrigins(options.origins ?? []);
  for (const entry of options.listen ?? []) {
    if (typeof entry !== "string") checkOrigins(entry.origins ?? []);
  }
  return {
    ...withDefaults(CLIENT_QUANTITIES, options),
    listen: options.listen ?? ["ws://0.0.0.0:8282"],
    cert: options.cert,
    key: options.key,
    clientCa: options.clientCa,
    authorize: options.authorize,
    ratePolicy: options.ratePolicy ?? "pause",
    trustedProxies,
    forwardedHeader,
    proxyProtocol: options.proxyProtocol ?? false,
    origins: options.origins ?? [],
    subprotocols: options.subprotocols ?? [],
    serveClient: options.serveClient ?? false,
    compression: options.compression,
    pingData: options.pingData ?? "",
    closeCodes: resolveCloseCodes(options.closeCodes),
    resume: options.resume && resolveResume(options.resume),
  };
}

function resolveResume(options: ResumeOptions): ResolvedResume {
  const settings = withDefaults(RESUME_QUANTITIES, options);
  checkRanges("resume", RESUME_QUANTITIES, settings);
  return { ...settings, eventStreams: options.eventStreams ?? true };
}

function checkHeaderName(name: string): void {
  if (isToken(name)) return;
  throw new TypeError(
    `Cannot use forwardedHeader as it must be the name of a header: current value is "${name}"`,
  );
}

/** Where an entry of `listen` listens. */
export function urlOf(listen: string | ListenOptions): string {
  return typeof listen === "string" ? listen : listen.url;
}

/** What a listener is told, with what its own entry says in place of the gateway's. */
export function listenerOptions(
  listen: string | ListenOptions,
  options: ResolvedClientOptions,
): ClientListenerOptions {
  const own: Partial<ListenOptions> = typeof listen === "string" ? {} : listen;
  const compression = own.compression ?? options.compression;
  const { protocol } = own;
  return {
    maxMessage: options.maxMessage,
    sendBuffer: options.sendBuffer,
    flushWithin: options.flushWithin,
    authorizeTimeout: options.authorizeTimeout,
    handshakeTimeout: options.handshakeTimeout,
    idleTimeout: options.idleTimeout,
    closeCodes: options.closeCodes,
    maxHeaderSize: options.maxHeaderSize,
    maxHeaders: options.maxHeaders,
    trustedProxies: options.trustedProxies,
    forwardedHeader: options.forwardedHeader,
    proxyProtocol: own.proxyProtocol ?? options.proxyProtocol,
    origins: own.origins ?? options.origins,
    subprotocols: own.subprotocols ?? options.subprotocols,
    serveClient: options.serveClient,
    ...(isRateLimited(options) && { rate: rateLimit(options) }),
    ...(compression && { compression }),
    ...(protocol !== undefined && { protocol }),
  };
}

/** Who limits nothing pays nothing. */
function isRateLimited(options: ResolvedClientOptions): boolean {
  return options.maxMessageRate > 0 || options.maxByteRate > 0;
}

function rateLimit(options: ResolvedClientOptions): RateLimit {
  return {
    messages: options.maxMessageRate || Infinity,
    bytes: options.maxByteRate || Infinity,
    policy: options.ratePolicy,
  };
}
