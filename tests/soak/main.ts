// deno-lint-ignore-file no-console -- a program: its report goes to standard output
/**
 * The soak: two gateways and two workers as processes, clients that come, bind uids,
 * join groups, change sessions, fan out, and go; flat memory, and nothing left behind.
 *
 *     deno task soak                          an hour
 *     deno task soak --minutes 2              what fits into a CI run
 *     deno task soak --minutes 600 --clients 200
 *
 * @module
 */
import { parseArgs } from "node:util";
import { messageOf } from "../../lib/base/errors.ts";
import { soak, type SoakOutcome } from "./soak.ts";

const HELP = `Usage: deno task soak [options]

  --minutes N   How long clients come and go (default: 60)
  --round N     Seconds until all leave and memory is looked at (default: 60, or a
                twelfth of it all if that is less)
  --clients N   Clients at a time (default: 60)
  --tls         They speak TLS
`;

const ARGS = {
  minutes: { type: "string" },
  round: { type: "string" },
  clients: { type: "string" },
  tls: { type: "boolean", default: false },
  help: { type: "boolean", short: "h" },
} as const;

/** Runs what the command line asks for; returns the exit code. */
export async function main(args: string[]): Promise<number> {
  try {
    const { values } = parseArgs({ args, options: ARGS });
    if (values.help) {
      console.log(HELP);
      return 0;
    }
    const duration = numberOf(values.minutes, 60) * 60_000;
    const usual = Math.min(60, duration / 12_000);
    const milliseconds = numberOf(values.round, usual) * 1_000;
    const outcome = await soak({
      rounds: Math.max(Math.round(duration / milliseconds), 4),
      round: { milliseconds },
      clients: numberOf(values.clients, 60),
      scheme: values.tls ? "wss" : "ws",
      log: console.error,
    });
    console.log(reportOf(outcome));
    return outcome.findings.length === 0 ? 0 : 1;
  } catch (error) {
    console.error(messageOf(error));
    return error instanceof TypeError || error instanceof RangeError ? 2 : 1;
  }
}

function numberOf(text: string | undefined, fallback: number): number {
  const value = text === undefined ? fallback : Number(text);
  if (value > 0) return value;
  throw new RangeError(
    `Cannot soak as numbers must be > 0: current value is "${text}"`,
  );
}

function reportOf({ rounds, tally, growth, findings }: SoakOutcome): string {
  const rows = [...growth].map(([name, each]) =>
    `| ${name} | ${each.rss} | ${each.rssGrowth} | ${each.live} | ${each.liveGrowth} |`
  );
  return [
    `${rounds} rounds, ${tally.visits} visits, ${tally.answers} answers, ${tally.pushes} pushes.`,
    "",
    "| process | resident bytes at first | growth | live bytes at first | growth |",
    "| --- | --: | --: | --: | --: |",
    ...rows,
    "",
    ...findings.map((finding) => `- ${finding}`),
    findings.length === 0 ? "Flat, and nothing left behind." : "NOT FLAT",
  ].join("\n");
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
