import { pathToFileURL } from "node:url";

/**
 * Returns the URL of a module.
 *
 * @param name As a person names it: a path from the working directory, or a URL.
 */
export function toModuleUrl(name: string): string {
  return /^(?:file|https?|jsr|npm|data):/.test(name)
    ? name
    : pathToFileURL(name).href;
}
