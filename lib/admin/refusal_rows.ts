import type { GatewayReport } from "../observe/report.ts";
import type { Row } from "./metric.ts";

/** All of them. */
export const REFUSAL_ROWS: readonly Row<Partial<GatewayReport>>[] = [
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
