import { fileURLToPath } from "node:url";
import { CORE_ROOT } from "../world/core.ts";

/** What `deno info --json` says, as far as it matters here. */
interface Info {
  readonly modules?: readonly { readonly specifier?: string }[];
}

/**
 * Finds the files that a module is made of: itself, and what it imports from this
 * machine, however far down. This package's own are left out.
 *
 * @param module Its URL.
 * @param flags How Deno is told of its world: `--config=…`; that file counts, too.
 * @returns Their paths; the module's own alone if Deno cannot read it.
 */
export async function localFiles(
  module: string,
  flags: readonly string[] = [],
): Promise<string[]> {
  const config = flags.flatMap((flag) =>
    /^--config=(.*)/.exec(flag)?.[1] ?? []
  );
  const info = await infoOf(module, flags);
  const imported = (info.modules ?? [])
    .map(({ specifier = "" }) => specifier)
    .filter((url) => url.startsWith("file:") && !isOurs(url))
    .map((url) => fileURLToPath(url));
  return [...new Set([fileURLToPath(module), ...imported, ...config])];
}

async function infoOf(module: string, flags: readonly string[]): Promise<Info> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", ...flags, module],
    stderr: "null",
  }).output();
  try {
    return JSON.parse(new TextDecoder().decode(stdout));
  } catch {
    // What cannot be parsed is said by the worker that tries to load it.
    return {};
  }
}

function isOurs(url: string): boolean {
  return ["lib/", "mod.ts", "deno.json"]
    .some((part) => url.startsWith(`${CORE_ROOT}${part}`));
}
