import { REGISTER_QUANTITIES } from "../../register/quantities.ts";
import { amount } from "./amount.ts";
import { ADDRESS } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of a Register. */
export const REGISTER_OPTIONS = {
  registerListen: {
    formerName: "listen",
    kind: ADDRESS,
    default: "127.0.0.1:1236",
    help: "Where gateways and workers dial; keep it on a private network",
  },
  maxPeers: {
    ...amount(REGISTER_QUANTITIES.maxConnections),
    help: "Most gateways, workers and programs that the Register talks to",
  },
  identifyTimeout: {
    ...amount(REGISTER_QUANTITIES.identifyTimeout),
    help: "Seconds that a peer of the Register has to say what it is",
  },
  staleTimeout: {
    ...amount(REGISTER_QUANTITIES.staleTimeout),
    help:
      "Seconds of silence after which a peer of the Register that used to ping is gone; 0 is never",
  },
} satisfies OptionTable;
