import { GATEWAY_QUANTITIES } from "../../gateway/quantities.ts";
import { MAX_TAP_RATE } from "../../wire/bodies/tap.ts";
import {
  ADDRESS,
  FLAG,
  PERCENT,
  perSecond,
  SECONDS,
  text,
  wholeNumber,
} from "./option_kind.ts";
import { UNTIL } from "./until_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of commands that ask or order something. */
export const QUESTION_OPTIONS = {
  json: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Print JSON",
    flagOnly: true,
  },
  watch: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Print again and again, until Ctrl-C",
    flagOnly: true,
  },
  interval: {
    common: true,
    kind: SECONDS,
    default: 2,
    help: "Seconds between two answers of --watch",
    flagOnly: true,
  },
  limit: {
    common: true,
    kind: wholeNumber(1, 1_000_000),
    default: 100,
    help: "Most rows to print",
    flagOnly: true,
  },
  now: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Stop at once: what was accepted and not handled goes to others",
    flagOnly: true,
  },
  reloadGateways: {
    common: true,
    flag: "gateways",
    kind: FLAG,
    default: false,
    help: "Replace the gateways, and not the workers",
    flagOnly: true,
  },
  cancel: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Take the drain back: let clients in again, and send nobody away",
    flagOnly: true,
  },
  rate: {
    common: true,
    kind: perSecond(1, 1_000_000),
    default: GATEWAY_QUANTITIES.drainRate.default,
    help: "Clients a second, of all gateways of a command together",
    flagOnly: true,
  },
  share: {
    common: true,
    kind: PERCENT,
    default: 0.2,
    help: "Which part of the clients is to connect anew",
    defaultText: "20%",
    flagOnly: true,
  },
  code: {
    common: true,
    kind: wholeNumber(1_000, 4_999),
    default: 1_000,
    help: "WebSocket close code: 1000, or 3000 to 4999",
    flagOnly: true,
  },
  reason: {
    common: true,
    kind: text("TEXT"),
    default: "",
    help: "What clients are told, at most 123 bytes",
    defaultText: "none",
    flagOnly: true,
  },
  until: {
    common: true,
    kind: UNTIL,
    default: "1d",
    help: "When it ends: after 30s, 15m, 2h or 7d, or at a time in ISO 8601",
    flagOnly: true,
  },
  showPayload: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Show what frames say; the gateways' logs say so",
    flagOnly: true,
  },
  tapRate: {
    common: true,
    flag: "rate",
    kind: perSecond(1, MAX_TAP_RATE),
    default: 100,
    help:
      "Most frames a second of each gateway; others are left out, and counted",
    flagOnly: true,
  },
  tapAdmin: {
    common: true,
    flag: "admin",
    kind: ADDRESS,
    default: "",
    help:
      "Where any process of the cluster serves --admin, from any machine; with its token",
    defaultText: "the control socket of what runs here",
    flagOnly: true,
  },
  schema: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Print a JSON Schema of the configuration file",
    flagOnly: true,
  },
} satisfies OptionTable;
