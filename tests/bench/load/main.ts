// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * The bench runner.
 *
 * ```sh
 * deno task bench                               # three roles against a bare echo, ~1 minute
 * deno task bench --suite full --rounds 5       # everything, with peers from npm
 * deno task bench --compare                     # against the baseline, ~6 minutes
 * deno task bench --servers ours,ws --mode broadcast --clients 900 --depth 16
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { messageOf } from "../../../lib/base/errors.ts";
import { readBaseline } from "../../upgrade/baseline.ts";
import { formatCounts } from "../counts/count_report.ts";
import { compareWork } from "../counts/compare_work.ts";
import { drawChart } from "./chart.ts";
import { compareWith } from "./compare.ts";
import type { FigureName } from "./figures.ts";
import {
  type ArgValues,
  DEFAULT_LOAD,
  LOAD_ARGS,
  type LoadMode,
  numberOf,
  resolveLoad,
} from "./load_options.ts";
import { formatReport, readSurroundings, replaceReport } from "./report.ts";
import {
  runScenario,
  type Scenario,
  type ScenarioOutcome,
} from "./scenario.ts";
import { serverKind } from "./servers.ts";
import { type SuiteName, suiteOf, SUITES } from "./suite.ts";

const HELP = `Usage: deno task bench [options]

Without options: echo through three roles against a bare echo, in about a minute.

  --suite quick|full|scale|compare|resume
                            What is measured (default: quick)
  --servers NAME,…          Instead of a suite: one load on these servers, which are
                            ours, ours:G+W, bare, relay, deno-serve, ws, original (PHP),
                            socket.io, socket.io-cluster, socket.io-redis, link; over
                            TLS ours+wss, ws+wss, or its links ours+lan-tls;
                            gatewayworker.v1 ours+v1; and
                            ours@REVISION, ours+wss@REVISION:G+W from the same git
  --compare [REVISION]      Only ours, in turns with that revision from the same git
                            (default: the one named in tests/upgrade/BASELINE), then
                            what each of both asks of the system for a message; about
                            six minutes. The suite is compare, the rounds are 9
  --counted                 The same, but only what is asked of the system for a message,
                            which a busy machine does not change; two minutes
  --only TEXT               Only scenarios of the suite whose title contains this, such as
                            TLS, MiB or "one client"; capitals do not matter
  --rounds N                Turns of every server (default: 3)
  --seconds N, --warmup N   Length of one run (default: 3 and 1; with --compare 1.5 and
                            0.5)
  --json FILE               Write everything measured
  --markdown FILE           Write the report, which is printed in any case
  --into FILE               Replace the report in a document between its marks
  --chart FILE              Write bars of messages per server CPU-second as SVG

With --servers, the load (defaults in parentheses):
  --mode echo|direct|group|broadcast|connect|idle|link|mesh (echo)
  --clients N (100)   --depth N (1)   --size BYTES (64)   --rate N a second (0: closed loop)
  --group-size N (30) --joins N more groups of each client (0)
  --messages N of each connection (0, only for connect)
`;

const ARGS = {
  ...LOAD_ARGS,
  suite: { type: "string" },
  servers: { type: "string" },
  only: { type: "string" },
  compare: { type: "string" },
  counted: { type: "boolean" },
  rounds: { type: "string" },
  json: { type: "string" },
  markdown: { type: "string" },
  into: { type: "string" },
  chart: { type: "string" },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs what the command line asks for; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({
      args: await withRevision(args),
      options: ARGS,
    });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    await bench(values, planScenarios(values));
    return 0;
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof TypeError || error instanceof RangeError ? 2 : 1;
  }
}

/** Puts the baseline behind a `--compare` that names no revision; `--counted` is one, too. */
async function withRevision(given: readonly string[]): Promise<string[]> {
  const isCounted = given.includes("--counted");
  const isCompared = given.some((arg) => arg.startsWith("--compare"));
  const args = isCounted && !isCompared ? [...given, "--compare"] : given;
  const at = args.indexOf("--compare");
  const isNamed = at < 0 || /^[^-]/.test(args[at + 1] ?? "");
  return isNamed
    ? [...args]
    : args.with(at, `--compare=${await readBaseline()}`);
}

/** Ends the servers, too, when somebody ends the bench. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => controller.abort());
  }
  return controller.signal;
}

async function bench(
  values: ArgValues,
  scenarios: readonly Scenario[],
): Promise<void> {
  const where = await readSurroundings();
  const { compare } = values;
  const rounds = numberOf(values, "rounds", compare === undefined ? 3 : 9);
  const stop = stopOnSignal();
  const outcomes: ScenarioOutcome[] = [];
  for (const scenario of values.counted ? [] : scenarios) {
    if (stop.aborted) {
      throw new Deno.errors.Interrupted("Stopped: nothing is reported");
    }
    outcomes.push(
      await runScenario(scenario, { rounds, stop, log: console.error }),
    );
  }
  const counts = typeof compare === "string"
    ? await compareWork(scenarios, compare, { stop, log: console.error })
    : [];
  const report = [
    formatReport(outcomes, where),
    formatCounts(counts, String(compare)),
  ].filter(Boolean).join("\n\n");
  console.log(`\n${report}`);
  await write(
    values.json,
    () => JSON.stringify({ ...where, outcomes, counts }, undefined, 2),
  );
  await write(values.markdown, () => report);
  await write(values.chart, () => drawChart(outcomes));
  if (typeof values.into === "string") {
    const document = await Deno.readTextFile(values.into);
    await Deno.writeTextFile(values.into, replaceReport(document, report));
  }
}

function planScenarios(values: ArgValues): Scenario[] {
  if (values.servers !== undefined) {
    const one = planOne(values, String(values.servers).split(","));
    return typeof values.compare === "string"
      ? compareWith([one], values.compare)
      : [one];
  }
  const isCompared = values.compare !== undefined;
  const { suite = isCompared ? "compare" : "quick", only = "" } = values;
  if (!SUITES.includes(suite as SuiteName)) {
    throw new TypeError(
      `Cannot bench as --suite must be one of ${
        SUITES.join(", ")
      }: current value is "${suite}"`,
    );
  }
  const timing = {
    seconds: numberOf(values, "seconds", isCompared ? 1.5 : 3),
    warmup: numberOf(values, "warmup", isCompared ? 0.5 : 1),
  };
  const scenarios = suiteOf(suite as SuiteName, timing).filter(({ title }) =>
    title.toLowerCase().includes(String(only).toLowerCase())
  );
  return typeof values.compare === "string"
    ? compareWith(scenarios, values.compare)
    : scenarios;
}

function planOne(values: ArgValues, servers: readonly string[]): Scenario {
  // A wrong name is found now rather than between runs.
  servers.forEach(serverKind);
  const load = resolveLoad(values, { ...DEFAULT_LOAD, seconds: 3 });
  const figures = figuresOf(load.mode);
  const { mode, clients, depth, size, rate } = load;
  const pace = rate > 0 ? `${rate} messages/s` : `depth ${depth}`;
  return {
    title: `${mode}, ${clients} clients, ${pace}, ${size} B`,
    load,
    servers,
    figures,
    goals: [],
  };
}

function figuresOf(mode: LoadMode): FigureName[] {
  switch (mode) {
    case "idle":
      return ["memory"];
    case "mesh":
      return ["cpu", "resident", "switches"];
    case "start":
      return ["start"];
    case "link":
      return ["perSecond", "perCpuSecond", "generator"];
    default:
      return [
        ...["perSecond", "perCpuSecond", "cpu"] as const,
        ...["p50", "p99", "fairness", "switches"] as const,
      ];
  }
}

async function write(path: unknown, content: () => string): Promise<void> {
  if (typeof path === "string") {
    await Deno.writeTextFile(path, `${content()}\n`);
  }
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
