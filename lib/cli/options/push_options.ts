import { ADDRESS, FLAG, TOKEN } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What commands are told that push into the cluster and ask it. */
export interface PushSettings {
  /** Whether gateways are waited for and say how many were reached. */
  confirm: boolean;
  /** Whether the message goes as binary. */
  binary: boolean;
  /** Whether some gateways may be silent. */
  partial: boolean;
  /** Where the HTTP API listens. */
  apiListen: string;
  /** What requests to the HTTP API must carry; empty for nothing. */
  apiToken: string;
}

/** The options of commands that push into the cluster and ask it. */
export const PUSH_OPTIONS: OptionTable<PushSettings> = {
  confirm: {
    name: "confirm",
    kind: FLAG,
    default: false,
    help: "Wait for the gateways, and fail if nobody was reached",
    flagOnly: true,
  },
  binary: {
    name: "binary",
    kind: FLAG,
    default: false,
    help: "Send as binary rather than as text",
    flagOnly: true,
  },
  partial: {
    name: "partial",
    kind: FLAG,
    default: false,
    help: "Print what is known if some gateways do not answer",
    flagOnly: true,
  },
  apiListen: {
    name: "api-listen",
    kind: ADDRESS,
    default: "127.0.0.1:8484",
    help: "Where programs ask; beyond this machine only with a token",
  },
  apiToken: {
    name: "api-token",
    kind: TOKEN,
    default: "",
    help:
      "What requests must carry as Authorization: Bearer; others can see a command line, so prefer the environment",
    defaultText: "none",
    secret: true,
  },
};
