/**
 * Runs the tests and closes with one plain line, `N passed, N failed`, made from
 * the report of `deno test`: its own last line is made for eyes.
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
const MAX_DURATION = 12 * 60_000;

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
    const found = tallyOf(await Deno.readTextFile(reportPath));
    const tally = judge(found, success);
    const reason = tally.failed > found.failed
      ? "\nThe run failed, though no test did\n"
      : "";
    await Deno.stdout.write(
      new TextEncoder().encode(`${reason}${closingLine(tally)}\n`),
    );
    return tally.failed === 0 ? 0 : 1;
  } finally {
    await Deno.remove(reportPath);
  }
}

if (import.meta.main) {
  Deno.exitCode = await main(Deno.args.length > 0 ? Deno.args : EVERYTHING);
}
