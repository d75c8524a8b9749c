import { messageOf } from "./errors.ts";

/**
 * Reads a file that an option names.
 *
 * @param what What is in it, for people: `certificate`.
 * @param path Where it is.
 * @returns Its text.
 * @throws {TypeError} If it cannot be read.
 */
export async function readText(what: string, path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new TypeError(
      `Cannot read ${what} file "${path}": ${messageOf(error)}`,
      { cause: error },
    );
  }
}
