/**
 * The chaos suite: real processes, clients that count, faults from a seed, and a
 * checker that trusts nobody.
 *
 *     deno task chaos                        everything that can happen, for 60 s
 *     deno task chaos --seed 42              the same faults again
 *     deno task chaos --scenario deploy      kills and rolling reloads only
 *     deno task chaos --faults cut-link,kill-gateway --seconds 20
 *
 * @module
 */
import { type ChaosOptions, HELP, parseChaosOptions } from "./options.ts";
import { planFaults, type PlannedFault } from "./plan.ts";
import { Random } from "./random.ts";
import { reportOf } from "./report.ts";
import { run, type RunOptions } from "./run.ts";

/** Milliseconds between two kills of the deploy scenario. */
const KILL_INTERVAL = 2_000;

/** Milliseconds between two rolling reloads of the deploy scenario. */
const RELOAD_INTERVAL = 10_000;

const encoder = new TextEncoder();

function say(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

function planOf(options: ChaosOptions): PlannedFault[] {
  const random = new Random(options.seed);
  const duration = options.seconds * 1_000;
  const { scenario, faults: kinds } = options;
  return scenario === "deploy"
    ? planFaults({
      duration,
      gap: [KILL_INTERVAL, KILL_INTERVAL],
      kinds: ["kill-worker"],
    }, random)
    : planFaults({ duration, gap: [500, 2_500], kinds }, random);
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    say(HELP);
    return 0;
  }
  const options = parseChaosOptions(args);
  const { scenario, seed, seconds, clients, rate, gateways, workers } = options;
  const folder = options.folder ||
    await Deno.makeTempDir({ prefix: "gatewayworker-chaos-" });
  const isDeploy = scenario === "deploy";
  const title =
    `scenario ${scenario}, seed ${seed}: ${clients} clients at ${rate}/s for ${seconds} s, ${gateways} gateways, ${workers} workers`;
  say(`${title}\njournal and logs: ${folder}`);
  const result = await run(
    {
      ...options,
      folder,
      duration: seconds * 1_000,
      plan: planOf(options),
      reloadInterval: isDeploy ? RELOAD_INTERVAL : 0,
      churn: isDeploy ? 0 : clients / 100,
      registers: 2,
      settleTimeout: 30_000,
      say,
    } satisfies RunOptions,
  );
  say(`\n${reportOf(title, result)}`);
  return result.findings.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
