import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url).href;
const KEY = Symbol.for(config.name);

/**
 * Where every copy of this package lies that was loaded into this process. All copies
 * find the same list, whatever their versions: its name and form stay as they are.
 */
const COPIES = (globalThis as unknown as Record<symbol, Set<string>>)[KEY] ??=
  new Set<string>();
COPIES.add(ROOT);

/**
 * Makes sure that this is the only copy of the package in the process: what one of them
 * is given by the other, it does not know as its own.
 *
 * @param what What was loaded just now: `handler "file:///srv/handler.ts"`.
 * @throws {TypeError} If that brought another one.
 */
export function refuseCopies(what: string): void {
  const other = [...COPIES].find((root) => root !== ROOT);
  if (other === undefined) return;
  throw new TypeError(
    `Cannot load ${what} as all in a process must use one copy of ${config.name}: it imports ${other}, and ${ROOT} runs it; have "imports" in its deno.json name the one that runs, or run the one that it names`,
  );
}
