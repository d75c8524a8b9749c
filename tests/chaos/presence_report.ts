import {
  FAULTS,
  type Healing,
  type PresenceRunResult,
} from "./presence_run.ts";

/** What a result says, as lines. */
export function presenceReportOf(
  { wrong, healings, counts, late }: PresenceRunResult,
): string {
  const lines = [...FAULTS, "none" as const].map((fault) => {
    const these = healings.filter((each) => each.fault === fault);
    const most = (of: (healing: Healing) => number) =>
      Math.round(Math.max(0, ...these.map(of)));
    return `${fault.padStart(9)}  ${these.length} times; at most ${
      most(({ users }) => users)
    } ms until the users were right, ${
      most(({ all }) => all)
    } ms until all was`;
  });
  const done = Object.entries(counts).map(([name, count]) =>
    `${count} ${name}`
  );
  const verdict = wrong.length === 0
    ? "nothing was wrong"
    : `${wrong.length} WRONG:\n${wrong.slice(0, 40).join("\n")}`;
  const own = `this process itself was late by at most ${Math.round(late)} ms`;
  return [...lines, done.join(", "), own, verdict].join("\n");
}
