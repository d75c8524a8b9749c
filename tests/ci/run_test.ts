import {
  assertEquals,
  assertLessOrEqual,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import {
  budgetLines,
  BUDGETS,
  closingLine,
  EXAMPLES,
  failuresOf,
  judge,
  MAX_DURATION,
  secondsOf,
  tallyOf,
} from "../run.ts";

const RUN = new URL("../run.ts", import.meta.url).pathname;

/** Runs tests/run.ts, or another program, where there is nothing but the given files. */
async function runIn(
  files: Record<string, string>,
  command: readonly string[] = [RUN, "--no-check", "."],
): Promise<{ code: number; output: string; lastLine: string | undefined }> {
  const cwd = await Deno.makeTempDir();
  try {
    for (const [name, source] of Object.entries(files)) {
      await Deno.writeTextFile(`${cwd}/${name}`, source);
    }
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-config", ...command],
      cwd,
      stderr: "null",
    }).output();
    const output = new TextDecoder().decode(stdout);
    return { code, output, lastLine: output.trimEnd().split("\n").at(-1) };
  } finally {
    await Deno.remove(cwd, { recursive: true });
  }
}

Deno.test("tests/run.ts counts what passed and was skipped, and exits with 0", async () => {
  const { code, output, lastLine } = await runIn({
    "a_test.ts": `Deno.test("one", () => {});
      Deno.test.ignore("two", () => {});
      Deno.test('<failure ', async (t) => { await t.step("four", () => {}); });`,
  });

  assertEquals(lastLine, "3 passed, 0 failed, 1 skipped");
  assertEquals(code, 0);
  assertStringIncludes(output, "one ...");
});

Deno.test("tests/run.ts counts what failed, and exits with 1", async () => {
  const { code, lastLine } = await runIn({
    "a_test.ts": `Deno.test("one", () => {});
      Deno.test("two", () => Promise.reject(new TypeError("<testcase ")));`,
    "b_test.ts": `Deno.test("three", () => { throw new TypeError("no"); });`,
  });

  assertEquals(lastLine, "1 passed, 2 failed");
  assertEquals(code, 1);
});

Deno.test("tests/run.ts fails if a file cannot be loaded", async () => {
  const { code, lastLine } = await runIn({
    "a_test.ts": `Deno.test("one", () => {});`,
    "b_test.ts": `throw new TypeError("no");`,
  });

  assertEquals(lastLine, "1 passed, 1 failed");
  assertEquals(code, 1);
});

Deno.test("tests/run.ts fails if the run dies before it can report", async () => {
  const { code, lastLine } = await runIn({
    "a_test.ts": `Deno.test("one", () => Deno.kill(Deno.pid, "SIGKILL"));`,
  });

  assertEquals(lastLine, "0 passed, 1 failed");
  assertEquals(code, 1);
});

Deno.test("tests/run.ts fails if there is no test", async () => {
  const { code, lastLine } = await runIn({ "a_test.ts": "export {};" });

  assertEquals(lastLine, "0 passed, 1 failed");
  assertEquals(code, 1);
});

/** A test that ends when another one has begun. */
function meeting(own: string, other: string): string {
  return `Deno.test("${own} meets ${other}", async () => {
      await Deno.writeTextFile("${own}", "");
      while (!(await Array.fromAsync(Deno.readDir("."))).some(({ name }) => name === "${other}"));
    });`;
}

Deno.test("tests/run.ts runs side by side what a pass has, then the next pass, and counts all", async () => {
  const { code, output, lastLine } = await runIn({
    "a_test.ts": meeting("a", "b"),
    "b_test.ts": `${meeting("b", "a")}
      Deno.test("beside", () => Promise.reject(new TypeError("a & b")));`,
    "later_test.ts": `Deno.test("later", () => {});`,
    "plan.ts": `import { main } from "${RUN}";
      Deno.exit(await main([
        [["--no-check", "a_test.ts"], ["--no-check", "b_test.ts"]],
        [["--no-check", "later_test.ts"]],
      ]));`,
  }, ["plan.ts"]);

  assertEquals(lastLine, "3 passed, 1 failed");
  assertEquals(code, 1);
  assertMatch(output, /a meets b[^]*b meets a[^]*later[^]*FAILED beside/);
  assertStringIncludes(
    output,
    "FAILED beside (./b_test.ts): TypeError: a & b\n",
  );
});

Deno.test("tests/run.ts fails if one of the runs of a pass dies", async () => {
  const { code, lastLine } = await runIn({
    "a_test.ts": `Deno.test("one", () => {});`,
    "b_test.ts": `Deno.test("two", () => Deno.kill(Deno.pid, "SIGKILL"));`,
    "plan.ts": `import { main } from "${RUN}";
      Deno.exit(await main([[["--no-check", "a_test.ts"], ["--no-check", "b_test.ts"]]]));`,
  }, ["plan.ts"]);

  assertEquals([code, lastLine], [1, "1 passed, 1 failed"]);
});

Deno.test("judge() leaves a good run and failed tests as they are", () => {
  const good = { passed: 2, failed: 0, skipped: 0 };
  const bad = { passed: 2, failed: 3, skipped: 0 };

  assertEquals(judge(good, true), good);
  assertEquals(judge(bad, false), bad);
});

Deno.test("judge() finds a failure in a run that only skipped", () => {
  const skipped = { passed: 0, failed: 0, skipped: 2 };

  assertEquals(judge(skipped, true).failed, 1);
});

Deno.test("closingLine() leaves out skipped tests if there are none", () => {
  assertEquals(closingLine(tallyOf("")), "0 passed, 0 failed");
});

Deno.test("secondsOf() adds up the tests of each suite, and of the examples in the docs", () => {
  const ofCase = (file: string, name: string, time: string) =>
    `<testcase name="${name}" classname="${file}" time="${time}" line="1">`;
  const report = [
    ofCase("./tests/unit/base/pace_test.ts", "a &quot;b", "0.5"),
    ofCase("./tests/unit/base/pace_test.ts", "a &gt; b", "0.25"),
    ofCase("./tests/unit/base/pace_test.ts", "a &quot;b &gt; step", "0.4"),
    ofCase("./tests/unit/base/pace_test.ts", "a &gt; b &gt; c &gt; d", "0.2"),
    ofCase("./tests/unit/imports_test.ts", "a &quot;b", "1.25"),
    ofCase("./tests/api/snapshot_test.ts", "a &quot;b &gt; step", "2.000"),
    ofCase("./README.md#51-65.ts", "file", "0.125"),
  ].join("\n");

  assertEquals(
    [...secondsOf(report)],
    [["tests/unit", 2], ["tests/api", 2], ["examples in the docs", 0.125]],
  );
});

Deno.test("failuresOf() says of each failed case which it is, and why", () => {
  const report = `<testcase name="one" classname="./a_test.ts" time="1">
        </testcase>
        <testcase name="&lt;two&gt;" classname="./b_test.ts" time="1">
            <failure message="Uncaught">TypeError: no
    at b_test.ts</failure>
        </testcase>`;

  assertEquals(failuresOf(report), [
    "FAILED <two> (./b_test.ts): TypeError: no\n    at b_test.ts",
  ]);
});

Deno.test("budgetLines() begins with the longest suite, and tells those over budget", () => {
  const lines = budgetLines(
    new Map([["tests/other", 1], ["tests/unit", 9_999], ["tests/ci", 2]]),
  );

  assertEquals(lines.length, 3);
  assertMatch(lines[0] ?? "", /^tests\/unit: 9999\.0 s of \d+ s, OVER BUDGET$/);
  assertMatch(lines[1] ?? "", /^tests\/ci: 2\.0 s of \d+ s$/);
  assertEquals(lines[2], "tests/other: 1.0 s, without a budget");
});

Deno.test("every suite has a budget, and all of them end before the run is stopped", async () => {
  const tests = new URL("../", import.meta.url);
  const suites = new Set<string>();
  for await (const path of testFiles(tests)) {
    suites.add(`tests/${path.slice(tests.pathname.length).split("/")[0]}`);
  }
  const budgets = Object.entries(BUDGETS);
  const sum = budgets.reduce((total, [, seconds]) => total + seconds, 0);

  assertEquals(
    budgets.map(([suite]) => suite).filter((suite) => suite !== EXAMPLES),
    [...suites].sort(),
  );
  assertLessOrEqual(sum * 1_000, MAX_DURATION);
});

async function* testFiles(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* testFiles(new URL(`${name}/`, folder));
    else if (name.endsWith("_test.ts")) yield new URL(name, folder).pathname;
  }
}
