/**
 * What a supervised child has to load before it can work.
 *
 * @module
 */

import { assertEquals } from "@std/assert";

const ROOT = new URL("../../../../", import.meta.url);

const ROLES = ["register", "gateway", "worker"];

/** A module, as `deno info` describes it. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
  }[];
}

/** The files that Deno reads before it runs one, also those that are imported later. */
async function filesOf(path: string): Promise<string[]> {
  const entry = new URL(path, ROOT).href;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout));
  const byUrl = new Map(
    modules.map((module: Module) => [module.specifier, module] as const),
  ) as Map<string, Module>;
  const found = new Set([entry]);
  // A set yields what is added while it is walked.
  for (const url of found) {
    for (const { code } of byUrl.get(url)?.dependencies ?? []) {
      // Without code it is there for its types alone, and is not read.
      if (code !== undefined) found.add(code.specifier);
    }
  }
  return [...found].filter((url) => url.startsWith(ROOT.href))
    .map((url) => url.slice(ROOT.href.length));
}

for (const role of ROLES) {
  Deno.test(`a supervised ${role} reads no code of other roles, and none for people`, async () => {
    const files = await filesOf(`lib/cli/roles/${role}.ts`);

    const needless = [
      "lib/cli/commands/",
      "lib/dashboard/",
      ...ROLES.filter((other) => other !== role)
        .map((other) => `lib/${other}/${other}.ts`),
    ];
    assertEquals(files.includes(`lib/${role}/${role}.ts`), true);
    assertEquals(
      files.filter((file) => needless.some((each) => file.startsWith(each))),
      [],
    );
  });
}
