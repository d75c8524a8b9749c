/** The checkout, as an address. */
const CHECKOUT = new URL("../../", import.meta.url);

/** What `deno publish` says that it would do. */
export interface DryRun {
  /** Whether it would publish. */
  readonly success: boolean;
  /** Paths from the top of the checkout, in order. */
  readonly files: readonly string[];
  /** What it warns of, each with the file. */
  readonly warnings: readonly string[];
  /** All that it said. */
  readonly said: string;
}

/**
 * Asks `deno publish` what it would publish of this checkout, as it stands.
 *
 * @param args More flags of `deno publish`.
 */
export async function dryRun(...args: string[]): Promise<DryRun> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["publish", "--dry-run", "--allow-dirty", ...args],
    cwd: CHECKOUT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  return { success, files: filesIn(said), warnings: warningsIn(said), said };
}

/** Lists the paths of the files that would be published. */
export async function publishedFiles(): Promise<readonly string[]> {
  const { success, files, said } = await dryRun("--no-check");
  if (!success || files.length === 0) throw new TypeError(said);
  return files;
}

/** Each is a line with its kind, and one below it with the place. */
function warningsIn(said: string): string[] {
  const found = said.matchAll(/^warning\[([\w-]+)\].*\n *--> ([^:\n]+)/gm);
  return [...found].map(([, kind, path = ""]) =>
    `${kind} in ${path.slice(CHECKOUT.pathname.length)}`
  ).sort();
}

/** The lines that name a file: its address, and its size in brackets. */
function filesIn(said: string): string[] {
  return [...said.matchAll(/^ *(file:\S+) \(/gm)]
    .map(([, address = ""]) => address.slice(CHECKOUT.href.length))
    .map(decodeURIComponent).sort();
}

/**
 * Lays the files that would be published into a folder, as a package that belongs to no
 * workspace.
 */
export async function layOutPackage(folder: string): Promise<void> {
  for (const file of await publishedFiles()) {
    const path = `${folder}/${file}`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.copyFile(new URL(file, CHECKOUT), path);
  }
  const config = `${folder}/deno.json`;
  const { workspace: _, ...own } = JSON.parse(await Deno.readTextFile(config));
  await Deno.writeTextFile(config, JSON.stringify(own));
}
