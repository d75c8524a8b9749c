import { tmpdir } from "node:os";
import { outputOf } from "./peer_folder.ts";

const FOLDER = `${tmpdir()}/gatewayworker-checkouts`;

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
  if (!await exists(folder)) await layOut(commit, folder);
  return folder;
}

/** Whole at once, as somebody else may do the same at the same time. */
async function layOut(commit: string, folder: string): Promise<void> {
  await Deno.mkdir(FOLDER, { recursive: true });
  const half = await Deno.makeTempDir({ dir: FOLDER });
  try {
    await git("archive", `--output=${half}/files.tar`, commit);
    await Deno.mkdir(`${half}/files`);
    await outputOf("tar", ["-xf", `${half}/files.tar`, "-C", `${half}/files`]);
    await Deno.rename(`${half}/files`, folder);
  } catch (error) {
    // The other one was first.
    if (!await exists(folder)) throw error;
  } finally {
    await Deno.remove(half, { recursive: true });
  }
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
