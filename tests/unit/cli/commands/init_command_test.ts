import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { initCommand } from "../../../../lib/cli/commands/init_command.ts";
import { resolveSettings } from "../../../../lib/cli/options/settings.ts";

const CHECKOUT = new URL("../../../../", import.meta.url).pathname;

/** Makes a project; resolves with the exit code. */
async function init(
  folder: string,
  out: (text: string) => void = () => {},
): Promise<number> {
  const { settings, origins } = resolveSettings([], {
    flag: () => undefined,
    env: () => undefined,
    envNames: () => [],
    readText: () => "",
    isMissing: () => false,
  });
  const output = { out, error: () => {} };
  return await initCommand.run({
    settings,
    origins,
    operands: [folder],
    output,
  });
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  return entries.map(({ name }) => name).sort();
}

Deno.test("init fills a new folder, and an empty one, with no key in it", async () => {
  const base = await Deno.makeTempDir();
  await Deno.mkdir(`${base}/empty`);
  try {
    for (const folder of ["new/one", "empty"]) {
      assertEquals(await init(`${base}/${folder}`), 0);
      assertEquals(await namesIn(`${base}/${folder}`), [
        ".gitignore",
        "README.md",
        "deno.json",
        "deno.lock",
        "handler.ts",
        "handler_test.ts",
        "index.html",
      ]);
    }
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("init refuses a folder with something in it, a file, a link, and this checkout", async () => {
  const base = await Deno.makeTempDir();
  await Deno.mkdir(`${base}/empty`);
  await Deno.symlink(`${base}/empty`, `${base}/link`);
  await Deno.symlink("/nowhere", `${base}/dangling`);
  await Deno.mkdir(`${base}/taken`);
  await Deno.writeTextFile(`${base}/taken/.hidden`, "mine");
  const folders = ["taken", "taken/.hidden", "link", "link/", "dangling"]
    .map((name) => `${base}/${name}`);
  try {
    for (const folder of [...folders, `${CHECKOUT}examples/mine`]) {
      await assertRejects(
        () => init(folder),
        Error,
        `Cannot make a project in "${folder}"`,
      );
    }

    assertEquals(await namesIn(`${base}/empty`), []);
    assertEquals(await namesIn(`${base}/taken`), [".hidden"]);
  } finally {
    await Deno.remove(base, { recursive: true });
  }
});

Deno.test("init names the folder as a shell reads it", async () => {
  const base = await Deno.makeTempDir();
  let told = "";
  try {
    for (const name of ["plain", "it's two words"]) {
      await init(`${base}/${name}`, (text) => told += text);
    }
  } finally {
    await Deno.remove(base, { recursive: true });
  }
  assertStringIncludes(told, `cd ${base}/plain\n`);
  assertStringIncludes(told, `cd '${base}/it'\\''s two words'\n`);
});
