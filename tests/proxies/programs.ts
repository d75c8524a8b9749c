import { join } from "node:path";
import { messageOf } from "../../lib/base/errors.ts";

/** Where Debian puts programs. */
const FOLDERS = ["usr/sbin", "usr/bin"];

/** What Debian calls a machine in the paths of libraries. */
const MACHINES = { x86_64: "x86_64", aarch64: "aarch64" } as const;

/** A program that can be run. */
export interface Program {
  /** Its path. */
  readonly path: string;
  /** The root of the tree that it lies in: `/`, or where its package was unpacked. */
  readonly root: string;
  /** What it needs of the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds a program of a Debian package. Where it is not installed, the package and what it
 * needs are fetched and unpacked below `cache`: nothing is installed, and no service is
 * started.
 *
 * @param packageName Such as `nginx`.
 * @param name The program's, such as `nginx`.
 * @throws {Deno.errors.NotFound} If there is none, and why.
 */
export async function findProgram(
  packageName: string,
  name: string,
  cache: string,
): Promise<Program> {
  const installed = await lookFor(name, "/");
  if (installed !== undefined) return installed;
  const root = join(cache, packageName);
  const known = await lookFor(name, root);
  if (known !== undefined) return known;
  try {
    await unpack(packageName, root);
  } catch (error) {
    await Deno.remove(root, { recursive: true }).catch(() => {});
    throw new Deno.errors.NotFound(
      `Cannot get Debian's package ${packageName}: ${messageOf(error)}`,
    );
  }
  const unpacked = await lookFor(name, root);
  if (unpacked !== undefined) return unpacked;
  throw new Deno.errors.NotFound(`Cannot find ${name} in ${packageName}`);
}

async function lookFor(
  name: string,
  root: string,
): Promise<Program | undefined> {
  for (const folder of FOLDERS) {
    const path = join(root, folder, name);
    if (await exists(path)) return { path, root, env: environment(root) };
  }
  return undefined;
}

/** Libraries that were unpacked are looked for beside the program. */
function environment(root: string): Record<string, string> {
  if (root === "/") return {};
  const machine = `${MACHINES[Deno.build.arch]}-linux-gnu`;
  const folders = ["usr/lib", "lib"].map((lib) => join(root, lib, machine));
  return { LD_LIBRARY_PATH: folders.join(":") };
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function unpack(packageName: string, root: string): Promise<void> {
  const archives = join(root, "archives");
  await Deno.mkdir(join(archives, "partial"), { recursive: true });
  // Only what is not installed; without a lock, as nothing is going to be.
  await runToEnd("apt-get", [
    ...["install", "--yes", "--quiet", "--download-only"],
    ...["--no-install-recommends", "-o", "Debug::NoLocking=1"],
    ...["-o", `Dir::Cache::archives=${archives}`, packageName],
  ]);
  for await (const { name } of Deno.readDir(archives)) {
    if (!name.endsWith(".deb")) continue;
    await runToEnd("dpkg", ["--extract", join(archives, name), root]);
  }
  await Deno.remove(archives, { recursive: true });
}

/** Runs a command; resolves with all that it printed. */
export async function runToEnd(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const command = new Deno.Command(program, {
    args: [...args],
    env: { ...env },
  });
  const { success, stdout, stderr } = await command.output();
  const decoder = new TextDecoder();
  const said = decoder.decode(stdout) + decoder.decode(stderr);
  if (success) return said;
  const lines = said.trim().split("\n").slice(-3).join(" ");
  throw new Error(`${program} ${args[0]} ended with an error: ${lines}`);
}
