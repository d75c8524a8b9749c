/**
 * What belongs into the package: all that its modules, its documents and its users
 * need, and nothing that only this checkout needs.
 *
 * @module
 */
const CHECKOUT = new URL("../../", import.meta.url);

/** What a package may hold. */
const BELONGS: readonly RegExp[] = [
  /^(deno\.json|mod\.ts|cli\.ts|LICENSE|llms\.txt|config-schema\.json)$/,
  /^(README|README\.[\w-]+|CHANGELOG|PROTOCOL|ARCHITECTURE|SECURITY)\.md$/,
  /^docs\/[\w.-]+\.md$/,
  /^lib\/([\w-]+\/)*[\w.-]+\.(ts|js|css|html|svg|md|txt)$/,
];

/** What it must not hold, wherever it stands. */
const FOREIGN =
  /(^|\/)(tests?|bench|examples|findings|node_modules)\/|_(test|bench)\.\w+$/;

/** What it must hold, whatever else is in it. */
const NEEDED: readonly string[] = [
  "ARCHITECTURE.md",
  "CHANGELOG.md",
  "LICENSE",
  "PROTOCOL.md",
  "README.md",
  "SECURITY.md",
  "config-schema.json",
  "deno.json",
  "lib/client/bundle/client.js",
  "lib/client/bundle/core.js",
  "llms.txt",
];

/** Most bytes of all files together: the registry takes 20 MB. */
const MAX_SIZE = 5_000_000;

/**
 * Says what is wrong with the files of a package, a line each; nothing if nothing is.
 *
 * @param files Paths from the top of the checkout.
 */
export async function wrongContents(
  files: readonly string[],
): Promise<string[]> {
  const there = new Set(files);
  const wrong = files
    .filter((file) => FOREIGN.test(file) || !BELONGS.some((b) => b.test(file)))
    .map((file) => `${file} does not belong into it`);
  for (const file of [...NEEDED, ...await documents()]) {
    if (!there.has(file)) wrong.push(`${file} is missing`);
  }
  let size = 0;
  for (const file of files) {
    const text = await Deno.readTextFile(new URL(file, CHECKOUT));
    size += text.length;
    for (const other of neededBy(file, text)) {
      if (!there.has(other)) wrong.push(`${file} needs ${other}`);
    }
  }
  if (size > MAX_SIZE) wrong.push(`${size} bytes are more than ${MAX_SIZE}`);
  return wrong;
}

/** The files of the package that a module names, imported or not; not in comments. */
export function neededBy(file: string, text: string): string[] {
  if (!file.endsWith(".ts")) return [];
  const code = text.replaceAll(/^\s*(\*|\/\/).*$/gm, "");
  const names = code.matchAll(
    /(?: from |^import |import\(|\.resolve\()\s*"(\.{1,2}\/[^"]+)"|new URL\("(\.{1,2}\/[^"]*\.\w+)", import\.meta\.url\)/gm,
  );
  const base = new URL(file, CHECKOUT);
  return [...names].map(([, name, url]) => new URL(name ?? url ?? "", base))
    .map(({ href }) => href.slice(CHECKOUT.href.length));
}

async function documents(): Promise<string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir(new URL("docs/", CHECKOUT))) {
    if (name.endsWith(".md")) found.push(`docs/${name}`);
  }
  return found;
}
