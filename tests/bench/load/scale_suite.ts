import type { LoadOptions } from "./load_options.ts";
import { echo, fanOut, KIB, large, MESSAGES, MIB } from "./rows.ts";
import type { Scenario } from "./scenario.ts";

/** How cost grows with clients, message size, groups and processes. */
export function scaleSuite(load: LoadOptions): Scenario[] {
  return [
    ...clients(load),
    ...sizes(load),
    ...groups(load),
    ...processes(load),
    ...[1, 5, 10, 20].map((count) => mesh(count, load)),
  ];
}

function clients(load: LoadOptions): Scenario[] {
  const row = (title: string, count: number, server: string): Scenario => ({
    ...echo(title, { ...load, clients: count, warmup: load.warmup * 2 }, [
      server,
    ]),
    figures: [...MESSAGES, "resident"],
  });
  return [
    ...[100, 1_000, 5_000, 19_000].map((count) =>
      row(`Echo, ${count} clients`, count, "ours")
    ),
    ...[100, 1_000, 5_000].map((count) =>
      row(`Echo over TLS, ${count} clients`, count, "ours+wss")
    ),
  ];
}

function sizes(load: LoadOptions): Scenario[] {
  const of = (size: number) => ({
    ...load,
    size,
    clients: size > 64 * KIB ? 10 : 100,
  });
  return [
    ...[16, 256, 4 * KIB, 64 * KIB, MIB].map((size) =>
      echo(`Echo, messages of ${size} bytes`, of(size), ["ours", "ws"])
    ),
    ...[16, 256, 4 * KIB, 64 * KIB, MIB].map((size) =>
      echo(`Echo over TLS, messages of ${size} bytes`, of(size), [
        "ours+wss",
        "ws+wss",
      ])
    ),
    ...[1, 2, 4, 8, 16].map((size) =>
      large(`Messages of ${size} MiB, one at a time`, {
        ...load,
        size: size * MIB,
      })
    ),
  ];
}

function groups(load: LoadOptions): Scenario[] {
  const row = (title: string, more: Partial<LoadOptions>): Scenario => ({
    ...fanOut(title, { ...load, mode: "group", clients: 900, ...more }),
    servers: ["ours"],
    figures: [...MESSAGES, "resident"],
  });
  return [
    ...[900, 90, 9, 3].map((groupSize) =>
      row(`Groups of ${groupSize}, 900 clients`, { groupSize })
    ),
    ...[0, 11, 111].map((joins) =>
      row(`Groups of 30, 900 clients, ${900 * joins} more groups`, { joins })
    ),
  ];
}

function processes(load: LoadOptions): Scenario[] {
  const servers = ["ours", "ours:1+2", "ours:2+1", "ours:2+2", "ours:4+4"];
  return [1, 8].map((depth) => ({
    ...echo(
      `Echo by processes, ${depth} in flight`,
      { ...load, depth },
      servers,
    ),
    figures: ["perSecond", "perCpuSecond", "gatewayWork", "workerWork", "p99"],
  }));
}

/** What the links of idle gateways and workers cost, each linked to each. */
function mesh(count: number, load: LoadOptions): Scenario {
  return {
    title: `Idle mesh, ${count} gateways and ${count} workers`,
    load: { ...load, mode: "mesh", warmup: Math.max(count / 2, load.warmup) },
    servers: [`ours:${count}+${count}`],
    figures: ["cpu", "resident", "switches"],
    goals: [],
  };
}
