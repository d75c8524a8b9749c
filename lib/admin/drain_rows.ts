import type { GatewayReport } from "../observe/report.ts";
import type { Row } from "./metric.ts";

/** All of them. */
export const DRAIN_ROWS: readonly Row<Partial<GatewayReport>>[] = [
  {
    name: "drain_told_total",
    type: "counter",
    help: "Clients that were sent away, one after another",
    value: ({ drain }) => drain?.told,
  },
  {
    name: "drain_waiting_clients",
    type: "gauge",
    help: "Clients whose turn to be sent away is still to come",
    value: ({ drain }) => drain?.waiting,
  },
  {
    name: "drain_going_clients",
    type: "gauge",
    help: "Clients that were told to connect elsewhere and are still here",
    value: ({ drain }) => drain?.going,
  },
  {
    name: "later_clients_total",
    type: "counter",
    help: "Clients that were told to come later, beyond accept-rate",
    value: ({ later }) => later,
  },
];
