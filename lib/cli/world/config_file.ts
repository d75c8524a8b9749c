import { fileURLToPath } from "node:url";
import { messageOf } from "../../base/errors.ts";
import { parseJsonc } from "./jsonc.ts";

/** A file of Deno's, as it was read. */
export interface ConfigFile {
  /** URL. */
  readonly url: URL;
  /** What it says. */
  readonly json: Readonly<Record<string, unknown>>;
}

const NAMES = ["deno.json", "deno.jsonc"];

/** Whether this process may read what is in a folder; nobody is asked. */
export function mayRead(folder: URL): boolean {
  const { state } = Deno.permissions.querySync({ name: "read", path: folder });
  return state === "granted";
}

/**
 * Reads the first configuration in a folder or those around it that fits, as far as
 * this process may look.
 *
 * @param folder URL of the folder, with a slash at its end.
 * @param fits Whether it is the one.
 * @throws {TypeError} If one on the way cannot be read, or is broken.
 */
export function findConfig(
  folder: URL,
  fits: (file: ConfigFile) => boolean = () => true,
): ConfigFile | undefined {
  for (let at = folder; mayRead(at); at = new URL("../", at)) {
    for (const name of NAMES) {
      const file = readConfig(new URL(name, at));
      if (file !== undefined && fits(file)) return file;
    }
    if (new URL("../", at).href === at.href) break;
  }
  return undefined;
}

/**
 * Reads a JSON file in which Deno allows comments.
 *
 * @param url Where it is.
 * @returns `undefined` if there is none.
 * @throws {TypeError} If it cannot be read, or is no JSON object.
 */
export function readConfig(url: URL): ConfigFile | undefined {
  try {
    const json = parseJsonc(Deno.readTextFileSync(url));
    if (isRecord(json)) return { url, json };
    throw new TypeError("it is no JSON object");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new TypeError(
      `Cannot read "${pathOf(url)}", by which the modules beside it are run: ${
        messageOf(error)
      }`,
      { cause: error },
    );
  }
}

/** How people write where a file is. */
export function pathOf(url: URL): string {
  return fileURLToPath(url);
}

function isRecord(json: unknown): json is Record<string, unknown> {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
