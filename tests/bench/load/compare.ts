import { nameAtRevision, rolePlanOf } from "./role_plan.ts";
import type { Goal, Scenario } from "./scenario.ts";

/** How much of the earlier messages per server CPU-second must be left. */
const LEAST_THROUGHPUT = 0.95;

/** How much more memory a client may take than before. */
const MOST_MEMORY = 1.1;

/** How much longer a start may take than before. */
const MOST_TIME = 1.05;

/**
 * Plans a suite again for two versions of this package alone, which take turns.
 *
 * @param scenarios The suite.
 * @param revision The earlier version.
 * @returns The scenarios that `ours` is part of.
 */
export function compareWith(
  scenarios: readonly Scenario[],
  revision: string,
): Scenario[] {
  return scenarios.map((scenario) => {
    const servers = scenario.servers.filter((name) =>
      rolePlanOf(name) !== undefined
    );
    const goals = servers.map((name) => goalFor(scenario, name, revision));
    const both = servers.flatMap((
      name,
    ) => [name, nameAtRevision(name, revision)]);
    return { ...scenario, servers: both, goals };
  }).filter(({ servers }) => servers.length > 0);
}

function goalFor(scenario: Scenario, of: string, revision: string): Goal {
  const against = nameAtRevision(of, revision);
  switch (scenario.load.mode) {
    case "idle":
      return { figure: "memory", of, against, atMost: MOST_MEMORY };
    case "start":
      return { figure: "start", of, against, atMost: MOST_TIME };
    case "mesh":
      return { figure: "resident", of, against, atMost: MOST_MEMORY };
    default:
      return { figure: "perCpuSecond", of, against, atLeast: LEAST_THROUGHPUT };
  }
}
