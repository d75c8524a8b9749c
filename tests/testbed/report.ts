import type { Observer } from "./observer.ts";

/** Findings that are shown in detail. */
const SHOWN = 20;

/** Writes what was done and what was found, as a table for people. */
export function reportOf(
  { rows, checker }: Observer,
  wrongs: readonly string[],
): string {
  const { tally, findings } = checker;
  const lines = rows.map(({ what, notes, saw, found }) =>
    `| ${[what, notes, saw, found].join(" | ")} |`
  );
  const details = findings.list.slice(0, SHOWN)
    .map(({ rule, who, detail }) => `${rule}: ${who}: ${detail}`);
  return [
    "",
    "| procedure or fault | measured | clients saw | checker found |",
    "| --- | --- | --- | --- |",
    ...lines,
    "",
    `${tally.connections} connections; ${tally.sent} messages sent, ${tally.handled} handled, ${tally.answers} answered; ${tally.repeats} events repeated, marked; ${tally.disconnects} disconnects, of gateways that went`,
    `${findings.list.length} findings, ${wrongs.length} other wrongs`,
    ...details,
    ...wrongs,
  ].join("\n");
}
