import { mayRead } from "./config_file.ts";
import type { ImportMap } from "./import_map.ts";
import { findWorld } from "./world.ts";

/**
 * Makes sure that this process, which nobody started for a module, was started in its
 * world: Deno reads a configuration when a process begins, and never again.
 *
 * @param module URL of the module that it is to load.
 * @throws {TypeError} If something that the module can import is not what it would be.
 */
export function refuseForeignWorld(module: string): void {
  // Who may not look at it says with which configuration it starts.
  if (module.startsWith("file:") && !mayRead(new URL("./", module))) return;
  const world = findWorld(module);
  if (world === undefined || isOurs(world.importMap)) return;
  throw new TypeError(
    `Cannot run "${module}" in this process as that was started without "${world.config}": run it without --alone, or, if @gatewayworker/core/cli is found from there, with deno run --config "${world.config}" @gatewayworker/core/cli worker …`,
  );
}

/** Whether we see what the user's modules are to see; scopes are for them alone. */
function isOurs({ imports }: ImportMap): boolean {
  return Object.entries(imports)
    // What is behind a package's slash goes with the package.
    .filter(([, address]) => !/^(jsr|npm):.*\/$/.test(address))
    .every(([name, address]) => {
      const found = resolve(name);
      return found !== undefined && found === resolve(address);
    });
}

function resolve(specifier: string): string | undefined {
  try {
    return import.meta.resolve(specifier);
  } catch {
    // Nothing that this process knows: that is the answer.
    return undefined;
  }
}
