import type { NoticeFigures } from "../observe/notice_figures.ts";

/** A metric of what workers say to each other. */
export interface NoticeRow {
  /** Which figure it is of. */
  readonly figure: keyof NoticeFigures;
  /** The end of its name. */
  readonly name: string;
  /** What it says. */
  readonly help: string;
}

/** All of them; each is a counter. */
export const NOTICE_ROWS: readonly NoticeRow[] = [
  {
    figure: "sent",
    name: "notices_sent_total",
    help: "Notices sent that all workers have for which they were",
  },
  {
    figure: "lost",
    name: "notices_lost_total",
    help: "Notices sent that some worker does not have, or may not have",
  },
  {
    figure: "taken",
    name: "notices_taken_total",
    help: "Notices of others that it took",
  },
  {
    figure: "repeated",
    name: "notices_repeated_total",
    help: "Notices that came again, and were not taken again",
  },
  {
    figure: "refused",
    name: "notices_refused_total",
    help: "Notices that it did not take, as too many wait",
  },
];
