// deno-lint-ignore-file no-console -- a program: the report goes to standard output
/**
 * Runs every conformance case against the transport alone, the same over TLS, and
 * through a gateway with a worker, and prints what came of each group.
 *
 *     deno task conformance              everything
 *     deno task conformance 6 7.9        groups, or cases by the beginning of their number
 *     deno task conformance --client ws://127.0.0.1:9001 [3 …]
 *                                        a client of gatewayworker.v1 that connects there
 *
 * @module
 */
import { isWanted } from "./case.ts";
import { runCase, type Target } from "./run_case.ts";
import { type Group, SUITE } from "./suite.ts";
import { runClientSuite } from "./v1/main.ts";
import { type RunningTarget, startGateway, startTransport } from "./targets.ts";

/** What became of the cases of a group. */
interface Tally {
  passed: number;
  failed: number;
  milliseconds: number;
}

async function runGroup(
  { cases }: Group,
  target: Target,
  wanted: readonly string[],
): Promise<Tally> {
  const start = performance.now();
  const tally = { passed: 0, failed: 0, milliseconds: 0 };
  for (const each of cases()) {
    if (!isWanted(each, wanted)) continue;
    const { failure } = await runCase(each, target);
    if (failure === undefined) tally.passed++;
    else {
      tally.failed++;
      console.error(`${each.id} ${each.title} (${each.section}): ${failure}`);
    }
  }
  tally.milliseconds = Math.round(performance.now() - start);
  return tally;
}

/** Runs all groups; returns how many cases failed. */
async function runAll(
  name: string,
  running: RunningTarget,
  wanted: readonly string[],
): Promise<number> {
  await using _running = running;
  console.log(`\n${name}\n`);
  console.log("| group | | cases | passed | failed | ms |");
  console.log("| ---: | --- | ---: | ---: | ---: | ---: |");
  let [total, failures] = [0, 0];
  for (const group of SUITE) {
    const { passed, failed, milliseconds } = await runGroup(
      group,
      running.target,
      wanted,
    );
    const cases = passed + failed;
    total += cases;
    failures += failed;
    if (cases === 0) continue;
    const figures = [cases, passed, failed, milliseconds].join(" | ");
    console.log(`| ${group.number} | ${group.title} | ${figures} |`);
  }
  console.log(`\n${total - failures} of ${total} cases passed`);
  return failures;
}

if (import.meta.main && Deno.args[0] === "--client") {
  const [, url = "ws://127.0.0.1:9001", ...wanted] = Deno.args;
  Deno.exit(await runClientSuite(url, wanted) === 0 ? 0 : 1);
} else if (import.meta.main) {
  const wanted = Deno.args;
  const failures =
    await runAll("The transport alone", await startTransport(), wanted) +
    await runAll("The same over TLS", await startTransport("wss"), wanted) +
    await runAll("Through gateway and worker", await startGateway(), wanted);
  Deno.exitCode = failures === 0 ? 0 : 1;
}
