/**
 * `llms.txt`: every document with its title and what it is about, for programs that read
 * them as plain Markdown.
 *
 *     deno task llms                     writes it anew
 *
 * @module
 */
const CHECKOUT = new URL("../../", import.meta.url);

/** Where it stands. */
export const LLMS: URL = new URL("llms.txt", CHECKOUT);

/** What is at the top of the checkout, in the order in which one reads it. */
const TOP = [
  "README.md",
  "CHANGELOG.md",
  "SECURITY.md",
  "PROTOCOL.md",
  "ARCHITECTURE.md",
];

/** What only who has this checkout reads. */
const NOT_LISTED = new Set(["CONTRIBUTING.md"]);

/** Most characters of what a document is said to be about. */
const MAX_ABOUT = 240;

/** HTML that a page may have beside Markdown: pictures, each with words in their place. */
const TAG = /<\/?([a-z][\w-]*)(?=[\s/>])[^>]*>/gi;
const PICTURES = new Set(["picture", "source", "img", "p", "br"]);

/** A document, as it is listed. */
export interface Page {
  /** Path from the top of the checkout. */
  readonly path: string;
  /** Its first heading. */
  readonly title: string;
  /** Its first sentences. */
  readonly about: string;
}

/** Reads what there is to list. */
export async function readPages(): Promise<Page[]> {
  const paths = [...TOP, ...await pathsIn(""), ...await pathsIn("docs/")];
  const listed = new Set(paths.filter((path) => !NOT_LISTED.has(path)));
  return await Promise.all(
    [...listed].map(async (path) =>
      pageOf(path, await Deno.readTextFile(new URL(path, CHECKOUT)))
    ),
  );
}

/** Takes its title and first sentences out of a document. */
export function pageOf(path: string, markdown: string): Page {
  const blocks = prose(markdown).split(/\n{2,}/).map((block) => block.trim());
  const title = blocks.find((block) => block.startsWith("# ")) ?? path;
  const first = blocks.find(isProse) ?? "";
  return {
    path,
    title: title.replace(/^# +/, ""),
    about: sentencesOf(plain(first)),
  };
}

/** Whether a block is text: no heading, table, list or picture, nor a link alone. */
function isProse(block: string): boolean {
  return /^[\p{L}*_`[]/u.test(block) && !/^\[[^\]]*\]\([^)]*\)$/.test(block);
}

/** Writes the list. */
export function llmsText(pages: readonly Page[]): string {
  const lines = (wanted: (path: string) => boolean) =>
    pages.filter(({ path }) => wanted(path)).map(({ path, title, about }) =>
      `- [${title}](${path})${about === "" ? "" : `: ${about}`}`
    );
  const isTranslated = (path: string) => /\.[a-z]{2}-[A-Z]{2}\.md$/.test(path);
  const isDoc = (path: string) => path.startsWith("docs/");
  const about = pages.find(({ path }) => path === "README.md")?.about ?? "";
  return [
    "# gatewayworker",
    `> ${about}`,
    "Every page below is plain Markdown, and so are the files that they name.",
    "## First",
    lines((path) => !isDoc(path) && !isTranslated(path)).join("\n"),
    "## Pages",
    lines((path) => isDoc(path) && !isTranslated(path)).join("\n"),
    "## Optional",
    lines(isTranslated).join("\n"),
  ].join("\n\n") + "\n";
}

/** Names the tags of a page that are no Markdown, and pictures without words. */
export function wrongTags(markdown: string): string[] {
  const found = [...prose(markdown).replaceAll(/`[^`]*`/g, "").matchAll(TAG)];
  return found.filter(([tag, name = ""]) =>
    !PICTURES.has(name.toLowerCase()) ||
    name.toLowerCase() === "img" && !/\balt="[^"]+"/.test(tag)
  ).map(([tag]) => tag);
}

/** A document without its blocks of code and comments. */
function prose(markdown: string): string {
  return markdown.replaceAll(/^ *```.*?^ *```/gms, "")
    .replaceAll(/<!--.*?-->/gs, "");
}

/** Words without what Markdown says of them. */
function plain(markdown: string): string {
  return markdown.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .replaceAll(/\*\*|(?<!\w)_|_(?!\w)/g, "").replaceAll(/\s+/g, " ").trim();
}

/** As many sentences as there is room for, the first one at least. */
function sentencesOf(text: string): string {
  const sentences = text.split(/(?<=\.) (?=\p{Lu}|`)|(?<=。)/u);
  let about = "";
  for (const sentence of sentences) {
    if (about !== "" && about.length + sentence.length >= MAX_ABOUT) break;
    about += about === "" || about.endsWith("。") ? sentence : ` ${sentence}`;
  }
  return about.replace(/[:：]$/, "");
}

async function pathsIn(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (
    const { name } of Deno.readDir(new URL(folder || "./", CHECKOUT))
  ) {
    if (name.endsWith(".md")) found.push(folder + name);
  }
  return found.sort();
}

if (import.meta.main) {
  await Deno.writeTextFile(LLMS, llmsText(await readPages()));
}
