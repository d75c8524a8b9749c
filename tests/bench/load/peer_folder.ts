import { tmpdir } from "node:os";
import { messageOf } from "../../../lib/base/errors.ts";

/** A server cannot run here; the bench goes on without it. */
export class UnavailableError extends Error {
  override readonly name = "UnavailableError";
}

/** Where everything of the peers is laid, outside the checkout. */
export const PEER_FOLDER = `${tmpdir()}/gatewayworker-bench-peers`;

/** Longest installation, in milliseconds. */
const INSTALL_TIME = 120_000;

/**
 * Lays the peers' programs beside the npm packages they need, outside the checkout.
 *
 * @param packages With versions, such as `ws@8`.
 * @returns The folder.
 * @throws {UnavailableError} If a package cannot be installed.
 */
export async function preparePeers(
  packages: readonly string[],
): Promise<string> {
  await Deno.mkdir(`${PEER_FOLDER}/node_modules`, { recursive: true });
  const missing = packages.filter((name) => versionOf(name) === undefined);
  if (missing.length > 0) await install(missing);
  for await (
    const { name } of Deno.readDir(new URL("peers/", import.meta.url))
  ) {
    if (name.endsWith(".mjs")) {
      await Deno.copyFile(
        new URL(`peers/${name}`, import.meta.url),
        `${PEER_FOLDER}/${name}`,
      );
    }
  }
  return PEER_FOLDER;
}

/** Returns the version of an installed package. */
export function versionOf(name: string): string | undefined {
  try {
    const folder = `${PEER_FOLDER}/node_modules/${bareName(name)}`;
    return JSON.parse(Deno.readTextFileSync(`${folder}/package.json`)).version;
  } catch {
    // Not there, or half there: it will be installed.
    return undefined;
  }
}

/**
 * Returns what a command prints, in one line.
 *
 * @throws {UnavailableError} If there is no such command or it fails.
 */
export async function outputOf(
  program: string,
  args: string[],
): Promise<string> {
  try {
    const signal = AbortSignal.timeout(INSTALL_TIME);
    const { success, stdout, stderr } = await new Deno.Command(program, {
      args,
      signal,
    }).output();
    const decoder = new TextDecoder();
    if (success) return decoder.decode(stdout).trim();
    throw new UnavailableError(
      decoder.decode(stderr).trim().split("\n").slice(-2).join(" "),
    );
  } catch (error) {
    throw new UnavailableError(`Cannot run "${program}": ${messageOf(error)}`, {
      cause: error,
    });
  }
}

async function install(packages: readonly string[]): Promise<void> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  // Packages found there stay: without a package.json, npm would remove them.
  await Deno.writeTextFile(
    `${PEER_FOLDER}/package.json`,
    await packageFile(packages),
  );
  await outputOf("npm", ["install", "--prefix", PEER_FOLDER, ...quiet]);
}

async function packageFile(packages: readonly string[]): Promise<string> {
  const known = await Deno.readTextFile(`${PEER_FOLDER}/package.json`).then(
    JSON.parse,
    () => ({}),
  );
  const added = packages.map((
    name,
  ) => [bareName(name), name.slice(bareName(name).length + 1) || "*"]);
  return JSON.stringify({
    dependencies: { ...known.dependencies, ...Object.fromEntries(added) },
  });
}

function bareName(name: string): string {
  const at = name.lastIndexOf("@");
  return at > 0 ? name.slice(0, at) : name;
}
