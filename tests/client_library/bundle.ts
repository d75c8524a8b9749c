/**
 * Makes the files for browsers of `lib/client` and `lib/contract`, which are kept in the tree, so that a
 * gateway serves one without building or fetching anything.
 *
 *     deno task client                   writes lib/client/bundle/ anew
 *
 * The bundler is that of Deno, which fetches esbuild from npm at its first use.
 *
 * @module
 */
import denoJson from "../../deno.json" with { type: "json" };

const LIB = new URL("../../lib/", import.meta.url);

/** A file, and what it is made of, from `lib/`. */
interface Bundle {
  readonly entry: string;
  /** The folders of all that it may have in it. */
  readonly sources: readonly string[];
  /** Whether it fetches `sse.js`, which lies beside it, when it is needed. */
  readonly isLate?: boolean;
}

/** The files. */
export const BUNDLES: Readonly<Record<string, Bundle>> = {
  "client.js": {
    entry: "client/mod.ts",
    sources: ["client", "client/sse"],
    isLate: true,
  },
  "core.js": { entry: "client/core.ts", sources: ["client"] },
  "contract.js": {
    entry: "contract/mod.ts",
    sources: ["client", "contract"],
  },
  "presence.js": {
    entry: "client/presence/mod.ts",
    sources: ["client", "client/presence"],
  },
  "sse.js": { entry: "client/sse/mod.ts", sources: ["client/sse"] },
  "tabs.js": {
    entry: "client/tabs/mod.ts",
    sources: ["client", "client/tabs", "client/sse"],
    isLate: true,
  },
};

/** Where a file is kept. */
export function bundlePath(name: string): URL {
  return new URL(`client/bundle/${name}`, LIB);
}

/** The line that a file begins with if it was made of the sources as they are. */
export async function headLine(name: string): Promise<string> {
  const { entry = "", sources = [] } = BUNDLES[name] ?? {};
  const digest = new Uint8Array(
    await crypto.subtle.digest("SHA-256", await read(sources)),
  ).toHex();
  return `// ${denoJson.name} ${denoJson.version} ${denoJson.license}, ${
    entry.replace(/^client\//, "")
  } of ${digest.slice(0, 12)}`;
}

/** All sources of some folders, in the order of their names. */
async function read(folders: readonly string[]): Promise<BufferSource> {
  const texts: string[] = [];
  for (const folder of folders) {
    const names: string[] = [];
    for await (const { name } of Deno.readDir(new URL(folder, LIB))) {
      if (name.endsWith(".ts")) names.push(name);
    }
    for (const name of names.sort()) {
      texts.push(await Deno.readTextFile(new URL(`${folder}/${name}`, LIB)));
    }
  }
  return new TextEncoder().encode(texts.join("\0"));
}

/** What is fetched late, in the sources and beside the files. */
const LATE = ["./event_socket.ts", "./sse.js"] as const;

async function bundle({ entry, isLate = false }: Bundle): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "bundle",
      "--minify",
      "--platform",
      "browser",
      ...isLate ? ["--external=*/event_socket.ts"] : [],
      new URL(entry, LIB).pathname,
    ],
  }).output();
  if (success) return new TextDecoder().decode(stdout).replace(...LATE);
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
