import { WORKER_QUANTITIES } from "../../worker/quantities.ts";
import { amount, milliseconds } from "./amount.ts";
import { LOG_FORMATS, LOG_LEVELS } from "../../process/logging.ts";
import {
  ADDRESS,
  ADDRESSES,
  choice,
  FLAG,
  LOG_LEVEL_LIST,
  SECONDS,
  SECRET_KEYS,
  text,
  V8_FLAGS,
  wholeNumber,
} from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** Leaves one core to the gateway. */
function defaultWorkers(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}

/** The options of several commands. */
export const PROCESS_OPTIONS = {
  register: {
    common: true,
    kind: ADDRESSES,
    default: ["127.0.0.1:1236"],
    help: "The Register; a list if there are several",
  },
  dev: {
    common: true,
    kind: FLAG,
    default: false,
    help:
      "Reload when the handler, or what it imports, changes; on this machine alone",
    flagOnly: true,
  },
  gateways: {
    common: true,
    kind: wholeNumber(1, 256),
    default: 1,
    help: "Gateway processes; they share the client port",
  },
  workers: {
    common: true,
    kind: wholeNumber(1, 1024),
    default: defaultWorkers(),
    help: "Worker processes",
    defaultText: "cores - 1, at least 1",
  },
  count: {
    common: true,
    kind: wholeNumber(1, 1024),
    default: 1,
    help: "Processes",
  },
  name: {
    kind: text("NAME"),
    default: "",
    help: "Name in tables; workers of one machine that are not alike need two",
    defaultText: '"Gateway" or "BusinessWorker"',
  },
  secretKey: {
    kind: SECRET_KEYS,
    default: "",
    help:
      "Key that all roles of a cluster share, or several while it is being changed; others can see a command line, so prefer the file",
    defaultText: "none",
    secret: true,
  },
  secretKeyFile: {
    common: true,
    kind: text("FILE"),
    default: "",
    help:
      "File with the key of the cluster, or several, one a line; read again on SIGHUP",
    defaultText: "none",
    readsFile: true,
  },
  linkHeartbeat: {
    ...amount(WORKER_QUANTITIES.linkHeartbeat),
    help:
      "Seconds between heartbeats of gateways and workers; after three in vain a link is cut",
  },
  alone: {
    kind: FLAG,
    default: false,
    help: "One process and no supervisor: nobody restarts or reloads it",
  },
  gatherWithin: {
    ...milliseconds(WORKER_QUANTITIES.gatherWithin),
    help:
      "Milliseconds that messages wait for others between gateway and worker, above some thousand a second; 0 is never",
  },
  startTimeout: {
    ...amount(WORKER_QUANTITIES.startTimeout),
    help:
      "Seconds that a handler may take to load, its start event included; 0 is no limit",
  },
  hangTimeout: {
    kind: SECONDS,
    default: 60,
    help:
      "Seconds for which a process may block before it is ended and started again; 0 is no limit",
  },
  stopTimeout: {
    kind: SECONDS,
    default: 0,
    help: "Most seconds that a graceful stop takes; what is left then is ended",
    defaultText: "what the roles may take together",
  },
  stopDelay: {
    kind: SECONDS,
    default: 1,
    help:
      "Seconds that /readyz of --admin and of client ports is red before a stop begins, for load balancers to notice; without --admin none",
  },
  runtimeDir: {
    kind: text("DIR"),
    default: "",
    help: "Folder of the control socket; two clusters on one machine use two",
    defaultText: "one for each user and port of the Register",
  },
  admin: {
    common: true,
    kind: ADDRESS,
    default: "",
    help:
      "Where to serve the dashboard, /healthz, /readyz and /metrics; keep it on a private network",
    defaultText: "nowhere",
  },
  v8Flags: {
    kind: V8_FLAGS,
    default: "",
    help:
      "Flags of V8 for the processes that are started, such as --max-old-space-size=512",
    defaultText: "none",
  },
  config: {
    common: true,
    kind: text("FILE"),
    default: "",
    help: 'JSON file with options, such as { "lanIp": "10.0.0.5" }',
    defaultText: "none",
  },
  logLevel: {
    common: true,
    kind: LOG_LEVEL_LIST,
    default: ["info"],
    help: `Lowest level that is logged: ${
      LOG_LEVELS.join(", ")
    }; gateway=debug for one category`,
  },
  logFormat: {
    kind: choice("FORMAT", LOG_FORMATS),
    default: "text" as const,
    help:
      "text for people, json for JSON lines, short for somebody who develops",
  },
  supervised: {
    kind: FLAG,
    default: false,
    help: "Take orders on standard input, report on standard output",
    internal: true,
  },
  reusePort: {
    kind: FLAG,
    default: false,
    help: "Share the client port with other processes",
    internal: true,
  },
  fileLimit: {
    kind: wholeNumber(0, 9_999_999_999),
    default: 0,
    help: "File descriptors that this process may have",
    internal: true,
  },
  id: {
    kind: wholeNumber(0),
    default: 0,
    help: "Number of this process among its like",
    internal: true,
  },
} satisfies OptionTable;

/** Options of the commands that run gateways or workers under a supervisor. */
export const LINKED_ROLE_KEYS = [
  "linkHeartbeat",
  "gatherWithin",
  "startTimeout",
  "hangTimeout",
  "stopTimeout",
  "stopDelay",
  "runtimeDir",
  "admin",
  "apiToken",
  "v8Flags",
  "alone",
] as const;
