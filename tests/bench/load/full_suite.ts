import { DEFAULT_LOAD, type LoadOptions } from "./load_options.ts";
import {
  echo,
  fanOut,
  idle,
  KIB,
  large,
  MESSAGES,
  MIB,
  perCpu,
} from "./rows.ts";
import type { Goal, Scenario } from "./scenario.ts";

/** All who can echo. */
const ALL = [
  "ours",
  "bare",
  "deno-serve",
  "ws",
  "original",
  "socket.io",
  "socket.io-cluster",
];

/** Everything that is measured beside peers. */
export function fullSuite(load: LoadOptions): Scenario[] {
  return [
    ...echoes(load),
    ...largeMessages(load),
    ...encrypted(load),
    ...encryptedLinks(load),
    ...fanOuts(load),
    ...connections(load),
    link(load),
    start(load),
  ];
}

function echoes(load: LoadOptions): Scenario[] {
  const many = { ...load, clients: 900 };
  return [
    echo("Echo, one message in flight per client", load, ALL, [
      perCpu("bare", 0.95),
      perCpu("original", 2.2),
      perCpu("socket.io", 1.1),
      perCpu("ws", 0.8),
    ]),
    echo("Echo, 8 in flight", { ...load, depth: 8 }, ALL, [
      perCpu("bare", 0.57),
      perCpu("ws", 3.5),
    ]),
    echo("Echo, 900 clients", many, [
      ...["ours", "bare", "ws", "original", "socket.io"],
    ], [
      perCpu("bare", 0.95),
      perCpu("original", 2.2),
      perCpu("ws", 0.75),
    ]),
    {
      title: "Echo, one client, one message at a time",
      load: { ...load, clients: 1 },
      servers: ["ours", "relay", "bare", "ws"],
      figures: [...MESSAGES, "switches"],
      goals: [{ figure: "p50", of: "ours", against: "ws", atMost: 2 }],
    },
    {
      title: "Echo, 900 clients, open loop at 10,000 messages/s",
      load: { ...many, rate: 10_000 },
      servers: ["ours", "ws", "socket.io"],
      figures: ["perSecond", "cpu", "p50", "p99", "switches"],
      goals: [
        { figure: "cpu", of: "ours", against: "ws", atMost: 1.1 },
        { figure: "cpu", of: "ours", against: "socket.io", atMost: 1.3 },
        { figure: "p99", of: "ours", against: "ws", atMost: 1.5 },
      ],
    },
  ];
}

function largeMessages(load: LoadOptions): Scenario[] {
  const servers = ["ours", "relay", "ws"];
  const size = (bytes: number) => ({ ...load, size: bytes });
  const cost: Goal = {
    figure: "cpuPerMessage",
    of: "ours",
    against: "ws",
    atMost: 2.5,
  };
  return [
    echo("Echo, messages of 64 KiB", size(64 * KIB), servers, [
      perCpu("ws", 1.2),
    ]),
    echo(
      "Echo, messages of 1 MiB, 10 clients",
      {
        ...size(MIB),
        clients: 10,
      },
      servers,
      [perCpu("ws", 0.9)],
    ),
    large("Messages of 8 MiB, one at a time", size(8 * MIB), [cost]),
    large("Messages of 16 MiB, one at a time", size(16 * MIB), [cost]),
  ];
}

/** Clients over TLS. */
function encrypted(load: LoadOptions): Scenario[] {
  const row = (what: string, goal: number, more: Partial<LoadOptions> = {}) =>
    echo(`Echo over TLS, ${what}`, { ...load, ...more }, BOTH_OVER_TLS, [
      perCpu("ws+wss", goal, "ours+wss"),
    ]);
  return [
    row("one message in flight per client", 1),
    row("8 in flight", 1.6, { depth: 8 }),
    row("messages of 4 KiB", 1, { size: 4 * KIB }),
    row("messages of 64 KiB", 1, { size: 64 * KIB }),
    {
      title: "Connects over TLS, 64 at a time, each greeted by the handler",
      load: { ...load, mode: "connect", clients: 64 },
      servers: BOTH_OVER_TLS,
      figures: MESSAGES,
      goals: [perCpu("ws+wss", 1.2, "ours+wss")],
    },
    idle(
      "Memory of 3,000 idle clients over TLS, with session, uid and two groups",
      { ...DEFAULT_LOAD, clients: 3_000 },
      BOTH_OVER_TLS,
      [{ figure: "memory", of: "ours+wss", atMost: 20_000 }],
    ),
  ];
}

const BOTH_OVER_TLS = ["ours+wss", "ws+wss"];

/** Links over TLS, with clients that are not, against links without. */
function encryptedLinks(load: LoadOptions): Scenario[] {
  const row = (what: string, size: number, goal: number) =>
    echo(
      `Echo, links over TLS, messages of ${what}`,
      { ...load, size },
      ["ours+lan-tls", "ours"],
      [perCpu("ours", goal, "ours+lan-tls")],
    );
  return [row("100 bytes", 100, 0.92), row("4 KiB", 4 * KIB, 0.85)];
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
        perCpu("ours", 0.85, "ours:2+2"),
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
      figures: MESSAGES,
      goals: [{ figure: "perSecond", of: "ours", against: "ws", atLeast: 0.8 }],
    },
    {
      title: "Churn: connect, 10 messages, leave; 64 at a time",
      load: { ...load, mode: "connect", clients: 64, messages: 10 },
      servers: ["ours", "ws"],
      figures: MESSAGES,
      goals: [],
    },
    idle(
      "Memory of 15,000 idle clients, with session, uid and two groups",
      { ...DEFAULT_LOAD, clients: 15_000 },
      ["ours", "ws", "socket.io"],
      [{ figure: "memory", of: "ours", atMost: 7_300 }],
    ),
  ];
}

/** Frames of 128 bytes over one link. */
function link(load: LoadOptions): Scenario {
  return {
    title: "Frames of 128 bytes over one link",
    load: { ...load, mode: "link", clients: 1, size: 128 },
    servers: ["link"],
    figures: ["perSecond", "perCpuSecond", "generator"],
    goals: [{ figure: "perSecond", of: "link", atLeast: 1_000_000 }],
  };
}

/** One gateway, one worker, one Register and their supervisor. */
function start(load: LoadOptions): Scenario {
  return {
    title: "From `start` to the first echo, one gateway and one worker",
    load: { ...load, mode: "start" },
    servers: ["ours"],
    figures: ["start"],
    goals: [{ figure: "start", of: "ours", atMost: 700 }],
  };
}
