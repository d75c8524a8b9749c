import { type Rule, RULES } from "./finding.ts";
import { FAULTS } from "./plan.ts";
import type { RunResult } from "./run.ts";
import type { SlowRunResult } from "./slow_run.ts";

/** Findings that are shown in detail. */
const SHOWN = 20;

/** Writes what was done and what was found, as a table for people. */
export function reportOf(title: string, result: RunResult): string {
  return [
    title,
    "",
    "done",
    ...doneRows(result),
    "",
    "seen",
    ...seenRows(result),
    "",
    "found",
    ...foundRows(result),
    ...details(result),
    "",
  ].join("\n");
}

/** Writes what a slow run measured and found. */
export function slowReportOf({ figures, findings }: SlowRunResult): string {
  const rows = figures.map(([name, value]) => `  ${name.padEnd(50)}${value}`);
  const found = findings.length === 0
    ? ["  nothing"]
    : findings.map((finding) => `  ${finding}`);
  return ["seen", ...rows, "", "found", ...found, ""].join("\n");
}

function doneRows({ done, reloads }: RunResult): string[] {
  const rows = [...done].map(([kind, count]) => row(kind, count, FAULTS[kind]));
  if (reloads > 0) {
    rows.push(row("reload", reloads, "all workers replaced, one by one"));
  }
  return rows.length > 0 ? rows : ["  nothing"];
}

function seenRows(
  { tally, samples, memory, latencies, torn }: RunResult,
): string[] {
  const { connections, sent, handled, answers } = tally;
  const quantiles = [0.5, 0.99, 1].map((share) =>
    latencies.quantile(share).toFixed(1)
  );
  return [
    row("connections", connections),
    row("disconnects", tally.disconnects, "allowed: gateways that went"),
    row("messages sent", sent),
    row("messages handled", handled, "each counted once"),
    row(
      "answers heard",
      answers,
      `p50 ${quantiles[0]} ms, p99 ${quantiles[1]} ms, longest ${
        quantiles[2]
      } ms`,
    ),
    row(
      "told to others",
      tally.told,
      "messages to uids and groups that had to arrive",
    ),
    row("repeats", tally.repeats, "marked"),
    row("late", tally.late, "handled by a worker that had been given up"),
    row(
      "ledger samples",
      samples,
      `gateway memory at most ${(memory / 2 ** 20).toFixed(0)} MiB`,
    ),
    row("torn lines", torn, "of the journal, left by killed workers"),
  ];
}

function foundRows({ counts }: RunResult): string[] {
  const rules = Object.keys(RULES).filter((rule): rule is Rule =>
    Object.hasOwn(RULES, rule)
  );
  return rules.map((rule) => row(rule, counts.get(rule) ?? 0, RULES[rule]));
}

function details({ findings }: RunResult): string[] {
  if (findings.length === 0) return [];
  const lines = findings.slice(0, SHOWN).map(({ rule, who, detail }) =>
    `  ${rule}: ${who}: ${detail}`
  );
  return ["", `first findings of ${findings.length}`, ...lines];
}

function row(name: string, count: number, note = ""): string {
  const figure = count.toLocaleString("en").padStart(9);
  return `  ${name.padEnd(20)}${figure}  ${note}`.trimEnd();
}
