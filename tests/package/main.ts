/**
 * Looks at the package as it would be published: what is in it, and what the registry
 * would say of it.
 *
 *     deno task package
 *
 * @module
 */
import { dryRun } from "../_support/published_files.ts";
import { wrongContents } from "./contents.ts";
import { type Mark, readSheet, scoreOf } from "./score.ts";
import { wrongVersions } from "./versions.ts";

/**
 * What `deno publish` warns of and is as it must be: the modules that a user names are
 * known when a command line is read.
 */
const KNOWN_WARNINGS: readonly string[] = [
  "unanalyzable-dynamic-import in lib/cli/options/load_authorize.ts",
  "unanalyzable-dynamic-import in lib/cli/roles/worker.ts",
  "unanalyzable-dynamic-import in lib/worker/handler/handler.ts",
  "unanalyzable-import-meta-resolve in lib/cli/world/foreign_world.ts",
];

/** Writes a mark as a line. */
export function markLine({ what, worth, earned, found }: Mark): string {
  return `${earned ?? "-"} of ${worth}  ${what}: ${found}`;
}

async function main(): Promise<number> {
  const plan = await dryRun();
  const marks = scoreOf(await readSheet(plan));
  const wrong = [
    ...await wrongContents(plan.files),
    ...await wrongVersions(),
    ...plan.warnings.filter((line) => !KNOWN_WARNINGS.includes(line)),
    ...KNOWN_WARNINGS.filter((line) => !plan.warnings.includes(line))
      .map((line) => `it warns no more of ${line}: take it off the list`),
    ...marks.filter(({ worth, earned = worth }) => earned < worth)
      .map(({ what, found }) => `no point for "${what}": ${found}`),
  ];
  if (!plan.success) wrong.push(`it cannot be published:\n${plan.said}`);
  const lines = [
    `${plan.files.length} files would be published`,
    ...marks.map(markLine),
    ...wrong.map((what) => `WRONG: ${what}`),
  ];
  await Deno.stdout.write(new TextEncoder().encode(`${lines.join("\n")}\n`));
  return wrong.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main();
