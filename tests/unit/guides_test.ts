/**
 * What the guides say is there: tests that they name, lines that they quote, blocks in
 * both languages; and how their shell blocks are read.
 *
 * @module
 */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { type Means, readPage } from "../guides/page.ts";
import { userPages } from "../guides/tour.ts";

const ROOT = new URL("../../", import.meta.url);

const ALL: Means = { has: () => true, network: true, time: true };

async function read(path: string): Promise<string> {
  return await Deno.readTextFile(new URL(path, ROOT));
}

/** Joins strings that go over several lines, and leaves out what is filled in. */
function plainCode(source: string): string {
  return source.replaceAll(/["`]\s*\+\s*["`]/g, "")
    .replaceAll(/\$\{[^{}]*\}/g, "{}")
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "{}")
    .replaceAll(/(?<=\w|[ ("])\{\w+\}|^\{\w+\}/gm, "{}")
    .replaceAll('\\"', '"');
}

/** The text of all code below a folder. */
async function codeBelow(folder: string): Promise<string> {
  const texts: string[] = [];
  for await (
    const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))
  ) {
    const path = `${folder}${name}`;
    if (isDirectory) texts.push(await codeBelow(`${path}/`));
    else if (name.endsWith(".ts")) texts.push(await read(path));
  }
  return texts.join("\n");
}

Deno.test("docs/troubleshooting.md quotes no line that the program does not have", async () => {
  const page = await read("docs/troubleshooting.md");
  const code = (await codeBelow("lib/")).replaceAll(/\s+/g, " ");
  const known = plainCode(code).replaceAll(/\{\w*\}/g, "{}");
  const lines = [...page.matchAll(/^\| `(.*?)` +\|/gm)]
    .map(([, line = ""]) => line);
  const missing = lines.filter((line) =>
    !known.includes(line.replaceAll(/\{\w+\}/g, "{}"))
  );

  assertEquals(missing, []);
  assertGreater(lines.length, 30);
});

Deno.test("docs/what-happens-when.md names a test that there is in each of its rows", async () => {
  const page = await read("docs/what-happens-when.md");
  const rows = page.split("\n").filter((line) =>
    /^\| (?!What happens|-)/.test(line)
  );
  const wrong: string[] = [];
  for (const row of rows) {
    const shown = [...row.matchAll(/\["`?(.*?)`?"\]\(\.\.\/(tests\/\S+?)\)/g)];
    if (shown.length === 0 && !/`deno task \w+/.test(row)) wrong.push(row);
    for (const [, name = "", path = ""] of shown) {
      const source = (await read(path)).replaceAll(/["`]\s*\+\s*["`]/g, "");
      if (!source.includes(name)) wrong.push(`${path}: ${name}`);
    }
  }

  assertEquals(wrong, []);
  assertGreater(rows.length, 25);
});

Deno.test("pages in two languages ask for the same, in the same order", async () => {
  const pages = (await userPages()).filter((path) => path.includes(".zh-CN."));
  for (const path of pages) {
    const chinese = readPage(await read(path), ALL);
    const english = readPage(await read(path.replace(".zh-CN", "")), ALL);
    const withoutLines = ({ steps }: typeof chinese) =>
      steps.map((step) =>
        step.type === "command"
          ? { ...step, line: 0, text: code(step.text) }
          : step
      );
    assertEquals(withoutLines(chinese), withoutLines(english), path);
    assertEquals(chinese.skipped.length, english.skipped.length, path);
  }
  assertGreater(pages.length, 3);
});

/** A command without the comment behind it. */
function code(command: string): string {
  return command.replace(/\s+#.*$/, "");
}

Deno.test("what is strong in Chinese pages is shown so: no mark closes between 。 and a letter", async () => {
  const pages = (await userPages()).filter((path) => path.includes(".zh-CN."));
  const wrong: string[] = [];
  for (const path of pages) {
    for (const line of (await read(path)).split("\n")) {
      const pieces = line.split("**");
      // Markdown takes a mark behind 。 and before a letter for one that opens.
      const isWrong = pieces.some((piece, index) =>
        index % 2 === 1 && /\p{P}$/u.test(piece) &&
        /^[\p{L}\p{N}]/u.test(pieces[index + 1] ?? "")
      );
      if (isWrong) wrong.push(`${path}: ${line}`);
    }
  }

  assertEquals(wrong, []);
});

Deno.test("every page of docs/ is in its index, or the Chinese form of one that is", async () => {
  const index = await read("docs/README.md");
  const pages = (await userPages()).filter((path) => path.startsWith("docs/"))
    .map((path) => path.slice("docs/".length));
  const missing = pages.filter((page) =>
    page !== "README.md" && !index.includes(`](${page})`)
  );

  assertEquals(missing, []);
});

Deno.test("README has both pictures of its language, and they are there", async () => {
  for (
    const [page, pattern] of [
      ["README.md", /docs\/pictures\/overview-(?:dark|light)\.svg/g],
      [
        "README.zh-CN.md",
        /docs\/pictures\/overview\.zh-CN-(?:dark|light)\.svg/g,
      ],
    ] as const
  ) {
    const pictures = [...(await read(page)).matchAll(pattern)];
    assertEquals(pictures.length, 2, page);
    for (const [path] of pictures) {
      assert((await read(path)).includes("<title"), path);
    }
  }
});

Deno.test("readPage() reads commands as a shell does, and where they belong", () => {
  const page = readPage(
    [
      "```sh",
      "# a comment",
      "one \\",
      "  two # more",
      "# on 10.0.0.2 and on 10.0.0.3",
      "three 'a",
      "b'",
      "",
      "# on 10.0.0.1",
      "four # it's fine",
      "five",
      "```",
    ].join("\n"),
    ALL,
  );

  const at = (line: number, text: string, ...hosts: string[]) => ({
    type: "command" as const,
    line,
    text,
    hosts,
    fetches: false,
  });
  assertEquals(page.steps, [
    at(3, "one \\\n  two # more", "10.0.0.1"),
    at(6, "three 'a\nb'", "10.0.0.2", "10.0.0.3"),
    at(10, "four # it's fine", "10.0.0.1"),
    at(11, "five", "10.0.0.1"),
  ]);
  assertEquals(page.hosts, ["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
});

Deno.test("readPage() obeys the comments before a block, and counts what is left out", () => {
  const block = (...before: string[]) =>
    [...before, "", "```sh", "run", "```", ""].join("\n");
  const means: Means = {
    has: (program) => program === "curl",
    network: false,
    time: false,
  };
  const reasons = (markdown: string) =>
    readPage(markdown, means).skipped.map(({ reason }) => reason);

  assertEquals(reasons(block("<!-- needs: curl -->")), []);
  assertEquals(reasons(block("<!-- needs: curl, helm -->")), [
    "helm is missing",
  ]);
  assertEquals(reasons(block("<!-- needs: the network -->")), [
    "fetches something",
  ]);
  assertEquals(reasons(block("<!-- not run: it is slow -->")), ["it is slow"]);
  assertEquals(reasons(block("<!-- takes long: b -->")), ["b"]);
  assertEquals(reasons(block("<!-- not run: it is slow -->", "Text.")), []);
  assertEquals(reasons(`<!-- no block is run: a -->\n${block()}${block()}`), [
    "a",
    "a",
  ]);
});

Deno.test("readPage() keeps what the reader is to save, and where to press Ctrl-C", () => {
  const page = readPage(
    "<!-- save: a.ts -->\n\n```ts ignore\none\n```\n\n<!-- Ctrl-C -->\n\nText.\n",
    ALL,
  );

  assertEquals(page.steps, [
    { type: "file", name: "a.ts", text: "one\n" },
    { type: "interrupt" },
  ]);
  assertEquals(page.blocks, 0);
});
