/**
 * Runs the tests, says which suites took how long of the time that they may take,
 * and closes with one plain line, `N passed, N failed`, made from the report of
 * `deno test`: its own last line is made for eyes.
 *
 *     deno task test                     everything, and the examples in the docs
 *     deno task test tests/unit          whatever `deno test` takes
 *
 * @module
 */
import { endsWithin } from "../lib/base/pause.ts";

/** Passes, one after another; the runs of `deno test` of a pass go on at the same time. */
type Plan = readonly (readonly (readonly string[])[])[];

/**
 * Suites and files that neither care how busy the machine is, nor touch what another
 * process could notice: those of one list run beside those of the others.
 */
const SIDE_BY_SIDE: readonly (readonly string[])[] = [
  [
    "tests/unit",
    "tests/conformance",
    "tests/fuzz",
    "tests/api",
    "tests/ci",
    "tests/client_library",
    "tests/dashboard",
    "tests/package",
  ],
  ["tests/integration"],
  // These wait for what takes its time, and do little themselves.
  ["tests/cluster/processes_test.ts", "tests/cluster/standstill_test.ts"],
];

/**
 * What runs when nothing is named. Types are checked where nobody else does: `deno task
 * check` knows nothing of the examples in the docs. The last pass is all that is left;
 * it names no folder, since `deno test tests` would run the workspace members alone.
 */
const EVERYTHING: Plan = [
  [
    ...SIDE_BY_SIDE.map((suites) => ["--no-check", ...suites]),
    ["--doc", "--ignore=tests"],
  ],
  [["--no-check", `--ignore=${SIDE_BY_SIDE.flat().join()}`]],
];

/** Most milliseconds a run may take: one that hangs is a failure like others. */
export const MAX_DURATION = 18 * 60_000;

/** Milliseconds in which what a run has printed must have come once it has ended. */
const LAST_WORDS = 2_000;

/** What the examples in the docs are called among the suites. */
export const EXAMPLES = "examples in the docs";

/**
 * How many seconds each suite may take on an idle machine of two cores, beside what runs
 * with it. A suite that takes longer is told, and fails nothing: another program may
 * have been busy.
 */
export const BUDGETS: Readonly<Record<string, number>> = {
  "tests/api": 5,
  "tests/ci": 15,
  "tests/client_library": 30,
  "tests/cluster": 300,
  "tests/conformance": 45,
  "tests/dashboard": 45,
  "tests/fuzz": 10,
  "tests/guides": 15,
  "tests/hostile": 80,
  "tests/integration": 320,
  "tests/package": 20,
  "tests/php": 60,
  "tests/std": 5,
  "tests/unit": 65,
  "tests/upgrade": 30,
  [EXAMPLES]: 15,
};

/** What a run came to, in tests and their steps. */
export interface Tally {
  /** How many ran and passed. */
  readonly passed: number;
  /** How many ran and failed. */
  readonly failed: number;
  /** How many did not run, as they are marked so. */
  readonly skipped: number;
}

/**
 * Counts the cases of a JUnit report.
 *
 * @param report The report as text; empty if the run did not come to write one.
 * @returns How many cases passed, failed, and were skipped.
 */
export function tallyOf(report: string): Tally {
  const count = (tag: string) => report.split(`<${tag}`).length - 1;
  const [failed, skipped] = [count("failure "), count("skipped/>")];
  return { passed: count("testcase ") - failed - skipped, failed, skipped };
}

/**
 * Judges a run: one that failed without a failed test (a file does not load,
 * the process died, nothing ran) has one failure, itself.
 *
 * @param tally What its report says.
 * @param success Whether the process ended well.
 * @returns The tally, with that failure.
 */
export function judge(tally: Tally, success: boolean): Tally {
  const isGood = success && tally.passed > 0 && tally.failed === 0;
  return isGood ? tally : { ...tally, failed: Math.max(tally.failed, 1) };
}

/** Writes a tally as the closing line, without line break. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  const line = `${passed} passed, ${failed} failed`;
  return skipped === 0 ? line : `${line}, ${skipped} skipped`;
}

/**
 * Repeats what failed, since what was printed of it may stand far above.
 *
 * @param report The report as text.
 * @returns For each failed case its name, its file, and why.
 */
export function failuresOf(report: string): string[] {
  const failures = report.matchAll(
    /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>\s*<failure [^>]*>([^<]*)/g,
  );
  return [...failures].map(([, name = "", file = "", why = ""]) =>
    plain(`FAILED ${name} (${file}): ${why}`)
  );
}

/** Takes a text out of XML. */
function plain(xml: string): string {
  const characters: Readonly<Record<string, string>> = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&amp;": "&",
  };
  return xml.replace(/&\w+;/g, (entity) => characters[entity] ?? entity);
}

/** Adds up tallies. */
function sumOf(tallies: readonly Tally[]): Tally {
  const sum = (key: keyof Tally) =>
    tallies.reduce((total, { [key]: count }) => total + count, 0);
  return {
    passed: sum("passed"),
    failed: sum("failed"),
    skipped: sum("skipped"),
  };
}

/**
 * Adds up how long the tests of each suite took. The time of a step is in that of its
 * test, which the report has before it.
 *
 * @param report The report as text.
 * @returns Seconds by suite: a folder of `tests/`, or the examples in the docs.
 */
export function secondsOf(report: string): Map<string, number> {
  const seconds = new Map<string, number>();
  const tests = new Set<string>();
  const cases = report.matchAll(
    /<testcase name="([^"]*)" classname="([^"]*)" time="([^"]*)"/g,
  );
  for (const [, name = "", file = "", time] of cases) {
    if (isStep(name, (test) => tests.has(`${file} ${test}`))) continue;
    tests.add(`${file} ${name}`);
    const suite = /\btests\/\w+/.exec(file)?.[0] ?? EXAMPLES;
    seconds.set(suite, (seconds.get(suite) ?? 0) + Number(time));
  }
  return seconds;
}

/** Whether a case is named after a test, as its steps are: `test > step > step`. */
function isStep(name: string, isTest: (name: string) => boolean): boolean {
  const parts = name.split(" &gt; ");
  return parts.some((_, end) => isTest(parts.slice(0, end).join(" &gt; ")));
}

/**
 * Writes how long each suite took, the longest first, a line for each.
 *
 * @param seconds Seconds by suite.
 */
export function budgetLines(seconds: ReadonlyMap<string, number>): string[] {
  const longestFirst = [...seconds].sort(([, one], [, other]) => other - one);
  return longestFirst.map(([suite, taken]) => {
    const budget = BUDGETS[suite];
    const rounded = `${suite}: ${taken.toFixed(1)} s`;
    if (budget === undefined) return `${rounded}, without a budget`;
    const line = `${rounded} of ${budget} s`;
    return taken <= budget ? line : `${line}, OVER BUDGET`;
  });
}

/** What a run of `deno test` came to. */
interface Outcome {
  /** What it counted, and itself if it failed without a failed test. */
  readonly tally: Tally;
  /** Its report, in XML; empty if it did not come to write one. */
  readonly report: string;
  /** What it printed that was held back. */
  readonly printed: Blob;
}

/** Runs `deno test`; what it prints can be held back. */
async function runTests(
  args: readonly string[],
  signal: AbortSignal,
  stdout: "inherit" | "piped",
): Promise<Outcome> {
  const path = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", `--junit-path=${path}`, ...args],
      stdin: "null",
      stdout,
      stderr: "inherit",
      signal,
    }).spawn();
    const printed = stdout === "piped" ? await printedBy(child) : new Blob();
    const { success } = await child.status;
    const report = await Deno.readTextFile(path);
    return { tally: judge(tallyOf(report), success), report, printed };
  } finally {
    await Deno.remove(path);
  }
}

/** Resolves with all that a process printed, when it has ended. */
async function printedBy(child: Deno.ChildProcess): Promise<Blob> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = child.stdout.getReader();
  const reading = (async () => {
    while (true) {
      const { value } = await reader.read();
      if (value === undefined) return;
      chunks.push(value);
    }
  })();
  await child.status;
  // A process that a test has left behind holds the pipe for as long as it lives.
  if (!await endsWithin(reading, LAST_WORDS)) await reader.cancel();
  return new Blob(chunks);
}

/** Runs a plan. What runs beside the first run of a pass is printed after it. */
async function carryOut(plan: Plan): Promise<Outcome[]> {
  const signal = AbortSignal.timeout(MAX_DURATION);
  const outcomes: Outcome[] = [];
  for (const pass of plan) {
    const runs = pass.map((args, index) =>
      runTests(args, signal, index === 0 ? "inherit" : "piped")
    );
    for (const outcome of await Promise.all(runs)) {
      await print(outcome.printed);
      outcomes.push(outcome);
    }
  }
  return outcomes;
}

async function print(text: Blob): Promise<void> {
  await text.stream().pipeTo(Deno.stdout.writable, {
    preventClose: true,
  });
}

/**
 * Carries out a plan, and closes with what it came to.
 *
 * @param plan What is run.
 * @returns The exit code.
 */
export async function main(plan: Plan): Promise<number> {
  const start = performance.now();
  const outcomes = await carryOut(plan);
  const seconds = ((performance.now() - start) / 1_000).toFixed(1);
  const tally = sumOf(outcomes.map(({ tally }) => tally));
  const report = outcomes.map(({ report }) => report).join("\n");
  const lines = [
    ...failuresOf(report),
    ...budgetLines(secondsOf(report)),
    `everything: ${seconds} s of ${MAX_DURATION / 1_000} s`,
  ];
  if (tally.failed > tallyOf(report).failed) {
    lines.push("The run failed, though no test did");
  }
  lines.push(closingLine(tally));
  await print(new Blob([`\n${lines.join("\n")}\n`]));
  return tally.failed === 0 ? 0 : 1;
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args.length > 0 ? [[Deno.args]] : EVERYTHING);
}
