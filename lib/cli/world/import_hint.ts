import { messageOf } from "../../base/errors.ts";
import { findConfig, pathOf } from "./config_file.ts";

/** What Deno says of an import that no import map knows. */
const UNKNOWN = /^(Cannot load [^]*Import "([^"]+)" not a dependency[^\n]*)/;

/**
 * Returns an error that says what to do, if a module could not be loaded since nobody
 * knows what it imports; otherwise what was thrown.
 *
 * @param error What was thrown when it was loaded.
 * @param module Its URL.
 */
export function withImportHint(error: unknown, module: string): unknown {
  const [, found, name] = UNKNOWN.exec(messageOf(error)) ?? [];
  if (found === undefined || !module.startsWith("file:")) return error;
  const folder = new URL("./", module);
  const config = findConfig(folder);
  const where = config === undefined
    ? `a file "${pathOf(new URL("deno.json", folder))}"`
    : `"${pathOf(config.url)}"`;
  return new TypeError(`${found}; name "${name}" in "imports" of ${where}`, {
    cause: error,
  });
}
