import type { RequestFigures } from "../observe/report.ts";

/** A metric of requests. */
export interface RequestRow {
  /** Which figure it is of. */
  readonly figure: keyof RequestFigures;
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "gauge" | "counter";
  /** What it says. */
  readonly help: string;
}

/** Those of a gateway. */
export const GATEWAY_REQUEST_ROWS: readonly RequestRow[] = [
  {
    figure: "open",
    name: "requests_open",
    type: "gauge",
    help: "Requests of clients that wait for their answers",
  },
  {
    figure: "answered",
    name: "requests_answered_total",
    type: "counter",
    help: "Requests of clients that were answered",
  },
  {
    figure: "failed",
    name: "requests_failed_total",
    type: "counter",
    help: "Requests of clients that were told that there is no answer",
  },
  {
    figure: "asks",
    name: "asks_open",
    type: "gauge",
    help: "Questions to clients that wait for answers",
  },
];

/** Those of a worker. */
export const WORKER_REQUEST_ROWS: readonly RequestRow[] = [
  {
    figure: "open",
    name: "requests_open",
    type: "gauge",
    help: "Requests received and not answered",
  },
  {
    figure: "detached",
    name: "requests_detached",
    type: "gauge",
    help: "Of these, requests that may outlast their handlers",
  },
  {
    figure: "answered",
    name: "requests_answered_total",
    type: "counter",
    help: "Requests that were answered",
  },
  {
    figure: "failed",
    name: "requests_failed_total",
    type: "counter",
    help: "Requests that were told that there is no answer",
  },
];
