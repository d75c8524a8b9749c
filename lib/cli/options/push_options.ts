import { ADDRESS, FLAG, TOKEN } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of commands that push into the cluster and ask it. */
export const PUSH_OPTIONS = {
  confirm: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Wait for the gateways, and fail if nobody was reached",
    flagOnly: true,
  },
  binary: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Send as binary rather than as text",
    flagOnly: true,
  },
  partial: {
    common: true,
    kind: FLAG,
    default: false,
    help: "Print what is known if some gateways do not answer",
    flagOnly: true,
  },
  apiListen: {
    common: true,
    kind: ADDRESS,
    default: "127.0.0.1:8484",
    help: "Where programs ask; beyond this machine only with a token",
  },
  apiToken: {
    common: true,
    kind: TOKEN,
    default: "",
    help:
      "What requests must carry as Authorization: Bearer; others can see a command line, so prefer the environment",
    defaultText: "none",
    secret: true,
  },
} satisfies OptionTable;
