import {
  FATES,
  type LedgerCounters,
  missingIn,
} from "../../observe/ledger_balance.ts";
import type { GatewayReport, KnownNode } from "../../observe/report.ts";
import { askReport } from "../ask/ask_cluster.ts";
import type { Command } from "../options/command.ts";
import {
  CELL_COLUMNS,
  type CellRow,
  cellRows,
  lostOf,
  reasonsOf,
} from "../print/bridge_tables.ts";
import { type Column, formatCount, formatTable } from "../print/table.ts";
import { NODE_TRUST_KEYS } from "../options/trust_options.ts";

/** A gateway's ledger, and whether it is in balance. */
export interface Audit {
  /** The gateway's address; `total` for the sum. */
  readonly name: string;
  /** What became of everything. */
  readonly ledger: LedgerCounters;
  /** Accepted and not accounted for; 0 if all is well. */
  readonly missing: number;
}

const SHOWN = ["accepted", ...FATES, "redelivered", "sent", "dropped"];

/** Balances the ledgers of gateways; the last one is the sum of all. */
export function audit(gateways: readonly KnownNode<GatewayReport>[]): Audit[] {
  const ledgers = gateways.map(({ address, ledger = {} }) => ({
    name: address,
    ledger,
  }));
  const total = { name: "total", ledger: sum(ledgers.map((x) => x.ledger)) };
  return [...ledgers, total].map(({ name, ledger }) => ({
    name,
    ledger,
    missing: missingIn(ledger),
  }));
}

function sum(ledgers: readonly LedgerCounters[]): LedgerCounters {
  const total: Record<string, number> = {};
  for (const [name, count] of ledgers.flatMap(Object.entries<number>)) {
    total[name] = (total[name] ?? 0) + count;
  }
  return total;
}

const COLUMNS: readonly Column<Audit>[] = [
  { title: "GATEWAY", text: ({ name }) => name },
  ...SHOWN.map((name): Column<Audit> => ({
    title: name.toUpperCase(),
    align: "right",
    text: ({ ledger }) => formatCount(ledger[name]),
  })),
  {
    title: "BALANCE",
    text: ({ missing }) =>
      missing === 0 ? "holds" : `${formatCount(missing)} missing`,
  },
];

const LOSSES: readonly Column<CellRow>[] = [
  ...CELL_COLUMNS.filter(({ title }) => title !== "LAG" && title !== "RTT"),
  {
    title: "DUPLICATES",
    align: "right",
    text: ({ cell }) => formatCount(cell.duplicates),
  },
  { title: "REASONS", text: ({ cell }) => reasonsOf(cell) },
];

/** Shows what became of every event. */
export const auditCommand: Command = {
  name: "audit",
  operands: [],
  summary:
    "show what became of every event and message, and whether it adds up",
  description:
    `Shows the ledger of each gateway: events accepted from clients, and what became
of them. accepted = acknowledged + in flight + parked + poisoned + expired must
hold at any moment; if it does not, the exit code is 1. With --register, of the
whole cluster; where there are bridges, also what passed between its cell and the
others, and what was lost on the way.`,
  examples: `
# this machine
deno run -A cli.ts audit
# the cluster, for a program
deno run -A cli.ts audit --register 10.0.0.1:1236 --json`,
  options: ["register", ...NODE_TRUST_KEYS, "runtimeDir", "json"],
  run: async (context) => {
    const { settings, output } = context;
    const { gateways, bridges = [] } = await askReport(context);
    const audits = audit(gateways);
    const holds = audits.every(({ missing }) => missing === 0);
    const cells = cellRows(bridges);
    output.out(
      settings.json
        ? `${
          JSON.stringify({
            holds,
            gateways: audits,
            ...(bridges.length > 0 && { cells: cells.map(toCellAudit) }),
          })
        }\n`
        : `${formatTable(COLUMNS, audits)}\n${verdict(audits, holds)}\n${
          cellLines(cells)
        }`,
    );
    return holds ? 0 : 1;
  },
};

/** What became of what one bridge sent to one other cell. */
function toCellAudit({ bridge, cell }: CellRow): Record<string, unknown> {
  const { sent, received, unacknowledged, resent, duplicates, lost } = cell;
  return {
    bridge: bridge.name,
    address: bridge.address,
    cell: cell.cell,
    ...{ sent, received, unacknowledged, resent, duplicates, lost },
  };
}

/** The same for people: nothing between cells may be lost without a word. */
function cellLines(cells: readonly CellRow[]): string {
  if (cells.length === 0) return "";
  const total = cells.reduce((sum, { cell }) => sum + lostOf(cell), 0);
  const table = formatTable(LOSSES, cells);
  return `\n${table}\nbetween cells: ${
    total === 0 ? "nothing is lost" : `${formatCount(total)} frames are lost`
  }\n`;
}

function verdict(audits: readonly Audit[], holds: boolean): string {
  const rule =
    "accepted = acknowledged + in flight + parked + poisoned + expired";
  const wrong = audits.filter(({ missing }) => missing !== 0);
  return holds
    ? `${rule}: holds`
    : `${rule}: does not hold for ${wrong.map(({ name }) => name).join(", ")}`;
}
