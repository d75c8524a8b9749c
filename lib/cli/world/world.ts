import { matchesGlob, normalize, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { roomLogger } from "../../observe/logger.ts";
import {
  type ConfigFile,
  findConfig,
  mayRead,
  pathOf,
  readConfig,
} from "./config_file.ts";
import {
  CORE_NAME,
  CORE_ROOT,
  coreImportMap,
  IS_CHECKOUT,
  RUNTIME_PACKAGES,
} from "./core.ts";
import { type ImportMap, toImportMap } from "./import_map.ts";
import { type Lock, mergeLocks, partOf } from "./lock.ts";

const logger = roomLogger("cli");

/**
 * What a module of the user's is run with: the configuration of Deno in its folder or
 * one around it, joined with what this package needs. Neither file is written.
 */
export interface World {
  /** Path of the configuration. */
  readonly config: string;
  /** What the user's modules and ours import. */
  readonly importMap: ImportMap;
  /** The versions of all that. */
  readonly lock: Lock;
  /** Whether the configuration says as much: then Deno needs to be told of no more. */
  readonly isComplete: boolean;
}

/**
 * Returns the world of a module.
 *
 * @param module Its URL.
 * @returns `undefined` if it has none of its own: it lies in this package, or
 * elsewhere than in a folder, or there is no configuration.
 * @throws {TypeError} If a configuration, an import map or a lock is broken.
 */
export function findWorld(module: string): World | undefined {
  if (!module.startsWith("file:")) return undefined;
  const folder = new URL("./", module);
  if (!mayRead(folder)) {
    logger.warn(
      "Cannot look for a deno.json in {folder} as that takes --allow-read: what is in it runs without",
      { folder: pathOf(folder) },
    );
    return undefined;
  }
  const own = findConfig(folder);
  if (own === undefined || own.url.href.startsWith(`${CORE_ROOT}deno.json`)) {
    return undefined;
  }
  const root = findWorkspace(own) ?? own;
  const wanted = importMapOf(root);
  return {
    config: pathOf(own.url),
    importMap: withCore(wanted, root),
    lock: lockOf(root),
    isComplete: !IS_CHECKOUT && CORE_NAME in wanted.imports,
  };
}

/** The configuration of the workspace that another one's folder is a member of. */
function findWorkspace(own: ConfigFile): ConfigFile | undefined {
  return findConfig(new URL("./", own.url), (root) => {
    if (root.url.href === own.url.href) return "workspace" in root.json;
    const { workspace } = root.json;
    const { members = workspace } = Object(workspace);
    if (!Array.isArray(members)) return false;
    const folder = relative(
      pathOf(new URL("./", root.url)),
      pathOf(new URL("./", own.url)),
    );
    return members.some((member) =>
      matchesGlob(folder, normalize(`${member}/`).replace(/\/$/, ""))
    );
  });
}

/**
 * Returns the path of the configuration that a process of ours has which runs nothing of
 * the user's. Beside a checkout Deno finds it; a module of a registry has the one that
 * its first process was given, which lies where that was started.
 */
export function coreConfig(): string | undefined {
  const folder = pathToFileURL(`${Deno.cwd()}/`);
  const own = IS_CHECKOUT ? undefined : findConfig(folder);
  return own === undefined ? undefined : pathOf(own.url);
}

/** What a configuration says, or the file that it names for it. */
function importMapOf({ url, json }: ConfigFile): ImportMap {
  const { imports, scopes, importMap: name } = json;
  const isElsewhere = imports === undefined && scopes === undefined &&
    typeof name === "string";
  if (!isElsewhere) return toImportMap(json, url.href);
  const elsewhere = new URL(name, url);
  const file = elsewhere.protocol === "file:"
    ? readConfig(elsewhere)
    : undefined;
  if (file !== undefined) return toImportMap(file.json, file.url.href);
  throw new TypeError(
    `Cannot use the import map "${name}" of "${
      pathOf(url)
    }": found no such file`,
  );
}

/**
 * Adds what we are called, unless the user says which of us is meant. Of another copy in
 * a registry we hear when it is loaded (`refuseCopies`); one in a folder would not load.
 */
function withCore(
  { imports, scopes }: ImportMap,
  { url }: ConfigFile,
): ImportMap {
  const core = coreImportMap();
  const wanted = imports[CORE_NAME];
  if (wanted?.startsWith("file:") && wanted !== core.imports[CORE_NAME]) {
    throw new TypeError(
      `Cannot run what imports ${CORE_NAME} from ${wanted}, as "${
        pathOf(url)
      }" says: ${CORE_ROOT} runs it, and there must be one of them; run that one's cli.ts, or name this one's mod.ts`,
    );
  }
  return {
    imports: wanted === undefined ? { ...core.imports, ...imports } : imports,
    scopes: { ...scopes, ...core.scopes },
  };
}

/** The lock of what runs with a checkout; elsewhere it pins nothing. */
export function coreLock(): Lock {
  const ours = IS_CHECKOUT
    ? readLock(new URL("deno.lock", CORE_ROOT))
    : undefined;
  return partOf(ours ?? { version: "5" }, RUNTIME_PACKAGES);
}

function lockOf({ url, json: { lock: told } }: ConfigFile): Lock {
  const { path } = Object(told);
  const name = [told, path].find((each) => typeof each === "string");
  const theirs = told === false
    ? undefined
    : readLock(new URL(name ?? "deno.lock", url));
  return mergeLocks(coreLock(), theirs);
}

function readLock(url: URL): Lock | undefined {
  const json = readConfig(url)?.json;
  if (json === undefined || typeof json.version === "string") {
    return json as Lock | undefined;
  }
  throw new TypeError(
    `Cannot read "${pathOf(url)}" as it must name its version: found none`,
  );
}
