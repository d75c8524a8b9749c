/**
 * Replaces clusters node by node under clients of the library: this version by itself,
 * the version before by this one and back, and one role as it was before it last changed.
 *
 *     deno task upgrade                  all of it, some three minutes
 *     deno task upgrade gateway          only lines with one of these words
 *     deno task upgrade --from REVISION  from this one instead of tests/upgrade/BASELINE
 *
 * @module
 */
import { checkOut } from "../bench/load/checkout.ts";
import { outputOf } from "../bench/load/peer_folder.ts";
import { readBaseline } from "./baseline.ts";
import { allOf, type Versions } from "./mixed_cluster.ts";
import { roll, type RollingResult } from "./rolling.ts";

const NOW = new URL("../..", import.meta.url).pathname;
const ROLES = ["register", "gateway", "worker"] as const;

/** One cluster that becomes another. */
interface Passage {
  readonly what: string;
  readonly first: Versions;
  readonly second: Versions;
}

/** There and back. */
function both(what: string, other: Versions): Passage[] {
  const now = allOf(NOW);
  return [
    { what: `from ${what}`, first: other, second: now },
    { what: `back to ${what}`, first: now, second: other },
  ];
}

async function passages(revision: string): Promise<Passage[]> {
  const now = allOf(NOW);
  const found = [
    { what: "this version, restarted", first: now, second: now },
    ...both(revision, allOf(await checkOut(revision))),
  ];
  for (const role of ROLES) {
    const before = await lastRevision(role);
    const version = await checkOut(before);
    const others = { ...allOf(NOW), [role]: version };
    found.push(...both(`the ${role} of ${before}`, others));
  }
  return found;
}

/** The revision before the one that changed a role last. */
async function lastRevision(role: string): Promise<string> {
  const args = ["log", "-1", "--format=%h", "--", `lib/${role}`];
  return `${await outputOf("git", ["-C", NOW, ...args])}^`;
}

/** What came of a passage, as lines. */
function linesOf(
  { what }: Passage,
  { wrong, counts }: RollingResult,
): string[] {
  const { sent, claimed, heard, answered, returns, fresh, missed } = counts;
  const verdict = wrong.length === 0 ? "fine " : "WRONG";
  return [
    `${verdict}  ${what}: ${sent} said, ${claimed} told to be handled, ${answered} answered, ${heard} heard, ${missed} told to be missing; ${returns} returns, ${fresh} new sessions`,
    ...wrong.map((line) => `       ${line}`),
  ];
}

async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf("--from");
  const revision = at < 0 ? await readBaseline() : args[at + 1] ?? "";
  const words = at < 0 ? args : args.toSpliced(at, 2);
  const isWanted = ({ what }: Passage) =>
    words.length === 0 || words.some((word) => what.includes(word));
  let faults = 0;
  for (const passage of (await passages(revision)).filter(isWanted)) {
    const result = await roll(passage.first, passage.second);
    faults += result.wrong.length;
    const text = `${linesOf(passage, result).join("\n")}\n`;
    await Deno.stdout.write(new TextEncoder().encode(text));
  }
  return faults === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exitCode = await main(Deno.args);
