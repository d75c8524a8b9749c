import {
  LOG_FORMATS,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
} from "../process/logging.ts";
import {
  ADDRESS,
  ADDRESSES,
  bytes,
  choice,
  DIALABLE_HOST,
  FLAG,
  HOST,
  type Kind,
  LISTEN_URLS,
  SECONDS,
  text,
  wholeNumber,
} from "./option_kind.ts";

/** Every option of every command, with its value. */
export interface Settings {
  /** File with options; empty for none. */
  config: string;
  /** Where the clients come in. */
  listen: readonly string[];
  /** Where the Register listens. */
  registerListen: string;
  /** The Registers to join. */
  register: readonly string[];
  /** Address that workers dial this machine's gateways at. */
  lanIp: string;
  /** Address that a gateway's port for workers is bound to; empty for `lanIp`. */
  lanListen: string;
  /** Port for workers of the first gateway; the next ones follow. */
  startPort: number;
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
  /** Seconds between heartbeats; 0 for none. */
  pingInterval: number;
  /** What a heartbeat sends to clients; empty for nothing. */
  pingData: string;
  /** Heartbeats that a client may miss; 0 for any number. */
  pingNotResponseLimit: number;
  /** Longest message of a client, in bytes. */
  maxMessage: number;
  /** Most bytes queued for a client. */
  sendBuffer: number;
  /** Most clients of one gateway. */
  maxConnections: number;
  /** Seconds that stopping may take. */
  stopTimeout: number;
  /** Lowest level that is logged. */
  logLevel: LogLevel;
  /** Look of the log. */
  logFormat: LogFormat;
  /** Whether a supervisor started this process. */
  supervised: boolean;
  /** Whether several gateways share the client port. */
  reusePort: boolean;
  /** Number of this process among its like. */
  id: number;
}

/** Names a row of {@linkcode OPTIONS}. */
export type OptionKey = keyof Settings;

/** One option: everything that flags, variables, files and help are made of. */
export interface OptionSpec<T> {
  /** Name in kebab case: `lan-ip`. */
  readonly name: string;
  /** What values it takes. */
  readonly kind: Kind<T>;
  /** Value if nobody gives one. */
  readonly default: T;
  /** One sentence without its full stop. */
  readonly help: string;
  /** The default in words, if its value does not speak for itself. */
  readonly defaultText?: string;
  /** Whether only a supervisor gives it. */
  readonly internal?: boolean;
}

/** Leaves one core to the gateway. */
function defaultWorkers(): number {
  return Math.max(1, navigator.hardwareConcurrency - 1);
}

/** The one place where an option is described. */
export const OPTIONS: {
  readonly [K in OptionKey]: OptionSpec<Settings[K]>;
} = {
  listen: {
    name: "listen",
    kind: LISTEN_URLS,
    default: ["ws://0.0.0.0:8282"],
    help: "Where clients connect, and what they speak; repeatable",
  },
  registerListen: {
    name: "listen",
    kind: ADDRESS,
    default: "127.0.0.1:1236",
    help: "Where gateways and workers dial; keep it on a private network",
  },
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
    help: "Processes; several run under a supervisor",
  },
  name: {
    name: "name",
    kind: text("NAME"),
    default: "",
    help: "Name in tables; workers of one machine that are not alike need two",
    defaultText: '"Gateway" or "BusinessWorker"',
  },
  lanIp: {
    name: "lan-ip",
    kind: DIALABLE_HOST,
    default: "127.0.0.1",
    help: "Address that workers on other machines dial this one at",
  },
  lanListen: {
    name: "lan-listen",
    kind: HOST,
    default: "",
    help:
      "Address to listen on for workers, if it is not lan-ip (NAT, containers)",
    defaultText: "lan-ip",
  },
  startPort: {
    name: "start-port",
    kind: wholeNumber(0, 65_535),
    default: 2000,
    help: "Port for workers of the first gateway; the next ones count up",
  },
  secretKey: {
    name: "secret-key",
    kind: text("KEY"),
    default: "",
    help:
      "Key that all roles of a cluster share; others can see a command line, so prefer the file",
    defaultText: "none",
  },
  secretKeyFile: {
    name: "secret-key-file",
    kind: text("FILE"),
    default: "",
    help: "File with that key",
    defaultText: "none",
  },
  pingInterval: {
    name: "ping-interval",
    kind: SECONDS,
    default: 0,
    help: "Heartbeat of clients, in seconds; 0 is off, 55 suits most proxies",
  },
  pingData: {
    name: "ping-data",
    kind: text("TEXT"),
    default: "",
    help: "What to send to an idle client at each heartbeat",
    defaultText: "nothing",
  },
  pingNotResponseLimit: {
    name: "ping-not-response-limit",
    kind: wholeNumber(0, 1000),
    default: 0,
    help: "Close a client that was silent for so many heartbeats; 0 is never",
  },
  maxMessage: {
    name: "max-message",
    kind: bytes(64),
    default: 10 * 1024 ** 2,
    help: "Longest message that a client may send, in bytes",
    defaultText: "10m",
  },
  sendBuffer: {
    name: "send-buffer",
    kind: bytes(1024),
    default: 1_024_000,
    help: "Most bytes queued for one client that does not read",
  },
  maxConnections: {
    name: "max-connections",
    kind: wholeNumber(1),
    default: 15_000,
    help: "Most clients of one gateway process; each takes a file descriptor",
  },
  stopTimeout: {
    name: "stop-timeout",
    kind: SECONDS,
    default: 35,
    help: "Most seconds that a graceful stop takes",
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
    kind: choice("LEVEL", LOG_LEVELS),
    default: "info",
    help: `Lowest level that is logged: ${LOG_LEVELS.join(", ")}`,
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
  id: {
    name: "id",
    kind: wholeNumber(0),
    default: 0,
    help: "Number of this process among its like",
    internal: true,
  },
};

/** Options that every command takes. */
export const COMMON_OPTIONS: readonly OptionKey[] = [
  "config",
  "logLevel",
  "logFormat",
];

/** Name of an option in a configuration file: `lanIp`. */
export function configName(key: OptionKey): string {
  return OPTIONS[key].name.replace(
    /-(\w)/g,
    (_, letter: string) => letter.toUpperCase(),
  );
}

/** Name of an option in the environment: `GATEWAYWORKER_LAN_IP`. */
export function envName(key: OptionKey): string {
  return `GATEWAYWORKER_${
    OPTIONS[key].name.toUpperCase().replaceAll("-", "_")
  }`;
}
