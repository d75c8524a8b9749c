import { isMissing } from "./is_missing.ts";
import { toModuleUrl } from "./module_url.ts";

/**
 * Returns the URL of a handler module.
 *
 * @param name As a person names it: a path from the working directory, or a URL.
 * @throws {TypeError} If it is a path and there is no such file.
 */
export function toHandlerUrl(name: string): string {
  const url = toModuleUrl(name);
  if (url !== name && isMissing(name)) {
    throw new TypeError(
      `Cannot load handler "${name}" as there is no such file in ${Deno.cwd()}`,
    );
  }
  return url;
}
