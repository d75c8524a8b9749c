import { DEFAULT_LOAD, type LoadOptions } from "./load_options.ts";
import type { FigureName } from "./figures.ts";
import type { Goal, Scenario } from "./scenario.ts";

/** How long each run of a suite lasts, in seconds. */
export interface SuiteTiming {
  /** The measured window. */
  readonly seconds: number;
  /** Load before it. */
  readonly warmup: number;
}

/** Names of the suites. */
export const SUITES = ["quick", "full", "scale", "compare"] as const;

/** The name of a suite. */
export type SuiteName = typeof SUITES[number];

const ECHO: readonly FigureName[] = ["perSecond", "perCpuSecond", "p50", "p99"];
const ECHO_OF_MANY: readonly FigureName[] = [...ECHO, "fairness"];
const OPEN_LOOP: readonly FigureName[] = [
  "perSecond",
  "cpu",
  "p50",
  "p99",
  "switches",
];
const FAN_OUT: readonly FigureName[] = [
  "perSecond",
  "perCpuSecond",
  "p50",
  "p99",
];
const PROCESSES: readonly FigureName[] = [
  "perSecond",
  "perCpuSecond",
  "gatewayWork",
  "workerWork",
  "p99",
];
const IDLE: readonly FigureName[] = ["memory"];
const LINK: readonly FigureName[] = ["perSecond", "perCpuSecond", "generator"];
const MESH: readonly FigureName[] = ["cpu", "resident", "switches"];

const ALL = [
  "ours",
  "bare",
  "deno-serve",
  "ws",
  "socket.io",
  "socket.io-cluster",
];
const HUBS = [
  "ours",
  "ws",
  "socket.io",
  "socket.io-cluster",
  "socket.io-redis",
];

/** Returns the scenarios of a suite. */
export function suiteOf(name: SuiteName, timing: SuiteTiming): Scenario[] {
  const load = { ...DEFAULT_LOAD, ...timing };
  switch (name) {
    case "quick":
      return quick(load);
    case "full":
      return [
        ...echoes(load),
        ...fanOuts(load),
        ...connections(load),
        link(load),
      ];
    case "scale":
      return scale(load);
    case "compare":
      return compared(load);
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
    fanOut("Broadcast to 900 clients, 16 in flight", {
      ...many,
      mode: "broadcast",
      depth: 16,
    }),
  ];
}

function echoes(load: LoadOptions): Scenario[] {
  const many = { ...load, clients: 900 };
  return [
    echo("Echo, one message in flight per client", load, ALL, [
      perCpu("bare", 0.6),
      perCpu("socket.io", 1.1),
      perCpu("ws", 0.8),
    ]),
    echo("Echo, 8 in flight", { ...load, depth: 8 }, ALL, [
      perCpu("bare", 0.5),
      perCpu("ws", 3.5),
    ]),
    echo("Echo, 900 clients", many, ["ours", "bare", "ws", "socket.io"], [
      perCpu("ws", 0.75),
    ]),
    {
      title: "Echo, 900 clients, open loop at 10,000 messages/s",
      load: { ...many, rate: 10_000 },
      servers: ["ours", "ws", "socket.io"],
      figures: OPEN_LOOP,
      goals: [
        { figure: "cpu", of: "ours", against: "socket.io", atMost: 1.3 },
        { figure: "p99", of: "ours", against: "ws", atMost: 1.5 },
      ],
    },
  ];
}

function fanOuts(load: LoadOptions): Scenario[] {
  const broadcast = { ...load, mode: "broadcast", clients: 900 } as const;
  return [
    fanOut("Broadcast to 900 clients, one in flight", broadcast, [
      perCpu("ws", 1.1),
    ]),
    fanOut("Broadcast to 900 clients, 16 in flight", {
      ...broadcast,
      depth: 16,
    }, [
      perCpu("ws", 4),
    ]),
    fanOut("Groups of 30, 900 clients, 4 in flight per group", {
      ...load,
      mode: "group",
      clients: 900,
      depth: 4,
    }),
    {
      ...fanOut("User to user", { ...load, mode: "direct" }, [
        {
          figure: "perCpuSecond",
          of: "ours:2+2",
          against: "ours",
          atLeast: 0.85,
        },
      ]),
      servers: ["ours", "ours:2+2", "ws", "socket.io", "socket.io-cluster"],
    },
  ];
}

function connections(load: LoadOptions): Scenario[] {
  return [
    {
      title: "Connects, 64 at a time, each greeted by the handler",
      load: { ...load, mode: "connect", clients: 64 },
      servers: ["ours", "ws", "socket.io"],
      figures: ["perSecond", "perCpuSecond", "p50", "p99"],
      goals: [{ figure: "perSecond", of: "ours", against: "ws", atLeast: 0.8 }],
    },
    {
      title: "Churn: connect, 10 messages, leave; 64 at a time",
      load: { ...load, mode: "connect", clients: 64, messages: 10 },
      servers: ["ours", "ws"],
      figures: ["perSecond", "perCpuSecond", "p50", "p99"],
      goals: [],
    },
    idle(
      "Memory of 15,000 idle clients, with session, uid and two groups",
      15_000,
      [
        { figure: "memory", of: "ours", atMost: 8_500 },
      ],
    ),
  ];
}

/** How cost grows with clients, message size, groups and processes. */
function scale(load: LoadOptions): Scenario[] {
  const clients = [100, 1_000, 5_000, 19_000].map((count) =>
    echo(`Echo, ${count} clients`, {
      ...load,
      clients: count,
      warmup: load.warmup * 2,
    }, ["ours"])
  );
  const sizes = [16, 256, 4_096, 65_536, 1_048_576].map((size) =>
    echo(`Echo, messages of ${size} bytes`, {
      ...load,
      size,
      clients: size > 65_536 ? 10 : 100,
    }, [
      "ours",
      "ws",
    ])
  );
  const groupSizes = [900, 90, 9, 3].map((groupSize) =>
    groups(`Groups of ${groupSize}, 900 clients`, { ...load, groupSize })
  );
  const groupCounts = [0, 11, 111].map((joins) =>
    groups(`Groups of 30, 900 clients, ${900 * joins} more groups`, {
      ...load,
      joins,
    })
  );
  const processes = [1, 8].map((depth) => ({
    ...echo(`Echo by processes, ${depth} in flight`, { ...load, depth }, [
      "ours",
      "ours:1+2",
      "ours:2+1",
      "ours:2+2",
      "ours:4+4",
    ]),
    figures: PROCESSES,
  }));
  return [
    ...clients,
    ...sizes,
    ...groupSizes,
    ...groupCounts,
    ...processes,
    ...[1, 5, 10, 20].map((count) => mesh(count, load)),
  ];
}

/** What the links of idle gateways and workers cost, each linked to each. */
function mesh(count: number, load: LoadOptions): Scenario {
  return {
    title: `Idle mesh, ${count} gateways and ${count} workers`,
    load: { ...load, mode: "mesh", warmup: Math.max(count / 2, load.warmup) },
    servers: [`ours:${count}+${count}`],
    figures: MESH,
    goals: [],
  };
}

/** Frames of 128 bytes over one link. */
function link(load: LoadOptions): Scenario {
  return {
    title: "Frames of 128 bytes over one link",
    load: { ...load, mode: "link", clients: 1, size: 128 },
    servers: ["link"],
    figures: LINK,
    goals: [{ figure: "perSecond", of: "link", atLeast: 1_000_000 }],
  };
}

function groups(title: string, load: LoadOptions): Scenario {
  const group = { ...load, mode: "group", clients: 900 } as const;
  return {
    ...fanOut(title, group),
    servers: ["ours"],
    figures: [...FAN_OUT, "resident"],
  };
}

function echo(
  title: string,
  load: LoadOptions,
  servers: readonly string[],
  goals: readonly Goal[] = [],
): Scenario {
  const figures = load.clients > 128 ? ECHO_OF_MANY : ECHO;
  return { title, load, servers, figures, goals };
}

function fanOut(
  title: string,
  load: LoadOptions,
  goals: readonly Goal[] = [],
): Scenario {
  return { title, load, servers: HUBS, figures: FAN_OUT, goals };
}

function idle(
  title: string,
  clients: number,
  goals: readonly Goal[],
): Scenario {
  const load: LoadOptions = {
    ...DEFAULT_LOAD,
    mode: "idle",
    clients,
    seconds: 3,
  };
  return {
    title,
    load,
    servers: ["ours", "ws", "socket.io"],
    figures: IDLE,
    goals,
  };
}

function perCpu(against: string, atLeast: number): Goal {
  return { figure: "perCpuSecond", of: "ours", against, atLeast };
}
