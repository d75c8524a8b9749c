import { WORKER_QUANTITIES } from "../../worker/quantities.ts";
import { amount } from "./amount.ts";
import { LABELS } from "./route_kind.ts";
import { choice, PERMISSIONS } from "./option_kind.ts";
import { WATCHED_NAMES } from "./presence_kind.ts";
import {
  CLIENTS_MAY,
  PRESENCE_QUANTITIES,
} from "../../worker/handler/presence_options.ts";
import type { OptionTable } from "./option_spec.ts";

/** The options of workers. */
export const WORKER_OPTIONS = {
  label: {
    kind: LABELS,
    default: [],
    help:
      "What workers are told apart by, such as game=chess, for --route label of gateways and for sendToWorkers; repeatable",
    defaultText: "none",
  },
  weight: {
    ...amount(WORKER_QUANTITIES.weight),
    help: "How many clients a worker wants, as a multiple of other workers'",
  },
  presence: {
    kind: WATCHED_NAMES,
    default: [],
    help:
      "Groups and uids of which handlers are told who joins and leaves, such as group:room-*,uid:*; else what the handler says",
    defaultText: "none",
  },
  presenceGrace: {
    ...amount(PRESENCE_QUANTITIES.presenceGrace),
    help:
      "Seconds that a user whose last tab is gone may take to come back, and has not left",
  },
  presenceClients: {
    kind: choice("WHAT", CLIENTS_MAY),
    default: "none" as const,
    help:
      "What clients of gatewayworker.v1 may do there by themselves: none, see who is in their groups, or also set what they say of themselves",
  },
  queryTimeout: {
    ...amount(WORKER_QUANTITIES.queryTimeout),
    help: "Seconds that a cluster call of a handler waits for a gateway",
  },
  drainTimeout: {
    ...amount(WORKER_QUANTITIES.drainTimeout),
    help:
      "Seconds that a stopping worker may take to finish; what is left then goes to others",
  },
  handlerTimeout: {
    ...amount(WORKER_QUANTITIES.handlerTimeout),
    help:
      "Seconds after which a handler that still runs no longer holds up its client; 0 is never",
  },
  linkBuffer: {
    ...amount(WORKER_QUANTITIES.linkBuffer),
    help:
      "Most bytes that wait to leave for a gateway that does not keep up; then sends to it fail",
  },
  workerPermissions: {
    common: true,
    kind: PERMISSIONS,
    default: "-A",
    help: "What handlers may do, as flags of Deno separated by spaces",
  },
} satisfies OptionTable;
