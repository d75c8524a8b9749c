import { COMPRESSION_QUANTITIES } from "../../transport/listener/quantities.ts";
import { FORWARDED_HEADER } from "../../transport/admission/forwarded.ts";
import { CLIENT_QUANTITIES } from "../../gateway/clients/quantities.ts";
import { amount, milliseconds } from "./amount.ts";
import {
  choice,
  FLAG,
  HEADER,
  NETWORKS,
  ORIGINS,
  text,
  TEXTS,
} from "./option_kind.ts";
import { RESUME_OPTIONS } from "./resume_options.ts";
import { GATEWAY_QUANTITIES } from "../../gateway/quantities.ts";
import { LIMITS } from "./limits_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What to do with a client that sends faster than it may. */
const RATE_POLICIES = ["pause", "close"] as const;

/** The options about which clients gateways take, and how. */
export const CLIENT_OPTIONS = {
  cert: {
    common: true,
    kind: text("FILE"),
    default: "",
    help: "Certificate chain for clients of wss and tls+…, in PEM",
    defaultText: "none",
    readsFile: true,
  },
  key: {
    common: true,
    kind: text("FILE"),
    default: "",
    help: "Private key of the certificate for clients",
    defaultText: "none",
    readsFile: true,
  },
  clientCa: {
    kind: text("FILE"),
    default: "",
    help:
      "Authorities of which clients of wss and tls+… must show a certificate, in PEM",
    defaultText: "none",
    readsFile: true,
  },
  origins: {
    common: true,
    kind: ORIGINS,
    default: [],
    help: "Pages that browsers may connect from, such as https://*.example.com",
    defaultText: "all",
  },
  subprotocols: {
    kind: TEXTS,
    default: [],
    help: "Sub-protocols of WebSocket that are spoken",
    defaultText: "none",
  },
  serveClient: {
    common: true,
    kind: FLAG,
    default: false,
    help:
      "Serve the client library to pages, at /client.js of every client port",
    defaultText: "on for start, off for gateway",
    deniable: true,
  },
  compression: {
    kind: FLAG,
    default: false,
    help: "Compress WebSocket messages with clients that can do so",
  },
  compressionThreshold: {
    ...amount(COMPRESSION_QUANTITIES.threshold),
    help: "Messages below so many bytes are sent as they are",
  },
  compressionLevel: {
    ...amount(COMPRESSION_QUANTITIES.level),
    help: "From 1, quick, to 9, small",
  },
  compressionContextTakeover: {
    kind: FLAG,
    default: false,
    help:
      "Messages may refer to earlier ones of the same client: smaller, for up to 720 KB a client",
  },
  compressionWindowBits: {
    ...amount(COMPRESSION_QUANTITIES.windowBits),
    help: "How far back a message may refer, as a power of two",
  },
  trustedProxies: {
    common: true,
    kind: NETWORKS,
    default: [],
    help: "Proxies that are believed in what they say of clients' addresses",
    defaultText: "none",
  },
  forwardedHeader: {
    kind: HEADER,
    default: FORWARDED_HEADER,
    help:
      "Header in which they say who the client is: Forwarded, or one that is a list of addresses",
  },
  proxyProtocol: {
    kind: FLAG,
    default: false,
    help:
      "Every connection begins with a header of the PROXY protocol, before TLS",
  },
  flushWithin: {
    ...milliseconds(CLIENT_QUANTITIES.flushWithin),
    help:
      "Milliseconds from one write to a client to the next, so that what is sent to it meanwhile leaves together; 0 is at once",
  },
  maxPerAddress: {
    ...amount(CLIENT_QUANTITIES.maxPerAddress),
    help: "Most clients from one address; 0 is any number",
  },
  addressPrefix: {
    ...amount(CLIENT_QUANTITIES.addressPrefix),
    help: "Bits of an IPv6 address that are one address to limits by address",
  },
  addressPrefixV4: {
    ...amount(GATEWAY_QUANTITIES.addressPrefixV4),
    help: "Bits of an IPv4 address that are one address to limits by address",
  },
  limits: {
    kind: LIMITS,
    default: [],
    help:
      "Limits of all clients of a uid or an address together, such as uid-connections=5:replace-oldest or address-messages=200:pause:dry-run",
    defaultText: "none",
  },
  maxUnfinished: {
    ...amount(CLIENT_QUANTITIES.maxUnfinished),
    help:
      "Most bytes of messages that are not complete yet, of all clients of a gateway together; past it the oldest are ended",
  },
  maxMessageRate: {
    ...amount(CLIENT_QUANTITIES.maxMessageRate),
    help: "Most messages a second of a client; 0 is any number",
  },
  maxByteRate: {
    ...amount(CLIENT_QUANTITIES.maxByteRate),
    help: "Most bytes a second of a client, as they come; 0 is any number",
  },
  ratePolicy: {
    kind: choice("POLICY", RATE_POLICIES),
    default: "pause" as const,
    help:
      "What happens to a client that sends faster: pause is not to read it for a while, close is to close it",
  },
  handshakeTimeout: {
    ...amount(CLIENT_QUANTITIES.handshakeTimeout),
    help: "Seconds within which a client's handshake must be complete",
  },
  idleTimeout: {
    ...amount(CLIENT_QUANTITIES.idleTimeout),
    help:
      "Seconds without data after which a client is closed, pings and pongs aside; 0 is never",
  },
  authorize: {
    common: true,
    kind: text("MODULE"),
    default: "",
    help:
      "Module whose default export decides which WebSocket clients may come in, and as whom",
    defaultText: "all may",
  },
  authorizeTimeout: {
    ...amount(CLIENT_QUANTITIES.authorizeTimeout),
    help:
      "Seconds within which it must be decided whether a client may come in",
  },
  maxHeaderSize: {
    ...amount(CLIENT_QUANTITIES.maxHeaderSize),
    help: "Largest upgrade request, in bytes",
  },
  maxHeaders: {
    ...amount(CLIENT_QUANTITIES.maxHeaders),
    help: "Most header lines of an upgrade request",
  },
  ...RESUME_OPTIONS,
} satisfies OptionTable;
