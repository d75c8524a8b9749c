import { pathToFileURL } from "node:url";

/**
 * Returns the URL of a handler module.
 *
 * @param name As a person names it: a path from the working directory, or a URL.
 * @throws {TypeError} If it is a path and there is no such file.
 */
export function toHandlerUrl(name: string): string {
  if (/^(?:file|https?|jsr|npm|data):/.test(name)) return name;
  if (isMissing(name)) {
    throw new TypeError(
      `Cannot load handler "${name}" as there is no such file in ${Deno.cwd()}`,
    );
  }
  return pathToFileURL(name).href;
}

function isMissing(path: string): boolean {
  try {
    return !Deno.statSync(path).isFile;
  } catch (error) {
    // Whatever else is wrong with it, loading it will tell better.
    return error instanceof Deno.errors.NotFound;
  }
}
