import {
  bytes,
  choice,
  FLAG,
  milliseconds,
  NETWORKS,
  ORIGINS,
  SECONDS,
  SOME_SECONDS,
  text,
  TEXTS,
  wholeNumber,
} from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What to do with a client that sends faster than it may. */
const RATE_POLICIES = ["pause", "close"] as const;

/** What gateways are told of which clients they take, and how. */
export interface ClientSettings {
  /** Certificate chain for clients; empty for none. */
  cert: string;
  /** Private key of that certificate; empty for none. */
  key: string;
  /** Pages that browsers may connect from; empty for all. */
  origins: readonly string[];
  /** Sub-protocols of WebSocket that are spoken. */
  subprotocols: readonly string[];
  /** Whether WebSocket messages are compressed. */
  compression: boolean;
  /** Bytes below which a message is not compressed. */
  compressionThreshold: number;
  /** How hard to compress, 1 to 9. */
  compressionLevel: number;
  /** Whether a message may refer to earlier ones of the same client. */
  compressionContextTakeover: boolean;
  /** How far back a message may refer, as a power of two. */
  compressionWindowBits: number;
  /** Proxies that are believed in what they say of clients. */
  trustedProxies: readonly string[];
  /** Whether every connection begins with a header of the PROXY protocol. */
  proxyProtocol: boolean;
  /** Milliseconds from one write to a client to the next. */
  flushWithin: number;
  /** Most clients from one address; 0 for any number. */
  maxPerAddress: number;
  /** Most bytes of messages that are not complete yet. */
  maxUnfinished: number;
  /** Most messages a second of a client; 0 for any number. */
  maxMessageRate: number;
  /** Most bytes a second of a client; 0 for any number. */
  maxByteRate: number;
  /** What happens to a client that sends faster. */
  ratePolicy: typeof RATE_POLICIES[number];
  /** Seconds within which a handshake must be complete. */
  handshakeTimeout: number;
  /** Seconds without a byte after which a client is closed; 0 for never. */
  idleTimeout: number;
  /** Module that decides which WebSocket clients may come in; empty for none. */
  authorize: string;
  /** Seconds within which it must be decided whether a client may come in. */
  authorizeTimeout: number;
  /** Largest upgrade request, in bytes. */
  maxHeaderSize: number;
  /** Most header lines of an upgrade request. */
  maxHeaders: number;
}

/** The options about which clients gateways take, and how. */
export const CLIENT_OPTIONS: OptionTable<ClientSettings> = {
  cert: {
    name: "cert",
    kind: text("FILE"),
    default: "",
    help: "Certificate chain for clients of wss and tls+…, in PEM",
    defaultText: "none",
    readsFile: true,
  },
  key: {
    name: "key",
    kind: text("FILE"),
    default: "",
    help: "Private key of that certificate",
    defaultText: "none",
    readsFile: true,
  },
  origins: {
    name: "origins",
    kind: ORIGINS,
    default: [],
    help: "Pages that browsers may connect from, such as https://*.example.com",
    defaultText: "all",
  },
  subprotocols: {
    name: "subprotocols",
    kind: TEXTS,
    default: [],
    help: "Sub-protocols of WebSocket that are spoken",
    defaultText: "none",
  },
  compression: {
    name: "compression",
    kind: FLAG,
    default: false,
    help: "Compress WebSocket messages with clients that can do so",
  },
  compressionThreshold: {
    name: "compression-threshold",
    kind: bytes(64),
    default: 1024,
    help: "Messages below so many bytes are sent as they are",
  },
  compressionLevel: {
    name: "compression-level",
    kind: wholeNumber(1, 9),
    default: 6,
    help: "From 1, quick, to 9, small",
  },
  compressionContextTakeover: {
    name: "compression-context-takeover",
    kind: FLAG,
    default: false,
    help:
      "Messages may refer to earlier ones of the same client: smaller, for up to 720 KB a client",
  },
  compressionWindowBits: {
    name: "compression-window-bits",
    kind: wholeNumber(8, 15),
    default: 15,
    help: "How far back a message may refer, as a power of two",
  },
  trustedProxies: {
    name: "trusted-proxies",
    kind: NETWORKS,
    default: [],
    help: "Proxies that are believed in what they say of clients' addresses",
    defaultText: "none",
  },
  proxyProtocol: {
    name: "proxy-protocol",
    kind: FLAG,
    default: false,
    help: "Every connection begins with a header of the PROXY protocol",
  },
  flushWithin: {
    name: "flush-within",
    kind: milliseconds(1_000),
    default: 0,
    help:
      "Milliseconds from one write to a client to the next, so that what is sent to it meanwhile leaves together; 0 is at once",
  },
  maxPerAddress: {
    name: "max-per-address",
    kind: wholeNumber(0),
    default: 0,
    help: "Most clients from one address; 0 is any number",
  },
  maxUnfinished: {
    name: "max-unfinished",
    kind: bytes(65_536),
    default: 256 * 1024 * 1024,
    help:
      "Most bytes of messages that are not complete yet, of all clients of a gateway together; past it the oldest are ended",
    defaultText: "256m",
  },
  maxMessageRate: {
    name: "max-message-rate",
    kind: wholeNumber(0),
    default: 0,
    help: "Most messages a second of a client; 0 is any number",
  },
  maxByteRate: {
    name: "max-byte-rate",
    kind: bytes(65_536, 0),
    default: 0,
    help: "Most bytes a second of a client, as they come; 0 is any number",
  },
  ratePolicy: {
    name: "rate-policy",
    kind: choice("POLICY", RATE_POLICIES),
    default: "pause",
    help:
      "What happens to a client that sends faster: pause is not to read it for a while, close is 1008",
  },
  handshakeTimeout: {
    name: "handshake-timeout",
    kind: SOME_SECONDS,
    default: 10,
    help: "Seconds within which a client's handshake must be complete",
  },
  idleTimeout: {
    name: "idle-timeout",
    kind: SECONDS,
    default: 0,
    help: "Seconds without a byte after which a client is closed; 0 is never",
  },
  authorize: {
    name: "authorize",
    kind: text("MODULE"),
    default: "",
    help:
      "Module whose default export decides which WebSocket clients may come in, and as whom",
    defaultText: "all may",
  },
  authorizeTimeout: {
    name: "authorize-timeout",
    kind: SOME_SECONDS,
    default: 5,
    help:
      "Seconds within which it must be decided whether a client may come in",
  },
  maxHeaderSize: {
    name: "max-header-size",
    kind: bytes(1, 256),
    default: 16 * 1024,
    help: "Largest upgrade request, in bytes",
    defaultText: "16k",
  },
  maxHeaders: {
    name: "max-headers",
    kind: wholeNumber(5, 10_000),
    default: 100,
    help: "Most header lines of an upgrade request",
  },
};
