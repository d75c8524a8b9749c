import { fullSuite } from "./full_suite.ts";
import { DEFAULT_LOAD, type LoadOptions } from "./load_options.ts";
import { echo, fanOut, perCpu } from "./rows.ts";
import { scaleSuite } from "./scale_suite.ts";
import type { Scenario } from "./scenario.ts";

/** How long each run of a suite lasts, in seconds. */
export interface SuiteTiming {
  /** The measured window. */
  readonly seconds: number;
  /** Load before it. */
  readonly warmup: number;
}

/** Names of the suites. */
export const SUITES = ["quick", "full", "scale", "compare", "resume"] as const;

/** The name of a suite. */
export type SuiteName = typeof SUITES[number];

/** Returns the scenarios of a suite. */
export function suiteOf(name: SuiteName, timing: SuiteTiming): Scenario[] {
  const load = { ...DEFAULT_LOAD, ...timing };
  switch (name) {
    case "quick":
      return quick(load);
    case "full":
      return fullSuite(load);
    case "scale":
      return scaleSuite(load);
    case "compare":
      return compared(load);
    case "resume":
      return resumed(load);
    default:
      return name satisfies never;
  }
}

/** Three roles against the ceiling of the runtime. */
function quick(load: LoadOptions): Scenario[] {
  return [
    echo("Echo, one message in flight per client", load, ["ours", "bare"], [
      perCpu("bare", 0.6),
    ]),
    echo("Echo, 8 in flight", { ...load, depth: 8 }, ["ours", "bare"], [
      perCpu("bare", 0.5),
    ]),
  ];
}

/** What a change is most likely to make slower, in few rows. */
function compared(load: LoadOptions): Scenario[] {
  const many = { ...load, clients: 900 };
  return [
    echo("Echo, one message in flight per client", load, ["ours"]),
    echo("Echo, 8 in flight", { ...load, depth: 8 }, ["ours"]),
    echo("Echo, 900 clients", many, ["ours"]),
    {
      ...fanOut("Broadcast to 900 clients, 16 in flight", {
        ...many,
        mode: "broadcast",
        depth: 16,
      }),
      servers: ["ours"],
    },
  ];
}

/** Clients whose sessions outlive their sockets, beside others. */
function resumed(load: LoadOptions): Scenario[] {
  const both = ["ours+v1", "ours"];
  const goal = perCpu("ours", 0.9, "ours+v1");
  const many = { ...load, clients: 900 };
  return [
    echo("Echo, one message in flight per client", load, both, [goal]),
    echo("Echo, 8 in flight", { ...load, depth: 8 }, both, [goal]),
    {
      ...fanOut("Broadcast to 900 clients, 16 in flight", {
        ...many,
        mode: "broadcast",
        depth: 16,
      }, [goal]),
      servers: both,
    },
    {
      // Rings give their memory back at the next ping, 10 s later at most.
      title: "Memory of 15,000 idle clients that rest for 15 s",
      load: { ...DEFAULT_LOAD, mode: "idle", clients: 15_000, seconds: 15 },
      servers: both,
      figures: ["memory"],
      goals: [{ figure: "memory", of: "ours+v1", atMost: 8_800 }],
    },
  ];
}
