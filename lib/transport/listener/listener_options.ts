import { checkRanges, withDefaults } from "../../base/quantity.ts";
import { AddressSet } from "../../base/address_set.ts";
import {
  type CloseCodes,
  resolveCloseCodes,
  type ResolvedCloseCodes,
} from "../close_codes.ts";
import { ConnectionLimit } from "../admission/connection_limit.ts";
import type { Keeper } from "../connection.ts";
import type { EventStreams } from "../events/event_streams.ts";
import { LASTING_SUBPROTOCOL } from "../lasting/letters.ts";
import { FORWARDED_HEADER } from "../admission/forwarded.ts";
import { checkOrigins } from "../admission/origin.ts";
import type { MessageProtocol } from "./message_protocol.ts";
import { COMPRESSION_QUANTITIES, LISTENER_QUANTITIES } from "./quantities.ts";
import type { RateLimit } from "../admission/rate_meter.ts";
import { Unfinished } from "../admission/unfinished.ts";
import type { DeflateSettings } from "../websocket/deflate/websocket_deflate.ts";
import { CLIENT_ROUTES } from "../http/client_route.ts";
import { healthRoutes, type HttpRoutes } from "../http/http_routes.ts";
import type { HandshakeRules } from "../websocket/websocket_handshake.ts";

/** How WebSocket messages are compressed (RFC 7692). */
export interface CompressionOptions {
  /**
   * Messages below this many bytes are sent as they are.
   *
   * @default {1_024}
   */
  readonly threshold?: number;
  /**
   * From 1, quick, to 9, small.
   *
   * @default {6}
   */
  readonly level?: number;
  /**
   * Whether messages may refer to earlier ones of the same client: smaller, for up to
   * 720 KB of memory a client that sends and is sent to. A message to many is
   * compressed once either way, and refers to nothing.
   *
   * @default {false}
   */
  readonly contextTakeover?: boolean;
  /**
   * Base-2 logarithm of the bytes that a message may refer back to, 8 to 15.
   *
   * @default {15}
   */
  readonly windowBits?: number;
}

/** Options for {@linkcode ClientListener}. */
export interface ClientListenerOptions {
  /**
   * Most bytes of one message from a client, decompressed.
   *
   * @default {10_485_760}
   */
  readonly maxMessage?: number;
  /**
   * Most bytes queued for a client that does not read; past it a message's policy
   * decides. For one that does, up to eight times as many.
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
   * Milliseconds within which a handshake must be complete.
   *
   * @default {10_000}
   */
  readonly handshakeTimeout?: number;
  /**
   * Milliseconds without a byte from a client, after our goodbye, until it is cut off.
   * Six times that while it takes nothing of what waits for it.
   *
   * @default {5_000}
   */
  readonly closeTimeout?: number;
  /**
   * Milliseconds within which it must be decided whether a client may come in.
   *
   * @default {5_000}
   */
  readonly authorizeTimeout?: number;
  /**
   * Milliseconds without data from a client after which it is closed with 4002; 0 for
   * never. Pings and pongs of WebSocket are no data.
   *
   * @default {0}
   */
  readonly idleTimeout?: number;
  /** With which codes clients are closed. */
  readonly closeCodes?: CloseCodes;
  /** Counts clients; share one among listeners to limit them together. */
  readonly connectionLimit?: ConnectionLimit;
  /**
   * Counts the bytes of unfinished messages; share one among listeners to limit them
   * together. Any number by default.
   */
  readonly unfinished?: Unfinished;
  /**
   * Most bytes of an upgrade request.
   *
   * @default {16_384}
   */
  readonly maxHeaderSize?: number;
  /**
   * Most header lines of an upgrade request.
   *
   * @default {100}
   */
  readonly maxHeaders?: number;
  /** How much a client may send; any amount by default. */
  readonly rate?: RateLimit;
  /** Sub-protocols that are spoken; left alone by default. */
  readonly subprotocols?: readonly string[];
  /** Pages that browsers may connect from; all by default. */
  readonly origins?: readonly string[];
  /** Addresses of proxies that are believed in what they say of clients. */
  readonly trustedProxies?: readonly string[];
  /**
   * The header in which these say who the client is: `Forwarded` (RFC 7239), or one
   * that is a list of addresses.
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
   * Says why no more clients should be sent here, at `/readyz`; `undefined` if they
   * should, as they are by default.
   */
  readonly whyNotReady?: () => string | undefined;
  /**
   * Whether pages find the client library at `/client.js`.
   *
   * @default {false}
   */
  readonly serveClient?: boolean;
  /** How WebSocket messages are compressed; they are not by default. */
  readonly compression?: CompressionOptions;
  /** Has the sessions of WebSocket clients that ask for it outlive their sockets. */
  readonly keeper?: Keeper;
  /** Has such clients come without a WebSocket, too; they do not by default. */
  readonly events?: EventStreams;
  /** What clients speak, in place of what the scheme says. */
  readonly protocol?: MessageProtocol;
  /**
   * Lets other processes listen on the same port; needs `--unstable-net`.
   *
   * @default {false}
   */
  readonly reusePort?: boolean;
  /** Certificate chain for TLS, in PEM. */
  readonly cert?: string;
  /** Private key for TLS, in PEM. */
  readonly key?: string;
  /** The authorities of which clients must show a certificate, in PEM; none by default. */
  readonly ca?: string;
}

/** {@linkcode ClientListenerOptions} with every default filled in. */
export interface ListenerSettings {
  /** See {@linkcode ClientListenerOptions}, as all others here. */
  readonly maxMessage: number;
  /** Most bytes queued for a client. */
  readonly sendBuffer: number;
  /** In milliseconds; 0 for no waiting. */
  readonly flushWithin: number;
  /** In milliseconds. */
  readonly handshakeTimeout: number;
  /** In milliseconds. */
  readonly closeTimeout: number;
  /** In milliseconds. */
  readonly authorizeTimeout: number;
  /** In milliseconds; 0 for never. */
  readonly idleTimeout: number;
  /** With which codes clients are closed. */
  readonly closeCodes: ResolvedCloseCodes;
  /** Counts clients. */
  readonly connectionLimit: ConnectionLimit;
  /** Counts the bytes of unfinished messages. */
  readonly unfinished: Unfinished;
  /** How much a client may send. */
  readonly rate: RateLimit | undefined;
  /** Proxies that are believed. */
  readonly trusted: AddressSet;
  /** The header in which they say who the client is, in lower case. */
  readonly forwardedHeader: string;
  /** Whether every connection begins with a proxy's header. */
  readonly proxyProtocol: boolean;
  /** What a WebSocket handshake must be like. */
  readonly rules: HandshakeRules;
  /** What is answered to requests that are none for WebSocket. */
  readonly routes: HttpRoutes;
  /** How messages are compressed. */
  readonly compression: DeflateSettings | undefined;
  /** Has sessions outlive their sockets. */
  readonly keeper: Keeper | undefined;
  /** Has such clients come without a WebSocket. */
  readonly events: EventStreams | undefined;
}

/**
 * Fills in the defaults.
 *
 * @throws {TypeError} If a range of addresses is none, or no page can be of an origin.
 * @throws {RangeError} If compression is asked for in a way that there is not, or a
 *   close code is none that may be sent.
 */
export function resolveListenerOptions(
  options: ClientListenerOptions,
): ListenerSettings {
  const {
    closeTimeout = 5_000,
    connectionLimit = new ConnectionLimit(),
    unfinished = new Unfinished(),
    rate,
    subprotocols = [],
    origins = [],
    trustedProxies = [],
    forwardedHeader = FORWARDED_HEADER,
    proxyProtocol = false,
    whyNotReady = () => undefined,
    serveClient = false,
  } = options;
  const { maxHeaderSize: maxSize, maxHeaders, ...amounts } = withDefaults(
    LISTENER_QUANTITIES,
    options,
  );
  checkOrigins(origins);
  const compression = resolveCompression(options.compression);
  const head = { maxSize, maxHeaders };
  return {
    ...amounts,
    closeTimeout,
    closeCodes: resolveCloseCodes(options.closeCodes),
    connectionLimit,
    unfinished,
    rate,
    trusted: new AddressSet(trustedProxies),
    forwardedHeader: forwardedHeader.toLowerCase(),
    proxyProtocol,
    rules: {
      head,
      subprotocols,
      origins,
      deflate: compression,
      lasting: options.keeper && LASTING_SUBPROTOCOL,
    },
    routes: routesOf(whyNotReady, serveClient),
    compression,
    keeper: options.keeper,
    events: options.events,
  };
}

function routesOf(
  whyNotReady: () => string | undefined,
  servesClient: boolean,
): HttpRoutes {
  const health = healthRoutes(whyNotReady);
  return new Map([...health, ...servesClient ? CLIENT_ROUTES : []]);
}

function resolveCompression(
  options: CompressionOptions | undefined,
): DeflateSettings | undefined {
  if (options === undefined) return undefined;
  const amounts = withDefaults(COMPRESSION_QUANTITIES, options);
  checkRanges("compress", COMPRESSION_QUANTITIES, amounts);
  return { ...amounts, contextTakeover: options.contextTakeover ?? false };
}
