import { fileURLToPath } from "node:url";
import { refuseCopies } from "../../base/copies.ts";
import { inTime } from "../../base/in_time.ts";
import { messageOf } from "../../base/errors.ts";
import type { Authorize } from "../../gateway/mod.ts";
import { toModuleUrl } from "./module_url.ts";
import type { Settings } from "./option_table.ts";

/** Files that a gateway must be able to read to load it. */
export function authorizeFiles(name: string): string[] {
  const url = name === "" ? "" : toModuleUrl(name);
  return url.startsWith("file:") ? [fileURLToPath(url)] : [];
}

/** What is told of it. */
type AuthorizeSettings = Pick<Settings, "authorize" | "startTimeout">;

/**
 * Loads the function that decides who may come in.
 *
 * @param settings Path or URL of a module, empty for none; and how long it may take.
 * @param signal Ends the wait when aborted.
 * @returns It, as an option of a gateway.
 * @throws {TypeError} If it does not load, its default export is no function, or it
 * brings another copy of this package.
 * @throws {Deno.errors.TimedOut} If that takes too long.
 */
export async function loadAuthorize(
  { authorize: name, startTimeout }: AuthorizeSettings,
  signal?: AbortSignal,
): Promise<{ authorize?: Authorize }> {
  if (name === "") return {};
  const message =
    `Cannot load authorize module "${name}" within ${startTimeout} s`;
  const timeout = 1000 * startTimeout;
  return await inTime(load(name), { timeout, signal, message });
}

async function load(name: string): Promise<{ authorize?: Authorize }> {
  let module: { default?: unknown };
  try {
    module = await import(toModuleUrl(name));
  } catch (cause) {
    throw new TypeError(
      `Cannot load authorize module "${name}": ${messageOf(cause)}`,
      { cause },
    );
  }
  refuseCopies(`authorize module "${name}"`);
  if (typeof module.default === "function") {
    return { authorize: module.default as Authorize };
  }
  throw new TypeError(
    `Cannot load authorize module "${name}" as its default export must be a function: found ${typeof module
      .default}`,
  );
}
