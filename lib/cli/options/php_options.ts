import { PREFERENCES } from "../../gateway/php/php_options.ts";
import { parseRange } from "../../original/range.ts";
import { ADDRESSES, choice, FLAG, type Kind, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

const RANGE = "^[0-9.]+(:[0-9]{1,5}(-[0-9]{1,5})?)?$";

/** Ports at IPv4 addresses. */
const RANGES: Kind<readonly string[]> = {
  placeholder: "IP[:PORTS]",
  rule:
    'an IPv4 address, with a port or ports if not all are meant, such as "10.0.0.5:2900-2903"',
  many: true,
  schema: {
    anyOf: [
      { type: "string", pattern: RANGE },
      { type: "array", items: { type: "string", pattern: RANGE } },
    ],
  },
  accepts: isRange,
  read: (texts) => texts,
};

function isRange(text: string): boolean {
  try {
    parseRange(text);
    return true;
  } catch {
    // No range: that is the answer.
    return false;
  }
}

/** The options about nodes of the original, GatewayWorker for PHP. */
export const PHP_OPTIONS = {
  phpPeers: {
    kind: FLAG,
    default: false,
    help:
      "Let workers and programs of GatewayWorker for PHP connect, whose key crosses the network in clear: beyond this machine that takes lan-allow, and it goes with no lan-cert",
  },
  phpSecretKey: {
    kind: text("KEY"),
    default: "",
    help:
      "Key that nodes of PHP show, in clear, so not that of our own; others can see a command line, so prefer the variable",
    defaultText: "none",
    secret: true,
  },
  phpRegisters: {
    kind: ADDRESSES,
    default: [],
    help:
      "Those of the Registers that are GatewayWorker's for PHP: they are shown the PHP key, in clear; repeatable",
    defaultText: "none",
  },
  phpGateways: {
    kind: RANGES,
    default: [],
    help:
      "Gateways of GatewayWorker for PHP to link to, such as 10.0.0.5:2900-2903; those that a Register of ours calls so are known; repeatable",
    defaultText: "none",
  },
  prefer: {
    kind: choice("WORKERS", PREFERENCES),
    default: "any" as const,
    help:
      "Which workers get new clients while there are both kinds; any is whoever has fewest",
  },
} satisfies OptionTable;

/** Options of nodes that those of PHP dial. */
export const PHP_LISTEN_KEYS = ["phpPeers", "phpSecretKey"] as const;

/** Options of nodes that dial those of PHP. */
export const PHP_DIAL_KEYS = [
  ...PHP_LISTEN_KEYS,
  "phpRegisters",
  "phpGateways",
] as const;
