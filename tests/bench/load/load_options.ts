import { parseArgs } from "node:util";
import { type DialectName, DIALECTS } from "./dialect.ts";
import type { Watched } from "./proc.ts";
import type { Pattern } from "./routes.ts";

/**
 * What the generator does: a pattern of messages, something with connections, frames
 * on a link between two processes, or nothing at all. In `start` there is no generator:
 * a cluster is started.
 */
export type LoadMode = Pattern | "connect" | "idle" | "link" | "mesh" | "start";

/** One load, as the generator gets it on its command line. */
export interface LoadOptions {
  /** What clients do. */
  readonly mode: LoadMode;
  /** Clients; in `connect`, connections under way at a time. */
  readonly clients: number;
  /** Messages in flight: of each client, of each group, or of all (`broadcast`). */
  readonly depth: number;
  /** Bytes of a message; in `link`, of a frame with its header. */
  readonly size: number;
  /** Seconds of the measured window; in `idle`, of rest before memory is read. */
  readonly seconds: number;
  /** Seconds of load before the window. */
  readonly warmup: number;
  /** Messages a second of all clients together (open loop); 0: closed loop. */
  readonly rate: number;
  /** Members of each group. */
  readonly groupSize: number;
  /** In `group`, further groups that each client joins and that nobody writes to. */
  readonly joins: number;
  /** In `connect`, messages that each connection exchanges before it ends. */
  readonly messages: number;
}

/** Where the load goes, and what is watched meanwhile. */
export interface LoadTarget {
  /** Addresses, `host:port`; clients take turns. */
  readonly addresses: readonly string[];
  /** What the servers speak inside WebSocket messages. */
  readonly dialect: DialectName;
  /** Processes whose use of the machine is read. */
  readonly watched: readonly Watched[];
}

/** A load of the usual size. */
export const DEFAULT_LOAD: LoadOptions = {
  mode: "echo",
  clients: 100,
  depth: 1,
  size: 64,
  seconds: 5,
  warmup: 1,
  rate: 0,
  groupSize: 30,
  joins: 0,
  messages: 0,
};

const MODES: readonly string[] = [
  "echo",
  "direct",
  "group",
  "broadcast",
  "connect",
  "idle",
  "link",
  "mesh",
];

/** Options of a load, for `parseArgs`. */
export const LOAD_ARGS = {
  mode: { type: "string" },
  clients: { type: "string" },
  depth: { type: "string" },
  size: { type: "string" },
  seconds: { type: "string" },
  warmup: { type: "string" },
  rate: { type: "string" },
  "group-size": { type: "string" },
  joins: { type: "string" },
  messages: { type: "string" },
} as const;

const TARGET_ARGS = {
  url: { type: "string" },
  dialect: { type: "string" },
  pids: { type: "string" },
} as const;

/** Values that `parseArgs` found, by option. */
export type ArgValues = Readonly<Record<string, string | boolean | undefined>>;

/** Reads the generator's command line. */
export function parseLoadArgs(
  args: string[],
): { load: LoadOptions; target: LoadTarget } {
  const { values } = parseArgs({
    args,
    options: { ...LOAD_ARGS, ...TARGET_ARGS },
  });
  const { url, dialect = "ws", pids = "" } = values;
  if (url === undefined) {
    throw new TypeError("Cannot load as --url HOST:PORT[,…] must be given");
  }
  if (!(dialect in DIALECTS)) {
    throw new TypeError(`Cannot load as --dialect is unknown: "${dialect}"`);
  }
  const target = {
    addresses: url.split(","),
    dialect: dialect as DialectName,
    watched: pids.split(",").filter(Boolean).map(parseWatched),
  };
  return { load: resolveLoad(values, DEFAULT_LOAD), target };
}

/** Writes a command line that {@linkcode parseLoadArgs} reads. */
export function formatLoadArgs(
  load: LoadOptions,
  target: LoadTarget,
): string[] {
  const pids = target.watched.map(({ name, pid }) => `${name}=${pid}`);
  return [
    ...Object.entries(load).flatMap((
      [key, value],
    ) => [`--${kebab(key)}`, String(value)]),
    ...["--url", target.addresses.join(",")],
    ...["--dialect", target.dialect],
    ...["--pids", pids.join(",")],
  ];
}

/** Returns the load with what the command line says otherwise. */
export function resolveLoad(values: ArgValues, load: LoadOptions): LoadOptions {
  const { mode = load.mode } = values;
  if (!MODES.includes(String(mode))) {
    throw new TypeError(
      `Cannot load as --mode must be one of ${
        MODES.join(", ")
      }: current value is "${mode}"`,
    );
  }
  const number = (key: Exclude<keyof LoadOptions, "mode">) =>
    numberOf(values, kebab(key), load[key]);
  return {
    mode: mode as LoadMode,
    clients: number("clients"),
    depth: number("depth"),
    size: number("size"),
    seconds: number("seconds"),
    warmup: number("warmup"),
    rate: number("rate"),
    groupSize: number("groupSize"),
    joins: number("joins"),
    messages: number("messages"),
  };
}

/** Reads an option that is a number and not negative. */
export function numberOf(
  values: ArgValues,
  key: string,
  fallback: number,
): number {
  const text = values[key];
  const value = text === undefined ? fallback : Number(text);
  if (!(value >= 0)) {
    throw new RangeError(
      `Cannot load as --${key} must be a number >= 0: current value is "${text}"`,
    );
  }
  return value;
}

function parseWatched(text: string): Watched {
  const [name = "", pid] = text.split("=");
  return { name, pid: Number(pid) };
}

function kebab(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
