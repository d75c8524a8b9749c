import type { ResumeReport } from "../observe/resume_report.ts";

/** A metric of a gateway's sessions that may outlive their sockets. */
export interface ResumeRow {
  /** Which figure it is of. */
  readonly figure: keyof ResumeReport;
  /** The end of its name. */
  readonly name: string;
  /** What it is. */
  readonly type: "gauge" | "counter";
  /** What it says. */
  readonly help: string;
}

/** All of them; without `--resume` there are none. */
export const RESUME_ROWS: readonly ResumeRow[] = [
  {
    figure: "sessions",
    name: "resume_sessions",
    type: "gauge",
    help: "Sessions that may outlive their sockets",
  },
  {
    figure: "away",
    name: "resume_away_clients",
    type: "gauge",
    help: "Clients that have no socket and may come back",
  },
  {
    figure: "ringBytes",
    name: "resume_ring_bytes",
    type: "gauge",
    help: "Bytes kept for clients that may not have them",
  },
  {
    figure: "resumed",
    name: "resume_returns_total",
    type: "counter",
    help: "Clients that came back to their sessions",
  },
  {
    figure: "replaced",
    name: "resume_takeovers_total",
    type: "counter",
    help: "Those that took their session from another socket",
  },
  {
    figure: "fresh",
    name: "resume_fresh_total",
    type: "counter",
    help: "Clients that came back and got a new session",
  },
  {
    figure: "missed",
    name: "resume_missed_messages_total",
    type: "counter",
    help: "Messages that clients were told to have missed",
  },
  {
    figure: "gaps",
    name: "resume_gaps_total",
    type: "counter",
    help: "Gaps that clients were told of",
  },
  {
    figure: "expired",
    name: "resume_expired_total",
    type: "counter",
    help: "Sessions whose clients did not come back",
  },
];
