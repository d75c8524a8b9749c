import type { Sabotage } from "./link_frames.ts";
import { FAULT_KINDS, type FaultKind, LONG_FAULTS } from "./plan.ts";

/** Kinds of runs. */
export const SCENARIOS = {
  chaos: "everything that can happen, in random order",
  deploy: "a worker is killed every 2 s, all are replaced every 10 s",
  slow: "a fifth of the clients stop reading",
  return: "clients of the library come back, over cables that fail",
  presence:
    "users with up to five tabs come and go, gateways and workers are killed",
  cells: "servers of NATS and bridges of three cells fail, one after the other",
} as const;

/** How many clients there are if nothing is said. */
const CLIENTS = {
  chaos: 400,
  deploy: 1_000,
  slow: 1_000,
  return: 200,
  presence: 2_000,
  cells: 12,
};

/** The name of a scenario. */
export type Scenario = keyof typeof SCENARIOS;

/** What the command line asks for. */
export interface ChaosOptions {
  /** The kind of run. */
  readonly scenario: Scenario;
  /** Decides everything that is random. */
  readonly seed: number;
  /** Seconds of sending. */
  readonly seconds: number;
  /** How many clients. */
  readonly clients: number;
  /** Messages per second and client. */
  readonly rate: number;
  /** Gateway processes. */
  readonly gateways: number;
  /** Worker processes. */
  readonly workers: number;
  /** What may happen. */
  readonly faults: readonly FaultKind[];
  /** What to do to the messages on one gateway's links, to see it caught. */
  readonly sabotage: Sabotage | undefined;
  /** Folder of journal and logs; a new one if empty. */
  readonly folder: string;
}

/** What `--help` says. */
export const HELP = `deno task chaos [OPTION=VALUE…]

  --scenario  chaos (default), deploy, slow, return, presence, cells (as deno task cells chaos)
  --seed      a whole number; a random one by default, which is printed
  --seconds   how long clients send (default 60)
  --clients   how many (default 1000; chaos: 400; return: 200, ten at a time; presence: 2000 users)
  --rate      messages per second and client (default 2)
  --gateways  gateway processes (default 2)
  --workers   worker processes (default 4)
  --faults    what may happen, comma-separated (default: everything that fits in the time):
              ${FAULT_KINDS.join(", ")}
  --sabotage  drop, swap or duplicate one message on a link (presence: one join or leave
              that is told): the run must fail
  --folder    where the journal and the logs go (default: a new one)
`;

/**
 * Reads the command line.
 *
 * @throws {TypeError} If an option is unknown or its value makes no sense.
 */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const given = readFlags(args);
  const take = (name: string, or: number) => {
    const text = given.get(name);
    given.delete(name);
    return text === undefined ? or : toNumber(name, text);
  };
  const scenario = toScenario(given.get("scenario") ?? "chaos");
  const faults = given.get("faults");
  const folder = given.get("folder") ?? "";
  const sabotage = given.get("sabotage");
  for (const name of ["scenario", "faults", "folder", "sabotage"]) {
    given.delete(name);
  }
  const seconds = take("seconds", 60);
  const options = {
    scenario,
    seed: take("seed", Math.floor(Math.random() * 1_000_000)),
    seconds,
    clients: take("clients", CLIENTS[scenario]),
    rate: take("rate", 2),
    gateways: take("gateways", scenario === "slow" ? 1 : 2),
    workers: take("workers", 4),
    faults: faults === undefined ? defaultFaults(seconds) : toFaults(faults),
    sabotage: sabotage === undefined ? undefined : toSabotage(sabotage),
    folder,
  };
  for (const name of given.keys()) {
    throw new TypeError(`Cannot use --${name}: there is no such option`);
  }
  return options;
}

function readFlags(args: readonly string[]): Map<string, string> {
  const given = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const [, name = "", value] =
      /^--([a-z]+)(?:=(.*))?$/.exec(args[at] ?? "") ??
        [];
    if (name === "") {
      throw new TypeError(`Cannot use "${args[at]}" as it must be an option`);
    }
    given.set(name, value ?? args[++at] ?? "");
  }
  return given;
}

function toNumber(name: string, text: string): number {
  const value = Number(text);
  if (text !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new TypeError(
    `Cannot use --${name} as it must be a number of at least 0: current value is "${text}"`,
  );
}

function toScenario(text: string): Scenario {
  const found = Object.keys(SCENARIOS).find((name): name is Scenario =>
    name === text
  );
  if (found !== undefined) return found;
  throw new TypeError(
    `Cannot use --scenario as it must be ${
      Object.keys(SCENARIOS).join(", ")
    }: current value is "${text}"`,
  );
}

function toSabotage(text: string): Sabotage {
  switch (text) {
    case "drop":
    case "swap":
    case "duplicate":
      return text;
    default:
      throw new TypeError(
        `Cannot use --sabotage as it must be drop, swap or duplicate: current value is "${text}"`,
      );
  }
}

function toFaults(text: string): FaultKind[] {
  const names = text.split(",").filter((name) => name !== "");
  const kinds = FAULT_KINDS.filter((kind) => names.includes(kind));
  if (kinds.length === names.length) return kinds;
  throw new TypeError(
    `Cannot use --faults as it must name ${
      FAULT_KINDS.join(", ")
    }: current value is "${text}"`,
  );
}

/** Long faults are for runs in which they can end by themselves. */
function defaultFaults(seconds: number): readonly FaultKind[] {
  if (seconds >= 60) return FAULT_KINDS;
  return FAULT_KINDS.filter((kind) => !LONG_FAULTS.includes(kind));
}
