import type {
  BridgeReport,
  CellReport,
  KnownNode,
} from "../../observe/report.ts";
import {
  type Column,
  formatBytes,
  formatCount,
  formatDuration,
  formatMilliseconds,
} from "./table.ts";

/** What a table of bridges shows beside who they are. */
export const BRIDGE_COLUMNS: readonly Column<KnownNode<BridgeReport>>[] = [
  { title: "CELL", text: ({ cell = "" }) => cell },
  { title: "ACTIVE", text: activeOf },
  { title: "NATS", text: natsOf },
  {
    title: "WORKERS",
    align: "right",
    text: ({ workers }) => formatCount(workers),
  },
  {
    title: "GATEWAYS",
    align: "right",
    text: ({ gateways }) => formatCount(gateways),
  },
];

/** A bridge, and one of the cells that it knows. */
export interface CellRow {
  /** The bridge. */
  readonly bridge: KnownNode<BridgeReport>;
  /** What passes between the two. */
  readonly cell: Partial<CellReport>;
}

/** What a table of other cells shows. */
export const CELL_COLUMNS: readonly Column<CellRow>[] = [
  // Both bridges of a cell have the same name.
  { title: "BRIDGE", text: ({ bridge: { address } }) => address },
  { title: "CELL", text: ({ cell: { cell = "" } }) => cell },
  { title: "STATE", text: ({ cell }) => reachOf(cell) },
  { title: "SENT", align: "right", text: ({ cell }) => formatCount(cell.sent) },
  {
    title: "RECEIVED",
    align: "right",
    text: ({ cell }) => formatCount(cell.received),
  },
  {
    title: "UNACKED",
    align: "right",
    text: ({ cell: { unacknowledged } }) => formatCount(unacknowledged?.frames),
  },
  {
    title: "WINDOW",
    align: "right",
    text: ({ cell: { unacknowledged } }) => formatBytes(unacknowledged?.bytes),
  },
  {
    title: "LAG",
    align: "right",
    text: ({ cell }) => formatMilliseconds(cell.lag),
  },
  {
    title: "RTT",
    align: "right",
    text: ({ cell }) => formatMilliseconds(cell.roundTrip),
  },
  {
    title: "RESENT",
    align: "right",
    text: ({ cell }) => formatCount(cell.resent),
  },
  {
    title: "LOST",
    align: "right",
    text: ({ cell }) => formatCount(lostOf(cell)),
  },
];

/** The other cells, as each bridge sees them. */
export function cellRows(
  bridges: readonly KnownNode<BridgeReport>[],
): CellRow[] {
  return bridges.flatMap((bridge) =>
    (bridge.cells ?? []).map((cell) => ({ bridge, cell }))
  );
}

/** How many frames for a cell are lost, for whatever reason. */
export function lostOf({ lost }: Partial<CellReport>): number {
  return Object.values<number>(lost ?? {}).reduce((sum, n) => sum + n, 0);
}

/** Which reasons there were, the most frequent first: `12 window, 3 silent`. */
export function reasonsOf({ lost }: Partial<CellReport>): string {
  return Object.entries<number>(lost ?? {}).filter(([, count]) => count > 0)
    .toSorted(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${formatCount(count)} ${reason}`).join(", ");
}

/** The shards that a bridge answers for; whether it stands by. */
function activeOf({ shards = [] }: KnownNode<BridgeReport>): string {
  const active = shards.filter((each) => each.active);
  if (shards.length === 0) return "";
  if (active.length === 0) return "stands by";
  return active.length === shards.length && shards.length > 1
    ? `all ${shards.length} shards`
    : `shard ${active.map(({ shard }) => shard).join(", ")}`;
}

function natsOf({ nats }: KnownNode<BridgeReport>): string {
  if (nats === undefined) return "";
  if (!nats.connected) return "down";
  return nats.cutOff ? `${nats.server} cut off` : nats.server;
}

function reachOf({ reachable, silentFor }: Partial<CellReport>): string {
  if (reachable === undefined) return "";
  return reachable ? "up" : `silent ${formatDuration(silentFor)}`;
}
