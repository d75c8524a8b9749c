import type { BridgeReport, CellReport } from "../observe/report.ts";

/** A metric that is found in what a bridge tells. */
interface Row<Report> {
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "gauge" | "counter";
  /** What it says. */
  readonly help: string;
  /** Finds its value; `undefined` if the bridge does not tell. */
  readonly value: (report: Partial<Report>) => number | undefined;
}

/** The metrics that a bridge has once. */
export const BRIDGE_ROWS: readonly Row<BridgeReport>[] = [
  {
    name: "nats_connected",
    type: "gauge",
    help: "1 if it is connected to NATS",
    value: ({ nats }) => nats && +nats.connected,
  },
  {
    name: "cut_off",
    type: "gauge",
    help: "1 if it does not hear itself, so that it knows nothing of others",
    value: ({ nats }) => nats && +nats.cutOff,
  },
  {
    name: "nats_reconnects_total",
    type: "counter",
    help: "Times that it was connected to NATS anew",
    value: ({ nats }) => nats?.reconnects,
  },
  {
    name: "active_shards",
    type: "gauge",
    help: "Shards of its cell that it answers for",
    value: ({ shards }) => shards?.filter(({ active }) => active).length,
  },
  {
    name: "workers",
    type: "gauge",
    help: "Workers and programs that are linked",
    value: ({ workers }) => workers,
  },
  {
    name: "gateways",
    type: "gauge",
    help: "Gateways that are linked",
    value: ({ gateways }) => gateways,
  },
  {
    name: "forged_total",
    type: "counter",
    help: "Messages whose seal was wrong",
    value: ({ forged }) => forged,
  },
];

/** The metrics of a bridge that have a value for each other cell. */
export const CELL_ROWS: readonly Row<CellReport>[] = [
  {
    name: "cell_reachable",
    type: "gauge",
    help: "1 if a bridge of the cell was heard of late",
    value: ({ reachable }) => reachable === undefined ? undefined : +reachable,
  },
  {
    name: "cell_silent_seconds",
    type: "gauge",
    help: "Time since a bridge of the cell was heard",
    value: ({ silentFor }) => silentFor,
  },
  {
    name: "cell_round_trip_seconds",
    type: "gauge",
    help: "Time that the last acknowledgement took",
    value: ({ roundTrip }) => toSeconds(roundTrip),
  },
  {
    name: "cell_lag_seconds",
    type: "gauge",
    help: "Age of the oldest frame that the cell has not acknowledged",
    value: ({ lag }) => toSeconds(lag),
  },
  {
    name: "cell_unacknowledged_frames",
    type: "gauge",
    help: "Frames for the cell that it has not acknowledged",
    value: ({ unacknowledged }) => unacknowledged?.frames,
  },
  {
    name: "cell_unacknowledged_bytes",
    type: "gauge",
    help: "Bytes of these",
    value: ({ unacknowledged }) => unacknowledged?.bytes,
  },
  {
    name: "cell_absent_names",
    type: "gauge",
    help: "Uids and groups that nobody in the cell has, as it said",
    value: ({ absentNames }) => absentNames,
  },
  {
    name: "cell_frames_sent_total",
    type: "counter",
    help: "Frames sent to the cell, each counted once",
    value: ({ sent }) => sent,
  },
  {
    name: "cell_frames_received_total",
    type: "counter",
    help: "Frames that came from the cell",
    value: ({ received }) => received,
  },
  {
    name: "cell_frames_without_interest_total",
    type: "counter",
    help: "Frames that came from the cell for names that nobody has here",
    value: ({ withoutInterest }) => withoutInterest,
  },
  {
    name: "cell_frames_resent_total",
    type: "counter",
    help: "Frames sent to the cell again",
    value: ({ resent }) => resent,
  },
  {
    name: "cell_frames_duplicate_total",
    type: "counter",
    help: "Frames that came from the cell again, and were dropped",
    value: ({ duplicates }) => duplicates,
  },
];

function toSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
