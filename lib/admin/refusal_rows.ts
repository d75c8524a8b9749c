import type { GatewayReport } from "../observe/report.ts";

/** A metric of who may not come in. */
export interface RefusalRow {
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "gauge" | "counter";
  /** What it says. */
  readonly help: string;
  /** Finds it. */
  value(report: Partial<GatewayReport>): number | undefined;
}

/** All of them. */
export const REFUSAL_ROWS: readonly RefusalRow[] = [
  {
    name: "refusals",
    type: "gauge",
    help: "Uids, addresses and tokens that may not come in",
    value: ({ refusals }) => refusals?.entries,
  },
  {
    name: "refusals_closed_total",
    type: "counter",
    help: "Clients closed as they were refused",
    value: ({ refusals }) => refusals?.closed,
  },
  {
    name: "refusals_turned_away_total",
    type: "counter",
    help: "Clients not let in as they were refused",
    value: ({ refusals }) => refusals?.turnedAway,
  },
];
