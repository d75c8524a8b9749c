import { Crowd, type CrowdTally, type Round } from "./crowd.ts";
import { type Growth, growthOf, type MemoryPoint } from "./growth.ts";
import { leftovers, SoakCluster } from "./soak_cluster.ts";

/** How a soak is run. */
export interface SoakOptions {
  /** How many rounds; memory is compared from four on. */
  readonly rounds: number;
  /** One of them, after which all clients have left. */
  readonly round: Round;
  /** Clients at a time. */
  readonly clients: number;
  /**
   * Bytes of live objects by which a process may grow.
   *
   * @default {LIVE_NOISE}
   */
  readonly liveNoise?: number;
  /** What they speak; without TLS by default. */
  readonly scheme?: "ws" | "wss";
  /** Tells a person what happens. */
  readonly log: (line: string) => void;
}

/** What came of a soak. */
export interface SoakOutcome {
  /** Rounds. */
  readonly rounds: number;
  /** What the clients did. */
  readonly tally: CrowdTally;
  /** How each process grew. */
  readonly growth: ReadonlyMap<string, Growth>;
  /** What is wrong, in words; empty if all is well. */
  readonly findings: readonly string[];
}

/** Processes of each role. */
const SIZE = { gateways: 2, workers: 2 } as const;

/**
 * Lets clients come and go, round by round; after each, all must be forgotten, and
 * from the first round to the last no process may grow.
 */
export async function soak(options: SoakOptions): Promise<SoakOutcome> {
  await using cluster = await SoakCluster.start({
    ...SIZE,
    scheme: options.scheme ?? "ws",
  });
  const crowd = new Crowd(cluster.addresses);
  const points = new Map<string, MemoryPoint[]>();
  const findings = new Set<string>();
  const { rounds } = options;
  for (let round = 1; round <= rounds; round++) {
    await crowd.visit(options.clients, options.round);
    const reports = await cluster.settled();
    for (const left of leftovers(reports)) {
      findings.add(`Left after round ${round}: ${left}`);
    }
    for (const [name, report] of reports) {
      points.set(name, [...points.get(name) ?? [], report]);
    }
    options.log(lineOf(round, points, crowd.tally));
    if (crowd.tally.problems.length > 0) break;
  }
  return judge(options, crowd.tally, { points, findings });
}

function judge(
  { rounds, liveNoise }: SoakOptions,
  tally: CrowdTally,
  { points, findings }: {
    points: ReadonlyMap<string, MemoryPoint[]>;
    findings: ReadonlySet<string>;
  },
): SoakOutcome {
  const growth = new Map(
    [...points].map(([name, each]) =>
      [name, growthOf(each, liveNoise)] as const
    ),
  );
  const complaints = [...growth].flatMap(([name, { complaint }]) =>
    complaint === undefined ? [] : [`${name} grew by ${complaint}`]
  );
  return {
    rounds,
    tally,
    growth,
    findings: [...tally.problems, ...findings, ...complaints],
  };
}

function lineOf(
  round: number,
  points: ReadonlyMap<string, MemoryPoint[]>,
  { visits, answers, pushes }: CrowdTally,
): string {
  const memory = [...points].map(([name, each]) => {
    const { rss = 0, live = 0 } = each.at(-1) ?? {};
    return `${name} ${megabytes(rss)} (${megabytes(live)} live)`;
  });
  return `round ${round}: ${visits} visits, ${answers} answers, ${pushes} pushes; ${
    memory.join(", ")
  }`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
