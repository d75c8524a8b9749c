import { bytes, PERMISSIONS, SECONDS, SOME_SECONDS } from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What only workers are told. */
export interface WorkerSettings {
  /** Seconds that a cluster call waits for a gateway. */
  queryTimeout: number;
  /** Seconds that a stopping worker may take to finish. */
  drainTimeout: number;
  /** Seconds after which a handler is given up; 0 for never. */
  handlerTimeout: number;
  /** Bytes that may wait to leave for one gateway. */
  linkBuffer: number;
  /** Permissions of worker processes, as flags of Deno. */
  workerPermissions: string;
}

/** The options of workers. */
export const WORKER_OPTIONS: OptionTable<WorkerSettings> = {
  queryTimeout: {
    name: "query-timeout",
    kind: SOME_SECONDS,
    default: 5,
    help: "Seconds that a cluster call of a handler waits for a gateway",
  },
  drainTimeout: {
    name: "drain-timeout",
    kind: SOME_SECONDS,
    default: 30,
    help:
      "Seconds that a stopping worker may take to finish; what is left then goes to others",
  },
  handlerTimeout: {
    name: "handler-timeout",
    kind: SECONDS,
    default: 0,
    help:
      "Seconds after which a handler that still runs no longer holds up its client; 0 is never",
  },
  linkBuffer: {
    name: "link-buffer",
    kind: bytes(65_536),
    default: 64 * 1024 ** 2,
    help:
      "Most bytes that wait to leave for a gateway that does not keep up; then sends to it fail",
    defaultText: "64m",
  },
  workerPermissions: {
    name: "worker-permissions",
    kind: PERMISSIONS,
    default: "-A",
    help: "What handlers may do, as flags of Deno separated by spaces",
  },
};
