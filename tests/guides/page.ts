/** Something that a page asks of its reader, in the order of the page. */
export type Step =
  | Command
  | { readonly type: "file"; readonly name: string; readonly text: string }
  /** The reader presses Ctrl-C wherever something still runs. */
  | { readonly type: "interrupt" };

/** One command of a shell block. */
export interface Command {
  /** Which step it is. */
  readonly type: "command";
  /** Line of the page on which it begins. */
  readonly line: number;
  /** The command as it stands there, with all lines that it goes over. */
  readonly text: string;
  /** Addresses of the machines it is for; none if the page has one machine only. */
  readonly hosts: readonly string[];
  /** Whether it fetches something from elsewhere. */
  readonly fetches: boolean;
}

/** A shell block that cannot be run. */
export interface Skipped {
  /** Line of the page on which the block begins. */
  readonly line: number;
  /** Why, as the page says in a comment before the block. */
  readonly reason: string;
}

/** What a page asks of its reader. */
export interface Page {
  /** What is to be done. */
  readonly steps: readonly Step[];
  /** How many shell blocks that is. */
  readonly blocks: number;
  /** The blocks that are left out. */
  readonly skipped: readonly Skipped[];
  /** Addresses of all machines that the page speaks of. */
  readonly hosts: readonly string[];
}

/** What {@linkcode readPage} has to know of this machine. */
export interface Means {
  /** Whether there is such a program. */
  has(program: string): boolean;
  /** Whether something may be fetched from elsewhere. */
  readonly network: boolean;
  /** Whether there is time for what other tests do as well. */
  readonly time: boolean;
}

/** A block of code, and the comments right before it. */
interface Block {
  readonly line: number;
  readonly language: string;
  readonly lines: readonly string[];
  readonly marks: readonly string[];
}

/** Every machine of the page, in a comment within a block. */
const EVERYWHERE = /^# (?:on every machine|在每台机器上)/;

/**
 * Reads what a page of Markdown asks of its reader. Comments before a block, which
 * readers do not see, say what a machine has to know of it:
 *
 * - `<!-- save: handler.ts -->`: the reader saves it under that name
 * - `<!-- needs: curl, jq -->`: it is left out where one of these programs is missing
 * - `<!-- needs: the network -->`: it fetches something, which a later block may need:
 *   `<!-- needs: what was fetched -->`
 * - `<!-- takes long: why -->`: it is left out of the short form in CI
 * - `<!-- not run: why -->`: it is left out; before the first heading, with
 *   `<!-- no block is run: why -->`, all of the page are
 * - `<!-- Ctrl-C -->`: here the reader has been told to stop what runs
 *
 * Within a block, the line `# on 10.0.0.2` says where the rest of it belongs.
 *
 * @param markdown The text of the page.
 * @param means What there is on this machine.
 */
export function readPage(markdown: string, means: Means): Page {
  const steps: Step[] = [];
  const skipped: Skipped[] = [];
  let blocks = 0;
  const forAll = /<!-- no block is run: ([^]*?) -->/.exec(markdown)?.[1];
  const hosts = hostsOf(markdown);
  for (const { line, language, lines, marks } of blocksOf(markdown)) {
    if (marks.includes("Ctrl-C")) steps.push({ type: "interrupt" });
    const name = markOf(marks, "save");
    if (name !== undefined) {
      steps.push({ type: "file", name, text: `${lines.join("\n")}\n` });
    }
    if (language !== "sh") continue;
    const reason = forAll ?? whyNot(marks, means);
    if (reason === undefined) {
      blocks++;
      const fetches = markOf(marks, "needs") === "the network";
      steps.push(...commandsOf(lines, { line, hosts, fetches }));
    } else skipped.push({ line, reason });
  }
  return { steps, blocks, skipped, hosts };
}

function whyNot(marks: readonly string[], means: Means): string | undefined {
  const reason = markOf(marks, "not run");
  if (reason !== undefined) return reason;
  const long = markOf(marks, "takes long");
  if (long !== undefined && !means.time) return long;
  const needs = markOf(marks, "needs");
  if (needs === undefined) return undefined;
  if (needs === "the network" || needs === "what was fetched") {
    return means.network ? undefined : "fetches something";
  }
  const missing = needs.split(", ").filter((program) => !means.has(program));
  return missing.length === 0 ? undefined : `${missing.join(", ")} is missing`;
}

function markOf(marks: readonly string[], key: string): string | undefined {
  const mark = marks.find((each) => each.startsWith(`${key}: `));
  return mark?.slice(key.length + 2);
}

function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const pieces = markdown.matchAll(
    /^ *<!-- (?<mark>[^]*?) -->$|^(?<indent> *)```(?<language>\w*).*\n(?<body>[^]*?)^ *```$|^(?<text>.*\S.*)$/gm,
  );
  let marks: string[] = [];
  for (const { index, groups = {} } of pieces) {
    const { mark, indent = "", language, body } = groups;
    if (mark !== undefined) marks.push(mark.replaceAll(/\s+/g, " "));
    else {
      if (language !== undefined && body !== undefined) {
        const line = markdown.slice(0, index).split("\n").length;
        const lines = body.trimEnd().split("\n")
          .map((each) => each.slice(indent.length));
        blocks.push({ line, language, lines, marks });
      } else if (marks.includes("Ctrl-C")) {
        blocks.push({ line: 0, language: "", lines: [], marks: ["Ctrl-C"] });
      }
      marks = [];
    }
  }
  return blocks;
}

function hostsOf(markdown: string): string[] {
  const named = blocksOf(markdown).filter(({ language }) => language === "sh")
    .flatMap(({ lines }) => lines.flatMap(placesOf));
  return [...new Set(named)].sort();
}

/** The machines that a comment within a block names. */
function placesOf(line: string): string[] {
  if (!/^# (?:on|在) /.test(line)) return [];
  return [...line.matchAll(/\d+\.\d+\.\d+\.\d+/g)].map(([address]) => address);
}

function commandsOf(
  lines: readonly string[],
  { line, hosts: all, fetches }: {
    readonly line: number;
    readonly hosts: readonly string[];
    readonly fetches: boolean;
  },
): Command[] {
  const commands: Command[] = [];
  let hosts: readonly string[] = all.slice(0, 1);
  let held: string[] = [];
  for (const [index, text] of lines.entries()) {
    if (held.length === 0) {
      if (text.trim() === "") continue;
      if (text.startsWith("#")) {
        if (EVERYWHERE.test(text)) hosts = all;
        const places = placesOf(text);
        if (places.length > 0) hosts = places;
        continue;
      }
    }
    held.push(text);
    // What is never whole is run as well, for the shell to complain of.
    if (!isWhole(held) && index < lines.length - 1) continue;
    const begin = line + index + 2 - held.length;
    const type = "command";
    commands.push({ type, line: begin, text: held.join("\n"), hosts, fetches });
    held = [];
  }
  return commands;
}

/** Whether a shell would run these lines, and not wait for more. */
function isWhole(lines: readonly string[]): boolean {
  if (lines.at(-1)?.endsWith("\\")) return false;
  const text = lines.join("\n");
  const until = /<<-?\s*['"]?(\w+)/.exec(text)?.[1];
  if (until !== undefined) return lines.at(-1)?.trim() === until;
  const code = text.replaceAll(/\\./g, "").replaceAll(/(?:^|\s)#.*$/gm, "");
  const quotes = code.match(/'/g)?.length ?? 0;
  return quotes % 2 === 0 || code.includes('"');
}
