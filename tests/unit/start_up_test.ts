/** What is loaded at once, which every command and every process of a cluster waits for. */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** A module, as `deno info --json` has it. */
interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly isDynamic?: boolean;
  }[];
}

/** What a program loads at once: not for types, nor later. */
async function loadedBy(program: string): Promise<Set<string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", program],
    cwd: ROOT,
    stderr: "null",
  }).output();
  const { modules }: { modules: readonly Module[] } = JSON.parse(
    new TextDecoder().decode(stdout),
  );
  const known = new Map(modules.map((each) => [each.specifier, each]));
  const loaded = new Set([new URL(program, ROOT).href]);
  for (const url of loaded) {
    for (const { code, isDynamic } of known.get(url)?.dependencies ?? []) {
      if (code?.specifier && !isDynamic) loaded.add(code.specifier);
    }
  }
  return loaded;
}

/** The rooms of `lib/` among that. */
async function roomsOf(program: string): Promise<string[]> {
  const loaded = await loadedBy(program);
  const rooms = [...loaded].filter((url) => url.startsWith(ROOT.href))
    .map((url) => /^lib\/(\w+)\//.exec(url.slice(ROOT.href.length))?.[1] ?? "");
  return [...new Set(rooms)].filter((room) => room !== "").sort();
}

for (const program of ["cli.ts", "lib/cli/roles/register.ts"]) {
  Deno.test(`${program} loads at once no client library, no links, and no PHP`, async () => {
    const rooms = await roomsOf(program);

    assertEquals(rooms.includes("register"), true);
    const others = ["client", "link", "php"];
    assertEquals(rooms.filter((room) => others.includes(room)), []);
  });
}

for (
  const program of [
    "cli.ts",
    "lib/cli/roles/gateway.ts",
    "lib/cli/roles/register.ts",
    "lib/cli/roles/worker.ts",
    "mod.ts",
  ]
) {
  Deno.test(`${program} loads at once no library of NATS, and no bridge`, async () => {
    const loaded = [...await loadedBy(program)];

    assertEquals(loaded.filter((url) => url.includes("nats-io")), []);
    const bridges = loaded.filter((url) =>
      url.includes("/lib/bridge/") && !url.endsWith("/quantities.ts")
    );
    assertEquals(bridges, []);
  });
}
