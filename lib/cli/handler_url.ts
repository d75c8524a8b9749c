import { pathToFileURL } from "node:url";

/**
 * Returns the URL of a handler module as a person names it: a path from the
 * working directory, or a URL already.
 */
export function toHandlerUrl(name: string): string {
  return /^(?:file|https?|jsr|npm|data):/.test(name)
    ? name
    : pathToFileURL(name).href;
}
