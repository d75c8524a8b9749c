import { formatNumber } from "../load/figures.ts";
import { formatTable } from "../load/report.ts";
import type { Counts, RoleCounts } from "./counts.ts";

/** How much more work than before still counts as none: what depends on chance. */
const MOST_WORK = 1.02;

/** The same where there is next to no work: calls are shared by many messages. */
const TINY = { calls: 0.02, bytes: 1, allocated: 50 } as const;

/** What both versions did for each message of one load. */
export interface CountedRow {
  /** Which load. */
  readonly title: string;
  /** What this version did; `undefined` if that could not be counted. */
  readonly now: Counts | undefined;
  /** What the earlier version did. */
  readonly before: Counts | undefined;
}

type Kind = keyof typeof TINY;

const HEAD = [
  "row, role",
  "system calls",
  "bytes",
  "bytes allocated",
  "no more work",
];

/** Writes the table of counted work in Markdown; nothing if there are no rows. */
export function formatCounts(
  rows: readonly CountedRow[],
  revision: string,
): string {
  if (rows.length === 0) return "";
  const cells = rows.flatMap(formatRow);
  const notes = new Set(
    rows.flatMap(({ now, before }) =>
      [now?.reason, before?.reason].filter((reason) => reason !== undefined)
    ),
  );
  return [
    `### Counted work for each message that arrives, now : ${revision}`,
    formatTable(HEAD, cells),
    [...notes].map((note) => `- ${note}`).join("\n"),
  ].filter(Boolean).join("\n\n");
}

function formatRow({ title, now, before }: CountedRow): string[][] {
  const roles = now?.roles ?? [];
  return roles.map((role) => {
    const earlier = before?.roles.find(({ name }) => name === role.name);
    const more = (["calls", "bytes", "allocated"] as const).filter((kind) =>
      earlier !== undefined && isMore(kind, role[kind], earlier[kind])
    );
    return [
      `${title}: ${role.name}`,
      formatPair("calls", role, earlier),
      formatPair("bytes", role, earlier),
      formatPair("allocated", role, earlier),
      more.length === 0 ? "yes" : `NO: ${more.join(", ")}`,
    ];
  });
}

function formatPair(
  kind: Kind,
  now: RoleCounts,
  before: RoleCounts | undefined,
): string {
  if (now[kind].length === 0 || before === undefined) return "–";
  const [mine, theirs] = [least(now[kind]), least(before[kind])];
  const ratio = (mine / theirs).toFixed(2);
  return `${formatWork(mine)} : ${formatWork(theirs)} = ${ratio}`;
}

/**
 * Tells whether work has grown beyond what chance does: even the best bout takes more
 * than the worst one did, and more than a bound allows.
 */
export function isMore(
  kind: Kind,
  now: readonly number[],
  before: readonly number[],
): boolean {
  const allowed = Math.max(
    least(before) * MOST_WORK,
    least(before) + TINY[kind],
  );
  return least(now) > Math.max(...before, allowed);
}

/** What chance does to a bout, such as a slow machine, adds work rather than saves it. */
function least(bouts: readonly number[]): number {
  return Math.min(...bouts);
}

/** Writes a number with three digits that count, or all before the point. */
function formatWork(value: number): string {
  return value < 100
    ? String(Number(value.toPrecision(3)))
    : formatNumber(value);
}
