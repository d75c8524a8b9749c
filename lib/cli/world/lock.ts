/** What a `deno.lock` says, as far as it is put together with another. */
export interface Lock {
  /** Which form it has. */
  readonly version: string;
  /** The version that each specifier came to. */
  readonly specifiers?: Readonly<Record<string, string>>;
  /** Packages of npm, by name and version. */
  readonly npm?: Readonly<Record<string, LockedPackage>>;
  /** The other lists, which need no look inside. */
  readonly [list: string]: unknown;
}

/** A package of npm. */
interface LockedPackage {
  readonly dependencies?: readonly string[];
  readonly optionalDependencies?: readonly string[];
}

/**
 * Returns a lock with what stands in either, by itself: where both know a specifier,
 * the second has the say. Of two forms only the second's is taken.
 */
export function mergeLocks(first: Lock, second: Lock | undefined): Lock {
  if (second === undefined) return withoutWorkspace(first);
  if (first.version !== second.version) return second;
  const lists = new Set([...Object.keys(first), ...Object.keys(second)]);
  return withoutWorkspace({
    ...Object.fromEntries(
      [...lists].map((list) => [
        list,
        { ...Object(first[list]), ...Object(second[list]) },
      ]),
    ),
    version: second.version,
  });
}

/**
 * Returns the part of a lock that some packages need. What they could do without is left
 * out: that of ours are native add-ons, which nobody loads.
 *
 * @param lock The lock.
 * @param packages Names of packages.
 */
export function partOf(lock: Lock, packages: readonly string[]): Lock {
  const specifiers = Object.entries(lock.specifiers ?? {})
    .filter(([specifier]) =>
      packages.some((name) => specifier.startsWith(`npm:${name}@`))
    );
  const all = lock.npm ?? {};
  const npm = new Map<string, LockedPackage>();
  const waiting = specifiers.map(([specifier, version]) =>
    specifier.replace(/^npm:(.+)@.*$/, `$1@${version}`)
  );
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const found = all[id];
    if (found === undefined || npm.has(id)) continue;
    const { optionalDependencies: _, ...needed } = found;
    npm.set(id, needed);
    const { dependencies = [] } = needed;
    waiting.push(...dependencies.flatMap((name) => idsOf(name, all)));
  }
  return {
    version: lock.version,
    specifiers: Object.fromEntries(specifiers),
    npm: Object.fromEntries([...npm].sort(([a], [b]) => a < b ? -1 : 1)),
  };
}

/** A dependency has its version only where there are several. */
function idsOf(name: string, all: Readonly<Record<string, unknown>>): string[] {
  return name in all
    ? [name]
    : Object.keys(all).filter((id) => id.replace(/(.)@.*$/, "$1") === name);
}

/** Deno drops what the workspace of a lock does not need, and this one has none. */
function withoutWorkspace({ workspace: _, ...lock }: Lock): Lock {
  return lock as Lock;
}
