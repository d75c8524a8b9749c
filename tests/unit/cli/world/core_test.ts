import { assertEquals } from "@std/assert";
import {
  coreImportMap,
  RUNTIME_PACKAGES,
} from "../../../../lib/cli/world/core.ts";

const ROOT = new URL("../../../../", import.meta.url);

/** The packages that the code of a folder imports by name. */
async function packagesOf(folder: URL): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const entry of Deno.readDir(folder)) {
    const url = new URL(
      entry.isDirectory ? `${entry.name}/` : entry.name,
      folder,
    );
    const names = entry.isDirectory
      ? await packagesOf(url)
      : entry.name.endsWith(".ts")
      ? namesIn(await Deno.readTextFile(url))
      : [];
    for (const name of names) found.add(name);
  }
  return found;
}

function namesIn(source: string): string[] {
  const specifiers = source.matchAll(
    /^(?:import|export|\}).*? from "((?:@[^/"]+\/)?[^./"@:][^/":]*)[^":]*"/gm,
  );
  return [...specifiers].map(([, name = ""]) => name);
}

Deno.test("RUNTIME_PACKAGES are those that lib/ imports", async () => {
  const found = await packagesOf(new URL("lib/", ROOT));

  assertEquals([...found].sort(), [...RUNTIME_PACKAGES]);
});

Deno.test("coreImportMap() names every module that others may import, and what those do", () => {
  const { imports, scopes } = coreImportMap();

  assertEquals(imports["@gatewayworker/core"], `${ROOT}mod.ts`);
  assertEquals(imports["@gatewayworker/core/cli"], `${ROOT}cli.ts`);
  const own = scopes[ROOT.href] ?? {};
  for (const name of RUNTIME_PACKAGES) assertEquals(name in own, true, name);
  assertEquals(own["cbor-x/"], "npm:/cbor-x@1.6.8/");
});
