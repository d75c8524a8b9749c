import { tmpdir } from "node:os";
import { outputOf } from "./peer_folder.ts";

const FOLDER = `${tmpdir()}/gatewayworker-bench-checkouts`;

/**
 * Lays out the files of another revision beside this checkout, which stays as it is.
 *
 * @param revision Whatever git takes for a commit.
 * @returns The folder.
 * @throws {UnavailableError} If there is no such revision, or no git.
 */
export async function checkOut(revision: string): Promise<string> {
  const name = ["rev-parse", "--short=12", "--verify", `${revision}^{commit}`];
  const commit = await git(...name);
  const folder = `${FOLDER}/${commit}`;
  // The file that comes last: a folder that has it is whole.
  const mark = `${folder}/.complete`;
  if (await exists(mark)) return folder;
  await Deno.mkdir(folder, { recursive: true });
  const archive = `${folder}.tar`;
  await git("archive", `--output=${archive}`, commit);
  await outputOf("tar", ["-xf", archive, "-C", folder]);
  await Deno.remove(archive);
  await Deno.writeTextFile(mark, "");
  return folder;
}

async function git(...args: string[]): Promise<string> {
  const root = new URL("../../../", import.meta.url).pathname;
  return await outputOf("git", ["-C", root, ...args]);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
