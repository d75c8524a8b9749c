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

/**
 * What runs when nothing is named: all tests, and the examples in the docs. No
 * folder, since `deno test tests` would run the workspace members in it alone.
 */
const EVERYTHING = ["--doc"];

/** Most milliseconds a run may take: one that hangs is a failure like others. */
export const MAX_DURATION = 18 * 60_000;

/** What the examples in the docs are called among the suites. */
export const EXAMPLES = "examples in the docs";

/**
 * How many seconds each suite may take on an idle machine of two cores. A suite that
 * takes longer is told, and fails nothing: another program may have been busy.
 */
export const BUDGETS: Readonly<Record<string, number>> = {
  "tests/api": 5,
  "tests/ci": 25,
  "tests/client_library": 15,
  "tests/cluster": 340,
  "tests/conformance": 45,
  "tests/dashboard": 60,
  "tests/fuzz": 20,
  "tests/hostile": 200,
  "tests/integration": 160,
  "tests/package": 25,
  "tests/php": 60,
  "tests/std": 10,
  "tests/unit": 60,
  "tests/upgrade": 40,
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
 * Adds up how long the tests of each suite took.
 *
 * @param report The report as text.
 * @returns Seconds by suite: a folder of `tests/`, or the examples in the docs.
 */
export function secondsOf(report: string): Map<string, number> {
  const seconds = new Map<string, number>();
  const cases = report.matchAll(
    /<testcase [^>]*classname="([^"]*)" time="([^"]*)"/g,
  );
  for (const [, file = "", time] of cases) {
    const suite = /\btests\/\w+/.exec(file)?.[0] ?? EXAMPLES;
    seconds.set(suite, (seconds.get(suite) ?? 0) + Number(time));
  }
  return seconds;
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

async function runTests(args: string[], reportPath: string): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", `--junit-path=${reportPath}`, ...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
    signal: AbortSignal.timeout(MAX_DURATION),
  });
  const { success } = await command.spawn().status;
  return success;
}

async function main(args: string[]): Promise<number> {
  const reportPath = await Deno.makeTempFile({ suffix: ".xml" });
  try {
    const success = await runTests(args, reportPath);
    const report = await Deno.readTextFile(reportPath);
    const found = tallyOf(report);
    const tally = judge(found, success);
    const lines = budgetLines(secondsOf(report));
    if (tally.failed > found.failed) {
      lines.push("The run failed, though no test did");
    }
    lines.push(closingLine(tally));
    await Deno.stdout.write(
      new TextEncoder().encode(`\n${lines.join("\n")}\n`),
    );
    return tally.failed === 0 ? 0 : 1;
  } finally {
    await Deno.remove(reportPath);
  }
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args.length > 0 ? Deno.args : EVERYTHING);
}
