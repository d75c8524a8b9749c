/**
 * The chaos suite: real processes, clients that count, faults from a seed, and a
 * checker that trusts nobody.
 *
 *     deno task chaos                        everything that can happen, for 60 s
 *     deno task chaos --seed 42              the same faults again
 *     deno task chaos --scenario deploy      kills and rolling reloads only
 *     deno task chaos --scenario slow        a fifth of the clients stop reading
 *     deno task chaos --scenario return      clients of the library come back: 200 lives
 *     deno task chaos --scenario presence    who is here: 2,000 users with up to five tabs
 *     deno task chaos --scenario cells       three cells over NATS: what fails between them
 *     deno task chaos --faults cut-link,kill-gateway --seconds 20
 *     deno task chaos --sabotage drop --faults "" --seconds 5
 *                                            must fail: a frame is lost on purpose
 *
 * @module
 */
import { main as runCells } from "../cells/main.ts";
import { type ChaosOptions, HELP, parseChaosOptions } from "./options.ts";
import { Saboteur } from "./link_frames.ts";
import { planFaults, type PlannedFault } from "./plan.ts";
import { presenceReportOf } from "./presence_report.ts";
import { runPresence } from "./presence_run.ts";
import { Random } from "./random.ts";
import { reportOf, slowReportOf } from "./report.ts";
import { returnReportOf, runReturn } from "./return_run.ts";
import { run } from "./run.ts";
import { runSlow } from "./slow_run.ts";

/** Milliseconds between two kills of the deploy scenario. */
const KILL_INTERVAL = 2_000;

/** Milliseconds between two rolling reloads of the deploy scenario. */
const RELOAD_INTERVAL = 10_000;

/** Phases of the slow scenario, of equal length. */
const SLOW_PHASES = 3;

/** Clients of the return scenario at a time, and milliseconds for which they have bad luck. */
const RETURN_TOGETHER = 10;
const RETURN_DURATION = 3_000;

/** Milliseconds for which users come and go from one kill of the presence scenario to the next. */
const PRESENCE_DURATION = 3_000;

/** Milliseconds after which presence must be right, after one fault and after two at once. */
const PRESENCE_LIMITS = { one: 1_000, both: 3_000 };

/** Messages that a saboteur lets pass before. */
const SABOTAGE_PATIENCE = 100;

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
  switch (options.scenario) {
    case "slow":
      return await runSlowScenario(options);
    case "return":
      return await runReturnScenario(options);
    case "presence":
      return await runPresenceScenario(options);
    case "cells":
      return await runCells(["chaos"]);
    default:
      return await runScenario(options);
  }
}

async function runReturnScenario(options: ChaosOptions): Promise<number> {
  const { clients, seed, sabotage } = options;
  const folder = await folderOf(options);
  say(
    `scenario return: seeds ${seed} to ${seed + clients - 1}\nlogs: ${folder}`,
  );
  const seeds = Array.from({ length: clients }, (_, i) => seed + i);
  const result = await runReturn({
    seeds,
    together: RETURN_TOGETHER,
    duration: RETURN_DURATION,
    folder,
    sabotage,
    say,
  });
  say(`\n${returnReportOf(result)}`);
  return result.wrong.length === 0 ? 0 : 1;
}

async function runPresenceScenario(options: ChaosOptions): Promise<number> {
  const { clients, seed, seconds, sabotage } = options;
  const folder = await folderOf(options);
  say(
    `scenario presence, seed ${seed}: ${clients} users\nlogs: ${folder}`,
  );
  const result = await runPresence({
    seed,
    users: clients,
    rounds: Math.max(1, Math.round(seconds * 1_000 / PRESENCE_DURATION / 2)),
    duration: PRESENCE_DURATION,
    watchers: 3,
    limits: PRESENCE_LIMITS,
    folder,
    sabotage,
    say,
  });
  say(`\n${presenceReportOf(result)}`);
  return result.wrong.length === 0 ? 0 : 1;
}

async function runSlowScenario(options: ChaosOptions): Promise<number> {
  const { clients, seconds } = options;
  const folder = await folderOf(options);
  say(`scenario slow: ${clients} clients\njournal and logs: ${folder}`);
  const duration = seconds * 1_000 / SLOW_PHASES;
  const result = await runSlow({ clients, duration, folder, say });
  say(`\n${slowReportOf(result)}`);
  return result.findings.length === 0 ? 0 : 1;
}

async function folderOf({ folder }: ChaosOptions): Promise<string> {
  if (folder !== "") return folder;
  return await Deno.makeTempDir({ prefix: "gatewayworker-chaos-" });
}

async function runScenario(options: ChaosOptions): Promise<number> {
  const { scenario, seed, seconds, clients, rate, gateways, workers } = options;
  const folder = await folderOf(options);
  const isDeploy = scenario === "deploy";
  const title =
    `scenario ${scenario}, seed ${seed}: ${clients} clients at ${rate}/s for ${seconds} s, ${gateways} gateways, ${workers} workers`;
  say(`${title}\njournal and logs: ${folder}`);
  const { sabotage } = options;
  const result = await run({
    ...options,
    folder,
    duration: seconds * 1_000,
    plan: planOf(options),
    reloadInterval: isDeploy ? RELOAD_INTERVAL : 0,
    churn: isDeploy ? 0 : clients / 100,
    registers: 2,
    // Faults come so thick that an innocent event may be in flight in three of them.
    gatewayOptions: isDeploy ? {} : { maxDeliveries: 20 },
    settleTimeout: sabotage === undefined ? 30_000 : 3_000,
    saboteur: sabotage && new Saboteur(sabotage, SABOTAGE_PATIENCE),
    say,
  });
  say(`\n${reportOf(title, result)}`);
  return result.findings.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
