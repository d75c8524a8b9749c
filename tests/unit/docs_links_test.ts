/**
 * The documents lead somewhere: files that they link to exist, and so do headings.
 *
 * @module
 */

import { assertEquals, assertGreater } from "@std/assert";
import {
  LLMS,
  llmsText,
  pageOf,
  readPages,
  wrongTags,
} from "../package/llms.ts";

const ROOT = new URL("../../", import.meta.url);

/** The folders whose documents are read. */
const FOLDERS = ["", "docs/"];

/** Paths of all documents, from the top of the checkout. */
async function documents(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FOLDERS) {
    for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
      if (entry.name.endsWith(".md")) found.push(folder + entry.name);
    }
  }
  return found.sort();
}

/** Drops blocks and spans of code, which lead nowhere. */
function withoutCode(markdown: string): string {
  return markdown.replaceAll(/^```.*?^```/gms, "").replaceAll(/`[^`]*`/g, "");
}

/** Where the links of a document lead, those to other sites left out. */
function relativeLinks(markdown: string): string[] {
  const targets = withoutCode(markdown).matchAll(
    /\]\(\s*<?([^)\s>]+)|^\[[^\]]+\]:\s*<?([^\s>]+)/gm,
  );
  return [...targets].map(([, inline, listed]) => inline ?? listed ?? "")
    .filter((target) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** The names by which a document's headings can be linked to. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.replaceAll(/^```.*?^```/gms, "")
    .matchAll(/^#{1,6} +(.*)$/gm);
  return [...headings].map(([, text = ""]) =>
    text.trim().toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-")
  );
}

/** Says what is wrong with a link; nothing if it leads somewhere. */
async function faultOf(
  target: string,
  document: string,
): Promise<string | undefined> {
  const url = new URL(target, new URL(document, ROOT));
  const anchor = decodeURIComponent(url.hash.slice(1));
  url.hash = "";
  if (!url.href.startsWith(ROOT.href)) return "leads out of the checkout";
  try {
    if ((await Deno.stat(url)).isDirectory || anchor === "") return undefined;
  } catch {
    // Whatever keeps us from it keeps a reader from it as well.
    return "is not there";
  }
  if (!url.pathname.endsWith(".md")) return undefined;
  const anchors = anchorsOf(await Deno.readTextFile(url));
  return anchors.includes(anchor) ? undefined : "has no such heading";
}

/** Paths of all files below a folder of the checkout. */
async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + entry.name;
    if (entry.isDirectory) found.push(...await filesBelow(`${path}/`));
    else found.push(path);
  }
  return found;
}

/** The code files that a document names, by a path or the end of one. */
function namedFiles(markdown: string): string[] {
  return [...markdown.matchAll(/`([\w/]+\.ts)`/g)].map(([, name = ""]) => name);
}

Deno.test("ARCHITECTURE.md names no file that is not there", async () => {
  const text = await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT));
  const files = [...await filesBelow("lib/"), ...await filesBelow("tests/")]
    .map((path) => `/${path}`);
  const names = namedFiles(text);
  const isThere = (name: string) =>
    files.some((path) => path.endsWith(`/${name}`));

  assertGreater(names.length, 50);
  assertEquals(names.filter((name) => !isThere(name)), []);
});

Deno.test("every relative link of the documents leads to a file that exists", async () => {
  const wrong: string[] = [];
  let links = 0;
  for (const document of await documents()) {
    const text = await Deno.readTextFile(new URL(document, ROOT));
    for (const target of relativeLinks(text)) {
      links++;
      const fault = await faultOf(target, document);
      if (fault !== undefined) wrong.push(`${document}: ${target} ${fault}`);
    }
  }

  assertEquals(wrong, []);
  assertGreater(links, 10);
});

Deno.test("llms.txt lists every document as it is (made by deno task llms)", async () => {
  const listed = await Deno.readTextFile(LLMS);

  assertEquals(listed, llmsText(await readPages()));
});

Deno.test("every document is plain Markdown, but for pictures that words stand for", async () => {
  for (const document of await documents()) {
    const text = await Deno.readTextFile(new URL(document, ROOT));
    assertEquals(wrongTags(text), [], document);
  }
});

Deno.test("pageOf() takes the title and the first sentences, without links and code", () => {
  const markdown = [
    "# A page",
    "[中文](a.zh-CN.md)",
    "```sh\nrun\n```",
    "It says **much** of [Deno 2.9](https://deno.com). And more:",
    "- a list",
  ].join("\n\n");

  assertEquals(pageOf("docs/a.md", markdown), {
    path: "docs/a.md",
    title: "A page",
    about: "It says much of Deno 2.9. And more",
  });
});

Deno.test("wrongTags() finds HTML that hides text, and pictures without words", () => {
  const markdown = [
    '<picture><img src="a.svg" alt="a cluster"></picture>',
    "`<div>` and",
    "```html\n<table></table>\n```",
  ].join("\n");

  assertEquals(wrongTags(markdown), []);
  assertEquals(wrongTags('<details>\n<img src="a.svg">'), [
    "<details>",
    '<img src="a.svg">',
  ]);
});

Deno.test("relativeLinks() finds links in either form, and none in code", () => {
  const markdown = [
    "[a](a.md) and [b](<docs/b.md#part>), [c](https://example.com/c.md)",
    "[d]: ../d.md",
    "`[e](e.md)` <mailto:f@example.com> [g](#part)",
    "```md",
    "[h](h.md)",
    "```",
  ].join("\n");

  assertEquals(
    relativeLinks(markdown).sort(),
    ["#part", "../d.md", "a.md", "docs/b.md#part"],
  );
});

Deno.test("faultOf() finds files, folders and headings that are not there", async () => {
  assertEquals(await faultOf("PROTOCOL.md#8-register", "README.md"), undefined);
  assertEquals(await faultOf("../examples/", "docs/a.md"), undefined);
  assertEquals(await faultOf("no.md", "README.md"), "is not there");
  assertEquals(
    await faultOf("../no.md", "README.md"),
    "leads out of the checkout",
  );
  assertEquals(
    await faultOf("PROTOCOL.md#no-such", "README.md"),
    "has no such heading",
  );
});
