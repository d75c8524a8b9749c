/**
 * What the modules of this package need of a world that is not their own.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import config from "../../../deno.json" with { type: "json" };
import { VERSION } from "../../base/version.ts";
import { type ImportMap, withPaths } from "./import_map.ts";

/** What others import it by. */
export const CORE_NAME: string = config.name;

/** Where this package lies: a folder, or a registry. */
export const CORE_ROOT: string = new URL("../../../", import.meta.url).href;

/** Whether it lies in a folder: only then its imports are for others to resolve. */
export const IS_CHECKOUT: boolean = CORE_ROOT.startsWith("file:");

/**
 * The packages that run with it; what else its configuration names is for tests.
 */
export const RUNTIME_PACKAGES: readonly string[] = [
  "@logtape/logtape",
  "@nats-io/transport-node",
  "@opentelemetry/api",
  "@std/net",
  "cbor-x",
  "commander",
  "cookie",
  "prom-client",
  "uplot",
];

/** What must be read of this package to import it; a registry's needs no permission. */
export const CORE_FILES: readonly string[] = IS_CHECKOUT
  ? ["deno.json", "mod.ts", "cli.ts", "lib/", "tests/std/"]
    .map((name) => fileURLToPath(new URL(name, CORE_ROOT)))
  : [];

/** What this package is called by others, and what it calls others. */
export function coreImportMap(): ImportMap {
  const { name, exports, imports } = config;
  if (!IS_CHECKOUT) {
    return {
      imports: withPaths({ [name]: `jsr:${name}@${VERSION}` }),
      scopes: {},
    };
  }
  const ours = Object.entries(exports).map(([key, path]) => [
    name + key.slice(1),
    new URL(path, CORE_ROOT).href,
  ]);
  const theirs = Object.entries(imports)
    .filter(([key]) => RUNTIME_PACKAGES.includes(key))
    // A stand-in in this folder is known to Deno, and not to the file.
    .map(([key, value]) => [
      key,
      value.startsWith("npm:") ? value : import.meta.resolve(key),
    ]);
  return {
    imports: Object.fromEntries(ours),
    scopes: {
      [CORE_ROOT]: withPaths(Object.fromEntries([...ours, ...theirs])),
    },
  };
}
