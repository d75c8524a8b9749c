import {
  FIGURES,
  formatNumber,
  type Interval,
  ratioOf,
  type Spread,
  spreadOf,
} from "./figures.ts";
import { faultCount, type LoadResult, serverCpu } from "./load_result.ts";
import type { Goal, ScenarioOutcome } from "./scenario.ts";

/** Where and when a report was made. */
export interface Surroundings {
  /** ISO date and time. */
  readonly date: string;
  /** What runs the programs, with versions. */
  readonly runtimes: readonly string[];
  /** Processor's name and number of cores. */
  readonly machine: string;
  /** Load of the machine in the minute before. */
  readonly loadAverage: number;
}

/** Reads where this runs. */
export async function readSurroundings(): Promise<Surroundings> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*:\s*(.*)$/m.exec(info)?.[1] ?? Deno.build.arch;
  return {
    date: new Date().toISOString(),
    runtimes: [`Deno ${Deno.version.deno}`, `V8 ${Deno.version.v8}`],
    machine: `${model}, ${navigator.hardwareConcurrency} cores`,
    loadAverage: Deno.loadavg()[0] ?? 0,
  };
}

/** Writes a whole report in Markdown. */
export function formatReport(
  outcomes: readonly ScenarioOutcome[],
  where: Surroundings,
): string {
  const head =
    `${where.date.slice(0, 10)}, ${
      where.runtimes.join(", ")
    }, ${where.machine}, ` +
    `load ${
      where.loadAverage.toFixed(1)
    } before. Medians of runs that took turns, the middle half of the runs ` +
    `in parentheses (of fewer than five: least to greatest); the generator ` +
    `is a process of its own and not counted.`;
  return [head, ...outcomes.map(formatScenario), formatGoals(outcomes)].filter(
    Boolean,
  ).join("\n\n");
}

/** Where a document says that a report begins and ends. */
const BEGIN = "<!-- report -->";
const END = "<!-- /report -->";

/**
 * Puts a report into a document, in place of the one that is there.
 *
 * @throws {TypeError} If the document has no place for one.
 */
export function replaceReport(document: string, report: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new TypeError(
      `Cannot write report as the document must have lines "${BEGIN}" and "${END}"`,
    );
  }
  const before = document.slice(0, begin + BEGIN.length);
  return `${before}\n\n${report}\n\n${document.slice(end)}`;
}

function formatScenario(
  { scenario, results, skipped }: ScenarioOutcome,
): string {
  const figures = scenario.figures.map((name) => FIGURES[name]);
  const rows = Object.entries(results).map(([name, runs]) => [
    name,
    ...figures.map(({ of }) => formatSpread(spreadOf(runs.map(of)))),
    cpuShares(runs),
    String(runs.reduce((total, run) => total + faultCount(run), 0)),
  ]);
  const notes = Object.entries(skipped).map(([name, reason]) =>
    `- ${name} was skipped: ${reason}`
  );
  const table = formatTable([
    "server",
    ...figures.map(({ title }) => title),
    "CPU by process",
    "faults",
  ], rows);
  return [`### ${scenario.title}`, table, notes.join("\n")].filter(Boolean)
    .join("\n\n");
}

/** Says which process used how much of the servers' processor time. */
function cpuShares(runs: readonly LoadResult[]): string {
  const used = new Map<string, number>();
  for (const { name, cpu } of runs.flatMap(({ usage }) => usage)) {
    used.set(name, (used.get(name) ?? 0) + cpu);
  }
  const total = runs.reduce((sum, run) => sum + serverCpu(run), 0);
  const shares = [...used].filter(([, cpu]) => cpu / total >= 0.01);
  return shares.map(([name, cpu]) =>
    `${name} ${Math.round(cpu / total * 100)} %`
  ).join(", ");
}

function formatGoals(outcomes: readonly ScenarioOutcome[]): string {
  const rows = outcomes.flatMap((outcome) =>
    outcome.scenario.goals.map((goal) => formatGoal(outcome, goal))
  );
  if (rows.length === 0) return "";
  return `### Goals\n\n${
    formatTable(["what", "measured", "95 % sure", "goal", "met"], rows)
  }`;
}

function formatGoal(
  { scenario, results }: ScenarioOutcome,
  goal: Goal,
): string[] {
  const { title } = FIGURES[goal.figure];
  const what = goal.against === undefined
    ? goal.of
    : `${goal.of} : ${goal.against}`;
  const measured = measuredFor(goal, results);
  const bound = goal.atMost === undefined
    ? `≥ ${goal.atLeast}`
    : `≤ ${goal.atMost}`;
  return [
    `${scenario.title}: ${title}, ${what}`,
    measured === undefined ? "–" : formatSpread(measured),
    measured?.sure === undefined ? "–" : formatInterval(measured.sure),
    bound,
    measured === undefined ? "not measured" : verdict(goal, measured),
  ];
}

/**
 * Says whether a goal is met, and whether that is more than the noise of these runs.
 */
export function verdict(goal: Goal, { median, sure }: Spread): string {
  const met = isMet(goal, median);
  const isSure = sure === undefined ||
    (isMet(goal, sure.from) === met && isMet(goal, sure.to) === met);
  return (met ? "yes" : "NO") + (isSure ? "" : ", not surely");
}

/** Returns the figure that a goal bounds; `undefined` if a server did not run. */
export function measuredFor(
  goal: Goal,
  results: Readonly<Record<string, readonly LoadResult[]>>,
): Spread | undefined {
  const ours = results[goal.of];
  if (ours === undefined) return undefined;
  if (goal.against === undefined) {
    return spreadOf(ours.map(FIGURES[goal.figure].of));
  }
  const theirs = results[goal.against];
  return theirs && ratioOf(goal.figure, ours, theirs);
}

/** Tells whether a value is within a goal's bounds. */
export function isMet(
  { atLeast = -Infinity, atMost = Infinity }: Goal,
  value: number,
): boolean {
  return value >= atLeast && value <= atMost;
}

/** Writes a median, and behind it how far runs lie apart. */
export function formatSpread({ low, median, high }: Spread): string {
  if (low === high) return formatNumber(median);
  return `${formatNumber(median)} (${formatInterval({ from: low, to: high })})`;
}

function formatInterval({ from, to }: Interval): string {
  return `${formatNumber(from)}–${formatNumber(to)}`;
}

/** Writes a table in Markdown. */
export function formatTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, i) => i === 0 ? "---" : "--:");
  return [head, rule, ...rows].map(line).join("\n");
}
