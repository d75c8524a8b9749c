import { basename, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VERSION } from "../../base/version.ts";
import type { Command } from "../options/command.ts";
import type { Source } from "../init/project_files.ts";
import { CORE_ROOT, IS_CHECKOUT } from "../world/core.ts";
import { coreLock } from "../world/world.ts";

/** Makes a project of one's own. */
export const initCommand: Command = {
  name: "init",
  operands: ["DIR"],
  summary: "make a project of your own in a new folder",
  description:
    `Writes a small chat into a folder that is new or empty: a handler, a test of it,
a page, and a deno.json with what they import and with tasks to run them. It
uses the gatewayworker that made it.`,
  examples: `
# then, in it: deno task dev, deno task test
deno run -A cli.ts init ../my-app`,
  options: [],
  run: async ({ operands: [name = ""], output }) => {
    const { projectFiles } = await import("../init/project_files.ts");
    const { writeProject } = await import("../init/write_project.ts");
    const folder = resolve(name);
    const files = projectFiles(basename(folder), sourceFor(folder));
    await writeProject(name, files);
    output.out(`Made ${Object.keys(files).join(", ")} in ${folder}\n\n`);
    output.out(`  cd ${quoted(name)}
  deno task dev    # then open index.html in two tabs
  deno task test\n`);
    return 0;
  },
};

/** A path as a shell reads it. */
function quoted(path: string): string {
  return /^[\w./~-]+$/.test(path) && !/^[-~]/.test(path)
    ? path
    : `'${path.replaceAll("'", `'\\''`)}'`;
}

/** Where a project in a folder finds us. */
function sourceFor(folder: string): Source {
  if (!IS_CHECKOUT) return { version: VERSION };
  const root = fileURLToPath(CORE_ROOT);
  const path = relative(folder, root).replaceAll("\\", "/");
  if (/^\.\.(\/\.\.)*$|^$/.test(path)) {
    throw new TypeError(
      `Cannot make a project in "${folder}" as that lies in the checkout ${root}, whose deno.json would count there: name a folder beside it, such as ../my-app`,
    );
  }
  return { version: VERSION, checkout: path, lock: coreLock() };
}
