import {
  DEFAULT_GATHER_WITHIN,
  MAX_GATHER_WITHIN,
} from "../../wire/gatherer.ts";
import {
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
} from "../../process/logging.ts";
import {
  ADDRESS,
  ADDRESSES,
  choice,
  FLAG,
  LOG_LEVEL_LIST,
  milliseconds,
  SECONDS,
  SECRET_KEYS,
  SOME_SECONDS,
  text,
  V8_FLAGS,
  wholeNumber,
} from "./option_kind.ts";
import type { OptionTable } from "./option_spec.ts";

/** What processes of several kinds are told. */
export interface ProcessSettings {
  /** File with options; empty for none. */
  config: string;
  /** The Registers to join. */
  register: readonly string[];
  /** Gateway processes of `start`. */
  gateways: number;
  /** Worker processes of `start`. */
  workers: number;
  /** Processes of `gateway` and `worker`. */
  count: number;
  /** Name of the role; empty for its usual one. */
  name: string;
  /** Key of the cluster; empty for none. */
  secretKey: string;
  /** File whose text is the key; empty for none. */
  secretKeyFile: string;
  /** Seconds between heartbeats on links. */
  linkHeartbeat: number;
  /** Whether a gateway or worker runs without a supervisor. */
  alone: boolean;
  /** Milliseconds that what goes over a busy link may wait for more. */
  gatherWithin: number;
  /** Seconds that the user's code may take to be ready; 0 for no limit. */
  startTimeout: number;
  /** Seconds within which a child must answer its supervisor; 0 for no limit. */
  hangTimeout: number;
  /** Seconds that stopping may take; 0 for as long as the roles may. */
  stopTimeout: number;
  /** Seconds that `/readyz` is red before a stop begins. */
  stopDelay: number;
  /** Folder of the control socket; empty for the usual one. */
  runtimeDir: string;
  /** Where health and metrics are served; empty for nowhere. */
  admin: string;
  /** Flags of V8 for child processes; empty for none. */
  v8Flags: string;
  /** Lowest levels that are logged: one for all, and others for categories. */
  logLevel: readonly string[];
  /** Look of the log. */
  logFormat: LogFormat;
  /** Whether a supervisor started this process. */
  supervised: boolean;
  /** Whether several gateways share the client port. */
  reusePort: boolean;
  /** Number of this process among its like. */
  id: number;
  /** File descriptors that this process may have; 0 if nobody has looked. */
  fileLimit: number;
}

/** Leaves one core to the gateway. */
function defaultWorkers(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}

/** The options of several commands. */
export const PROCESS_OPTIONS: OptionTable<ProcessSettings> = {
  register: {
    name: "register",
    kind: ADDRESSES,
    default: ["127.0.0.1:1236"],
    help: "The Register; a list if there are several",
  },
  gateways: {
    name: "gateways",
    kind: wholeNumber(1, 256),
    default: 1,
    help: "Gateway processes; they share the client port",
  },
  workers: {
    name: "workers",
    kind: wholeNumber(1, 1024),
    default: defaultWorkers(),
    help: "Worker processes",
    defaultText: "cores - 1, at least 1",
  },
  count: {
    name: "count",
    kind: wholeNumber(1, 1024),
    default: 1,
    help: "Processes",
  },
  name: {
    name: "name",
    kind: text("NAME"),
    default: "",
    help: "Name in tables; workers of one machine that are not alike need two",
    defaultText: '"Gateway" or "BusinessWorker"',
  },
  secretKey: {
    name: "secret-key",
    kind: SECRET_KEYS,
    default: "",
    help:
      "Key that all roles of a cluster share, or several while it is being changed; others can see a command line, so prefer the file",
    defaultText: "none",
    secret: true,
  },
  secretKeyFile: {
    name: "secret-key-file",
    kind: text("FILE"),
    default: "",
    help: "File with that key, or several, one a line; read again on SIGHUP",
    defaultText: "none",
    readsFile: true,
  },
  linkHeartbeat: {
    name: "link-heartbeat",
    kind: SOME_SECONDS,
    default: 5,
    help:
      "Seconds between heartbeats of gateways and workers; after three in vain a link is cut",
  },
  alone: {
    name: "alone",
    kind: FLAG,
    default: false,
    help: "One process and no supervisor: nobody restarts or reloads it",
  },
  gatherWithin: {
    name: "gather-within",
    kind: milliseconds(MAX_GATHER_WITHIN),
    default: DEFAULT_GATHER_WITHIN,
    help:
      "Milliseconds that messages wait for others between gateway and worker, above some thousand a second; 0 is never",
  },
  startTimeout: {
    name: "start-timeout",
    kind: SECONDS,
    default: 60,
    help:
      "Seconds that a handler may take to load, its start event included; 0 is no limit",
  },
  hangTimeout: {
    name: "hang-timeout",
    kind: SECONDS,
    default: 60,
    help:
      "Seconds for which a process may block before it is ended and started again; 0 is no limit",
  },
  stopTimeout: {
    name: "stop-timeout",
    kind: SECONDS,
    default: 0,
    help: "Most seconds that a graceful stop takes; what is left then is ended",
    defaultText: "what the roles may take together",
  },
  stopDelay: {
    name: "stop-delay",
    kind: SECONDS,
    default: 1,
    help:
      "Seconds that /readyz of --admin is red before a stop begins, for load balancers to notice",
  },
  runtimeDir: {
    name: "runtime-dir",
    kind: text("DIR"),
    default: "",
    help: "Folder of the control socket; two clusters on one machine use two",
    defaultText: "one for each user and port of the Register",
  },
  admin: {
    name: "admin",
    kind: ADDRESS,
    default: "",
    help:
      "Where to serve the dashboard, /healthz, /readyz and /metrics; keep it on a private network",
    defaultText: "nowhere",
  },
  v8Flags: {
    name: "v8-flags",
    kind: V8_FLAGS,
    default: "",
    help:
      "Flags of V8 for the processes that are started, such as --max-old-space-size=512",
    defaultText: "none",
  },
  config: {
    name: "config",
    kind: text("FILE"),
    default: "",
    help: 'JSON file with options, such as { "lanIp": "10.0.0.5" }',
    defaultText: "none",
  },
  logLevel: {
    name: "log-level",
    kind: LOG_LEVEL_LIST,
    default: ["info"],
    help: `Lowest level that is logged: ${
      LOG_LEVELS.join(", ")
    }; gateway=debug for one category`,
  },
  logFormat: {
    name: "log-format",
    kind: choice("FORMAT", LOG_FORMATS),
    default: "text",
    help: "text for people, json for JSON lines",
  },
  supervised: {
    name: "supervised",
    kind: FLAG,
    default: false,
    help: "Take orders on standard input, report on standard output",
    internal: true,
  },
  reusePort: {
    name: "reuse-port",
    kind: FLAG,
    default: false,
    help: "Share the client port with other processes",
    internal: true,
  },
  fileLimit: {
    name: "file-limit",
    kind: wholeNumber(0, 9_999_999_999),
    default: 0,
    help: "File descriptors that this process may have",
    internal: true,
  },
  id: {
    name: "id",
    kind: wholeNumber(0),
    default: 0,
    help: "Number of this process among its like",
    internal: true,
  },
};
