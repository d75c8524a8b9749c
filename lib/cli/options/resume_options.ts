import { RESUME_QUANTITIES } from "../../transport/lasting/quantities.ts";
import { amount } from "./amount.ts";
import { FLAG } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options about clients that come back to their sessions. */
export const RESUME_OPTIONS = {
  resume: {
    common: true,
    kind: FLAG,
    default: false,
    help:
      "Keep the sessions of clients of gatewayworker.v1 while they are away",
    defaultText: "on for start, off for gateway",
    deniable: true,
  },
  resumeWindow: {
    ...amount(RESUME_QUANTITIES.window),
    help: "Seconds within which a client may come back to its session",
  },
  resumeBytes: {
    ...amount(RESUME_QUANTITIES.bytes),
    help:
      "Most bytes kept of what was sent to one such client and it may not have, and 128 a message",
  },
  resumeTotal: {
    ...amount(RESUME_QUANTITIES.total),
    help: "Most bytes of all of them on a gateway together",
  },
  resumeMaxAway: {
    ...amount(RESUME_QUANTITIES.maxAway),
    help:
      "Most clients of a gateway that may be away; past it the session ends of the one that was the longest",
  },
  resumePing: {
    ...amount(RESUME_QUANTITIES.pingInterval),
    help: "Seconds from one ping of such a client to the next",
  },
  eventStreams: {
    kind: FLAG,
    default: true,
    help:
      "Take such clients without a WebSocket as well: server-sent events down, POST up, on the same ports",
    defaultText: "on with --resume",
    deniable: true,
  },
} satisfies OptionTable;
