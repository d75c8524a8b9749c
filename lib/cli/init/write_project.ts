import { messageOf } from "../../base/errors.ts";

/** The folder of a new project cannot be made, or is somebody's already. */
export class ProjectError extends Error {
  override readonly name = "ProjectError";
}

/**
 * Writes files into a folder that is new or empty.
 *
 * @param folder Its path.
 * @param files What goes into it, by name.
 * @throws {ProjectError} If there is something in it, or it is no folder but a link to
 * one; then nothing was written.
 */
export async function writeProject(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await refuseTaken(folder);
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text, { createNew: true });
    }
  } catch (error) {
    throw new ProjectError(
      `Cannot make a project in "${folder}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function refuseTaken(folder: string): Promise<void> {
  const found = await whatIsThere(folder);
  if (found === undefined) return;
  throw new ProjectError(
    `Cannot make a project in "${folder}" as that must be a new folder or an empty one: found ${found}`,
  );
}

async function whatIsThere(folder: string): Promise<string | undefined> {
  try {
    // A slash at the end would have the link followed.
    const { isSymlink, isDirectory } = await Deno.lstat(
      folder.replace(/(.)\/+$/, "$1"),
    );
    if (isSymlink) return "a link";
    if (!isDirectory) return "a file";
    for await (const { name } of Deno.readDir(folder)) return `"${name}" in it`;
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
