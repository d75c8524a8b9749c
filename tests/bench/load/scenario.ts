import { messageOf } from "../../../lib/base/errors.ts";
import { type FigureName, FIGURES, formatNumber } from "./figures.ts";
import type { LoadOptions } from "./load_options.ts";
import { faultCount, type LoadResult } from "./load_result.ts";
import { measure } from "./measure.ts";
import { runStart } from "./start_load.ts";
import { type RunningServer, serverKind, startServer } from "./servers.ts";

/** Most characters of why a server was left out. */
const MAX_REASON = 160;

/** One load on several servers. */
export interface Scenario {
  /** What is measured, in a few words. */
  readonly title: string;
  /** The load. */
  readonly load: LoadOptions;
  /** Names of servers, which take turns. */
  readonly servers: readonly string[];
  /** Figures for the table of this scenario. */
  readonly figures: readonly FigureName[];
  /** What must be reached. */
  readonly goals: readonly Goal[];
}

/** What a figure of one server must be, by itself or against another server's. */
export interface Goal {
  /** Which figure. */
  readonly figure: FigureName;
  /** Whose. */
  readonly of: string;
  /** The other server; without one the bound is for the figure itself. */
  readonly against?: string;
  /** Least value, or ratio. */
  readonly atLeast?: number;
  /** Greatest value, or ratio. */
  readonly atMost?: number;
}

/** What came of a scenario. */
export interface ScenarioOutcome {
  /** What was run. */
  readonly scenario: Scenario;
  /** Runs by server, in order. */
  readonly results: Readonly<Record<string, readonly LoadResult[]>>;
  /** Servers that were left out, and why. */
  readonly skipped: Readonly<Record<string, string>>;
}

/** How scenarios are run. */
export interface RunOptions {
  /** How often every server has its turn. */
  readonly rounds: number;
  /** Ends everything when aborted. */
  readonly stop: AbortSignal;
  /** Tells a person what happens. */
  readonly log: (line: string) => void;
}

/**
 * Runs a scenario: A B, B A, A B, …, with all servers up and only one under load. As each
 * goes first every other time, a drift of the machine favours none.
 */
export async function runScenario(
  scenario: Scenario,
  options: RunOptions,
): Promise<ScenarioOutcome> {
  const run = new ScenarioRun(scenario, options);
  options.log(`# ${scenario.title}`);
  const { mode } = scenario.load;
  // Memory is told by how a fresh process grows: there, nothing is kept running.
  if (mode === "idle") await run.runFresh();
  else if (mode === "start") await run.runStarts();
  else await run.runInTurns();
  return run;
}

class ScenarioRun implements ScenarioOutcome {
  readonly scenario: Scenario;
  readonly results: Record<string, LoadResult[]> = {};
  readonly skipped: Record<string, string> = {};
  readonly #options: RunOptions;

  constructor(scenario: Scenario, options: RunOptions) {
    this.scenario = scenario;
    this.#options = options;
  }

  async runInTurns(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    const running = new Map<string, RunningServer>();
    for (const name of this.scenario.servers) {
      const server = await this.#start(name);
      if (server !== undefined) running.set(name, stack.use(server));
    }
    for (let round = 0; round < this.#options.rounds; round++) {
      const turns = round % 2 === 0 ? [...running] : [...running].reverse();
      for (const [name, server] of turns) await this.#measure(name, server);
    }
  }

  async runFresh(): Promise<void> {
    for (const name of this.scenario.servers) {
      await using server = await this.#start(name);
      if (server !== undefined) await this.#measure(name, server);
    }
  }

  async runStarts(): Promise<void> {
    for (let round = 0; round < this.#options.rounds; round++) {
      for (const name of this.scenario.servers) {
        await this.#take(name, () => runStart(this.scenario.load, name));
      }
    }
  }

  async #start(name: string): Promise<RunningServer | undefined> {
    if (this.#options.stop.aborted) return undefined;
    try {
      return await startServer(serverKind(name), this.scenario.load.mode);
    } catch (error) {
      this.#skip(name, error);
      return undefined;
    }
  }

  async #measure(name: string, server: RunningServer): Promise<void> {
    const { load } = this.scenario;
    await this.#take(
      name,
      () => measure(load, server.target, this.#options.stop),
    );
  }

  async #take(name: string, run: () => Promise<LoadResult>): Promise<void> {
    if (this.skipped[name] !== undefined || this.#options.stop.aborted) return;
    try {
      const result = await run();
      (this.results[name] ??= []).push(result);
      this.#options.log(lineOf(this.scenario, name, result));
    } catch (error) {
      this.#skip(name, error);
    }
  }

  #skip(name: string, error: unknown): void {
    const reason = messageOf(error).replaceAll(/\s+/g, " ").slice(
      0,
      MAX_REASON,
    );
    this.skipped[name] = reason;
    this.#options.log(`  ${name}: skipped: ${reason}`);
  }
}

function lineOf(
  { figures }: Scenario,
  name: string,
  result: LoadResult,
): string {
  const { generator, seconds } = result;
  const faults = faultCount(result);
  return [
    `  ${name.padEnd(18)} ` + figures.map((figure) => {
      const { title, of } = FIGURES[figure];
      return `${title} ${formatNumber(of(result))}`;
    }).join("; "),
    `generator ${Math.round(generator.cpu / seconds * 100)} % of a core`,
    ...(faults > 0 ? [`FAULTS ${JSON.stringify(result.faults)}`] : []),
  ].join("; ");
}
