import type { GatewayReport } from "../observe/report.ts";

/** A metric of clients that a gateway sends away, or asks to come later. */
export interface DrainRow {
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
export const DRAIN_ROWS: readonly DrainRow[] = [
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
