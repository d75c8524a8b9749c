import { PREFERENCES } from "../../gateway/php/php_options.ts";
import { choice, FLAG, text } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

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
  prefer: {
    kind: choice("WORKERS", PREFERENCES),
    default: "any" as const,
    help:
      "Which workers get new clients while there are both kinds; any is whoever has fewest",
  },
} satisfies OptionTable;

/** Options of nodes that those of PHP dial. */
export const PHP_LISTEN_KEYS = ["phpPeers", "phpSecretKey"] as const;
