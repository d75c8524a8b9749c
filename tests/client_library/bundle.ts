/**
 * Makes the files for browsers of `lib/client`, which are kept in the tree, so that a
 * gateway serves one without building or fetching anything.
 *
 *     deno task client                   writes lib/client/bundle/ anew
 *
 * The bundler is that of Deno, which fetches esbuild from npm at its first use.
 *
 * @module
 */
import denoJson from "../../deno.json" with { type: "json" };

const SOURCES = new URL("../../lib/client/", import.meta.url);

/** The files, and the module that each is made of. */
export const BUNDLES: Readonly<Record<string, string>> = {
  "client.js": "mod.ts",
  "core.js": "core.ts",
};

/** Where a file is kept. */
export function bundlePath(name: string): URL {
  return new URL(`bundle/${name}`, SOURCES);
}

/** The line that a file begins with if it was made of the sources as they are. */
export async function headLine(name: string): Promise<string> {
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await read()),
  ).toHex();
  return `// ${denoJson.name} ${denoJson.version} ${denoJson.license}, ${
    BUNDLES[name]
  } of ${digest.slice(0, 12)}`;
}

/** All sources, in the order of their names. */
async function read(): Promise<BufferSource> {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(SOURCES)) {
    if (name.endsWith(".ts")) names.push(name);
  }
  const texts = names.sort().map((name) =>
    Deno.readTextFile(new URL(name, SOURCES))
  );
  return new TextEncoder().encode((await Promise.all(texts)).join("\0"));
}

async function bundle(entry: string): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--minify",
      "--platform",
      "browser",
      new URL(entry, SOURCES).pathname,
    ],
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new TypeError(
    `Cannot bundle "${entry}": ${new TextDecoder().decode(stderr)}`,
  );
}

if (import.meta.main) {
  await Deno.mkdir(bundlePath("."), { recursive: true });
  for (const [name, entry] of Object.entries(BUNDLES)) {
    const text = `${await headLine(name)}\n${await bundle(entry)}`;
    await Deno.writeTextFile(bundlePath(name), text);
  }
}
