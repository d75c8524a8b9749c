/** What specifiers stand for, for everybody or for those in a folder. */
export interface ImportMap {
  /** Specifiers, and what they stand for. */
  readonly imports: Readonly<Record<string, string>>;
  /** The same for modules whose URL begins with the key. */
  readonly scopes: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/**
 * Returns the part of a JSON value that is an import map, independent of the file that
 * it stands in: with absolute addresses, and with the paths into packages that Deno
 * takes for granted in its own configuration only.
 *
 * @param json What the file says.
 * @param base URL of the file.
 */
export function toImportMap(json: unknown, base: string): ImportMap {
  const { imports, scopes } = Object(json);
  return {
    imports: withPaths(toAddresses(imports, base)),
    scopes: Object.fromEntries(
      Object.entries(Object(scopes)).map(([scope, map]) => [
        toAbsolute(scope, base),
        withPaths(toAddresses(map, base)),
      ]),
    ),
  };
}

/** Adds to each package the entry for the paths in it: `"jose/"` to `"jose"`. */
export function withPaths(
  map: Readonly<Record<string, string>>,
): Record<string, string> {
  const paths = Object.entries(map).flatMap(([name, address]) => {
    const found = /^(jsr|npm):\/?([^/].*[^/])$/.exec(address);
    return found === null || name.endsWith("/")
      ? []
      : [[`${name}/`, `${found[1]}:/${found[2]}/`]];
  });
  return { ...Object.fromEntries(paths), ...map };
}

/** What is no text is left out: Deno says so by itself. */
function toAddresses(map: unknown, base: string): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Object(map)).flatMap(([name, address]) =>
      typeof address === "string" ? [[name, toAbsolute(address, base)]] : []
    ),
  );
}

function toAbsolute(address: string, base: string): string {
  return /^\.{0,2}\//.test(address) ? new URL(address, base).href : address;
}
