import type { BridgeReport, CellReport } from "../../lib/observe/report.ts";

/** What a bridge of the cell `eu` may tell. */
export function bridgeReport(...cells: CellReport[]): BridgeReport {
  return {
    id: "b1",
    name: "Bridge",
    index: 0,
    address: "10.0.0.5:2890",
    state: "ready",
    pid: 7,
    uptime: 60,
    version: "0.1.0",
    memory: 80e6,
    cpu: 0.1,
    lag: 2,
    events: [],
    cell: "eu",
    cluster: "main",
    nats: {
      connected: true,
      server: "10.0.0.9:4222",
      cutOff: false,
      reconnects: 1,
    },
    shards: [{ shard: 0, epoch: 1, active: true }],
    workers: 2,
    gateways: 3,
    cells,
    forged: 0,
  };
}

/** What it may tell of another cell. */
export function cellReport(facts: Partial<CellReport> = {}): CellReport {
  return {
    cell: "us",
    reachable: true,
    silentFor: 0.5,
    roundTrip: 12,
    sent: 100,
    received: 90,
    unacknowledged: { frames: 4, bytes: 2_048 },
    lag: 30,
    resent: 2,
    duplicates: 1,
    lost: { window: 0, silent: 0, epoch: 0, tooLarge: 0, refused: 0 },
    absentNames: 5,
    withoutInterest: 0,
    ...facts,
  };
}
