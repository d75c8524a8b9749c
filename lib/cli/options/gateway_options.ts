import { CLIENT_QUANTITIES } from "../../gateway/clients/quantities.ts";
import { GATEWAY_QUANTITIES } from "../../gateway/quantities.ts";
import { amount, rate } from "./amount.ts";
import { CLOSE_CODES, DEFAULT_CLOSE_CODES_TEXT } from "./close_codes_kind.ts";
import { ROUTE } from "./route_kind.ts";
import { DIALABLE_HOST, HOST, LISTEN_URLS, PART, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of gateways. */
export const GATEWAY_OPTIONS = {
  listen: {
    common: true,
    kind: LISTEN_URLS,
    default: ["ws://0.0.0.0:8282"],
    help: "Where clients connect, and what they speak; repeatable",
  },
  lanIp: {
    common: true,
    kind: DIALABLE_HOST,
    default: "",
    help: "Address or name that workers on other machines dial this one at",
    defaultText:
      "127.0.0.1 with a Register on this machine, else its network address",
  },
  lanListen: {
    kind: HOST,
    default: "",
    help:
      "Address to listen on for workers, if it is not lan-ip (NAT, containers)",
    defaultText: "lan-ip",
  },
  startPort: {
    ...amount(GATEWAY_QUANTITIES.startPort),
    help:
      "Port for workers of the first gateway; the next ones count up, and so do those that take their place on reload --gateways",
  },
  pingInterval: {
    common: true,
    ...amount(CLIENT_QUANTITIES.pingInterval),
    help:
      "Seconds without a message after which a client is pinged, which proxies need; 0 is off",
  },
  pingData: {
    kind: text("TEXT"),
    default: "",
    help: "What to send to a silent client, as a message, in place of a ping",
    defaultText: "the ping of WebSocket",
  },
  pingNotResponseLimit: {
    ...amount(CLIENT_QUANTITIES.pingNotResponseLimit),
    help:
      "End a client that left so many pings in a row unanswered; 0 is never",
  },
  closeCodes: {
    kind: CLOSE_CODES,
    default: [],
    help: "With which codes clients are closed, by cause",
    defaultText: DEFAULT_CLOSE_CODES_TEXT,
  },
  maxMessage: {
    ...amount(CLIENT_QUANTITIES.maxMessage),
    help: "Longest message that a client may send, in bytes",
  },
  sendBuffer: {
    ...amount(CLIENT_QUANTITIES.sendBuffer),
    help: "Most bytes queued for one client that does not read",
  },
  maxConnections: {
    common: true,
    ...amount(CLIENT_QUANTITIES.maxConnections),
    help: "Most clients of one gateway process; each takes a file descriptor",
  },
  window: {
    ...amount(GATEWAY_QUANTITIES.window),
    help:
      "Bytes of events that a worker may have unfinished before its clients are not read",
  },
  route: {
    kind: ROUTE,
    default: "least",
    help:
      "By what the worker of a client is chosen: who has fewest, the same one for the same uid or header, or one with the label that authorize or the request asks for",
  },
  parkTimeout: {
    ...amount(GATEWAY_QUANTITIES.parkTimeout),
    help:
      "Seconds that clients wait for a worker, then they are closed; where there was none for as long, WebSocket clients are refused with 503",
  },
  parkBytes: {
    ...amount(GATEWAY_QUANTITIES.parkBytes),
    help: "Bytes of one client that may wait for a worker, and 256 an event",
  },
  parkTotal: {
    ...amount(GATEWAY_QUANTITIES.parkTotal),
    help:
      "Bytes of all clients of a gateway that may wait for a worker or a slow handler, and 256 an event",
  },
  maxDeliveries: {
    ...amount(GATEWAY_QUANTITIES.maxDeliveries),
    help: "Workers lost with the same event after which it is set aside",
  },
  maxPendingRequests: {
    ...amount(GATEWAY_QUANTITIES.maxPendingRequests),
    help: "Requests of one client that may wait for their answers",
  },
  maxSession: {
    ...amount(GATEWAY_QUANTITIES.maxSession),
    help: "Largest session of a client, in bytes",
  },
  drainRate: {
    ...rate(GATEWAY_QUANTITIES.drainRate),
    help:
      "Clients a second that a gateway sends away as it stops, or more if close-timeout wants it; 0 is all at once",
  },
  acceptRate: {
    ...rate(GATEWAY_QUANTITIES.acceptRate),
    help:
      "WebSocket clients a second that a gateway lets in; others are told when to come, by 503 or in band; 0 is any number",
  },
  traceSample: {
    kind: PART,
    default: GATEWAY_QUANTITIES.traceSample.default,
    help:
      "Which part of what clients do is traced without their asking; needs OTEL_DENO=true",
  },
  closeTimeout: {
    ...amount(GATEWAY_QUANTITIES.stopTimeout),
    help:
      "Seconds that a stopping gateway takes to send its clients away and have their last events handled",
  },
} satisfies OptionTable;
