import type { Client } from "./clients.ts";
import type { Facts } from "./trial.ts";

/** What is documented of a library. */
export interface Entry extends Facts {
  /** The version that was seen. */
  readonly version: string;
}

/** What is documented of all, by name. */
export type Entries = Readonly<Record<string, Entry>>;

const HEAD = [
  "library",
  "version",
  "largest message",
  "compression",
  "codes it changes",
  "a refusal is",
  "waits for a close",
  "Origin",
  "leaves with",
];

/** The table of all that is documented, as Markdown. */
export function tableOf(clients: readonly Client[], entries: Entries): string {
  const rows = clients.flatMap((client) => {
    const entry = entries[client.name];
    return entry === undefined ? [] : [rowOf(client, entry)];
  });
  const lines = [HEAD, HEAD.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function rowOf({ name, language }: Client, entry: Entry): string[] {
  return [
    `${name} (${language})`,
    entry.version,
    entry.largest + (entry.echo === "text, binary" ? "" : `; ${entry.echo}`),
    shortCompression(entry.compression),
    changedCodes(entry.codes),
    refusals(entry.refusals),
    entry.closeWait,
    entry.origin === "none" ? "–" : `\`${entry.origin}\``,
    entry.leaves + (entry.idle === "stays" ? "" : `; ${entry.idle}`),
  ].map((cell) => cell.replaceAll("|", "\\|"));
}

function shortCompression(text: string): string {
  return text.startsWith("permessage-deflate") ? "yes" : text;
}

/** Codes that do not come as they were sent, those that become the same together. */
function changedCodes(codes: Facts["codes"]): string {
  const groups = groupsOf(codes, "itself");
  if (groups.length === 0) return "none";
  const count = Object.keys(codes).length;
  return groups.map(([seen, list]) =>
    `${list.length === count ? "all" : list.join(", ")} → ${seen}`
  ).join("; ");
}

function refusals(statuses: Facts["refusals"]): string {
  const groups = groupsOf(statuses, "its status");
  if (groups.length === 0) return "its status";
  const count = Object.keys(statuses).length;
  return groups.map(([seen, list]) =>
    list.length === count ? seen : `${list.join(", ")}: ${seen}`
  ).join("; ");
}

/**
 * What is not as it was sent, by what it became; errors in short.
 *
 * @param same What is said of one that sometimes is as it was sent.
 */
function groupsOf(
  seen: Readonly<Record<string, string>>,
  same: string,
): [string, string[]][] {
  const groups = new Map<string, string[]>();
  for (const [key, value] of Object.entries(seen)) {
    if (key === value) continue;
    const short = alternatives(value).map((each) =>
      each === key ? same : each.startsWith("error:") ? "an error" : each
    ).join(" / ");
    groups.set(short, [...groups.get(short) ?? [], key]);
  }
  return [...groups];
}

/** Says in which facts two entries differ. */
export function differencesOf(found: Entry, documented: Entry): string[] {
  const flat = (entry: Entry) =>
    Object.entries(entry).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[key, value] as const]
        : Object.entries<string>(value)
          .map(([inner, each]) => [`${key} ${inner}`, each] as const)
    );
  const was = new Map(flat(documented));
  return flat(found).filter(([key, value]) => !agrees(value, was.get(key)))
    .map(([key, value]) =>
      `${key}: "${value}", documented as "${was.get(key)}"`
    );
}

/** What was seen in some runs and in others stands with ` / ` between. */
function alternatives(documented: string): string[] {
  return documented.split(" / ");
}

/** Seconds of two runs differ by so many at most. */
const NEAR = 2;

function agrees(found: string, documented: string | undefined): boolean {
  return alternatives(documented ?? "").some((each) => {
    const apart = secondsOf(found) - secondsOf(each);
    return found === each || Math.abs(apart) <= NEAR;
  });
}

/** Returns what stands in `5 s`; NaN if it is no such text. */
function secondsOf(text: string): number {
  return Number(/^(\d+) s$/.exec(text)?.[1] ?? NaN);
}

/** Puts a table between the two marks of a document. */
export function putInto(document: string, table: string): string {
  const marks = /(<!-- clients: begin -->\n)[\s\S]*?(<!-- clients: end -->)/;
  if (!marks.test(document)) {
    throw new TypeError(
      "Cannot write the table as the document must have the marks of it: found none",
    );
  }
  return document.replace(
    marks,
    (_, begin, end) => `${begin}\n${table}\n\n${end}`,
  );
}
