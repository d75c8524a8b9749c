import { ADDRESS, SECONDS, SOME_SECONDS, wholeNumber } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What only a Register is told. */
export interface RegisterSettings {
  /** Where the Register listens. */
  registerListen: string;
  /** Most connections to the Register. */
  maxPeers: number;
  /** Seconds that a peer has to say what it is. */
  identifyTimeout: number;
  /** Seconds of silence after which a peer that pings is gone; 0 for never. */
  staleTimeout: number;
}

/** The options of a Register. */
export const REGISTER_OPTIONS: OptionTable<RegisterSettings> = {
  registerListen: {
    name: "register-listen",
    formerName: "listen",
    kind: ADDRESS,
    default: "127.0.0.1:1236",
    help: "Where gateways and workers dial; keep it on a private network",
  },
  maxPeers: {
    name: "max-peers",
    kind: wholeNumber(1),
    default: 10_000,
    help: "Most gateways, workers and programs that the Register talks to",
  },
  identifyTimeout: {
    name: "identify-timeout",
    kind: SOME_SECONDS,
    default: 10,
    help: "Seconds that a peer of the Register has to say what it is",
  },
  staleTimeout: {
    name: "stale-timeout",
    kind: SECONDS,
    default: 90,
    help:
      "Seconds of silence after which a peer of the Register that used to ping is gone; 0 is never",
  },
};
