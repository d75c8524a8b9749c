/** What the rows of all suites are built with. */
import type { FigureName } from "./figures.ts";
import type { LoadOptions } from "./load_options.ts";
import type { Goal, Scenario } from "./scenario.ts";

/** Figures of loads in which messages pass, in a closed loop. */
export const MESSAGES: readonly FigureName[] = [
  "perSecond",
  "perCpuSecond",
  "p50",
  "p99",
];

/** Bytes of a kibibyte and of a mebibyte, which sizes of messages are given in. */
export const KIB = 1_024;
export const MIB = 1_024 * KIB;

/** All who send to many. */
const HUBS = [
  "ours",
  "ws",
  "socket.io",
  "socket.io-cluster",
  "socket.io-redis",
];

/** An echo; among many clients also how evenly they are served. */
export function echo(
  title: string,
  load: LoadOptions,
  servers: readonly string[],
  goals: readonly Goal[] = [],
): Scenario {
  const figures: readonly FigureName[] = load.clients > 128
    ? [...MESSAGES, "fairness"]
    : MESSAGES;
  return { title, load, servers, figures, goals };
}

/** One client that sends a large message when the one before has come back. */
export function large(
  title: string,
  load: LoadOptions,
  goals: readonly Goal[] = [],
): Scenario {
  return {
    title,
    load: { ...load, clients: 1 },
    servers: ["ours", "ws"],
    figures: ["perSecond", "cpuPerMessage", "p50", "resident"],
    goals,
  };
}

/** Messages to many. */
export function fanOut(
  title: string,
  load: LoadOptions,
  goals: readonly Goal[] = [],
): Scenario {
  return { title, load, servers: HUBS, figures: MESSAGES, goals };
}

/** Clients that connect and rest. */
export function idle(
  title: string,
  load: LoadOptions,
  servers: readonly string[],
  goals: readonly Goal[],
): Scenario {
  return {
    title,
    load: { ...load, mode: "idle", seconds: 3 },
    servers,
    figures: ["memory"],
    goals,
  };
}

/** A goal of `ours`, or another one of us, for messages per CPU-second against a peer. */
export function perCpu(against: string, atLeast: number, of = "ours"): Goal {
  return { figure: "perCpuSecond", of, against, atLeast };
}
