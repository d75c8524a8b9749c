/**
 * Follows the README and the guides as a new user does, each in a fresh copy of the
 * checkout: every shell block is run as it is written, in the order of its page. What
 * runs until it is stopped is left running until the page is over, or says to stop it.
 *
 *     deno task guides                           all pages
 *     deno task guides README.md docs/project.md some
 *     deno task guides --no-network              without what is fetched from elsewhere
 *
 * Root on Linux with iproute2 has each page run in network namespaces, one for each
 * machine that the page speaks of. Elsewhere it uses the machine's own ports, and
 * leaves out pages with several machines. Blocks that need what is not here are marked
 * in the page, by a comment that says why, and counted.
 *
 * @module
 */
import { sweep } from "../testbed/network.ts";
import { type Outcome, Tour, userPages } from "./tour.ts";

/** What the names of all namespaces begin with. */
const KIND = "gwgd";

async function main(args: readonly string[]): Promise<number> {
  // Of a run that was killed.
  await sweep(KIND);
  const named = args.filter((arg) => !arg.startsWith("--"));
  const pages = named.length > 0 ? named : await userPages();
  const tour = await Tour.prepare({
    network: !args.includes("--no-network"),
    time: true,
    prefix: `${KIND}${Deno.pid}-`,
    onCommand: (path, { line, text }) => print(`${path}:${line}: ${text}`),
  });
  if (tour.obstacle !== undefined) {
    print(`Cannot follow any page as ${tour.obstacle}`);
    return 1;
  }
  const outcomes: Outcome[] = [];
  for (const path of pages) outcomes.push(await tour.follow(path));
  print("");
  for (const outcome of outcomes) print(lineOf(outcome));
  const count = (numbers: readonly number[]) =>
    numbers.reduce((sum, each) => sum + each, 0);
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  for (const { failure } of failed) print(`\n${failure}`);
  print(
    `${count(outcomes.map(({ page }) => page.blocks))} blocks run, ${
      count(outcomes.map(({ page }) => page.skipped.length))
    } left out, ${failed.length} pages failed`,
  );
  return failed.length === 0 ? 0 : 1;
}

function lineOf({ path, page, failure }: Outcome): string {
  const reasons = page.skipped.map(({ line, reason }) =>
    `\n    left out, line ${line}: ${reason}`
  );
  const verdict = failure === undefined ? "" : ", FAILED";
  return `${path}: ${page.blocks} blocks${verdict}${reasons.join("")}`;
}

function print(line: string): void {
  // deno-lint-ignore no-console -- a program: this is what it is for
  console.log(line);
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
