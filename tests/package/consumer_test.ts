/**
 * The package in a folder elsewhere, with the files that would be published and no
 * others: from a registry, and as files. No network is there but this machine.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../deno.json" with { type: "json" };
import { clientUrl, registerAddress } from "../_support/commands.ts";
import { JsrRegistry } from "../_support/jsr_registry.ts";
import { TestProcess } from "../_support/processes.ts";
import { OFFLINE, TestProject, wholeLock } from "../_support/project.ts";
import { layOutPackage } from "../_support/published_files.ts";

const NAME = config.name;
const SOURCES = new URL("consumer/", import.meta.url);
const PROGRAMS = ["handler.ts", "check_handler.ts", "client.ts", "push.ts"];

/** Every export of the package, as a program imports it. */
const EXPORTS = Object.keys(config.exports).map((path) => path.slice(1));

/** A project that imports the package, and how its commands are run. */
interface Consumer {
  readonly project: TestProject;
  readonly env: Record<string, string>;
}

/** Makes a project of other people's programs. */
async function consume(where: Record<string, unknown>): Promise<TestProject> {
  const imports = { [NAME]: `jsr:${NAME}@^${config.version}` };
  const allowScripts = { deny: ["npm:cbor-extract"] };
  const project = await TestProject.create({
    "deno.json": JSON.stringify({ imports, allowScripts, ...where }),
    "deno.lock": await wholeLock(),
    "all.ts": EXPORTS.map((path, i) =>
      `import * as e${i} from "${NAME}${path}";\nif (Object.keys(e${i}).length === 0) throw new TypeError("${path}");\n`
    ).join(""),
  });
  for (const name of PROGRAMS) {
    const text = await Deno.readTextFile(new URL(name, SOURCES));
    await project.write(name, text);
  }
  return project;
}

/** Runs Deno in the project; fails if that failed. */
async function deno(
  { project, env }: Consumer,
  ...args: string[]
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: project.folder,
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  const [out = "", errors = ""] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${args.join(" ")}\n${out}${errors}`);
  return out;
}

Deno.test("the package from a registry: its types fit, its handler is tested, run, asked and pushed to, and pages get their library", async () => {
  await using registry = await JsrRegistry.start();
  await using project = await consume({});
  const env = { ...OFFLINE, ...await registry.env(project.path(".deno")) };
  const consumer = { project, env };

  await deno(consumer, "check", ...PROGRAMS, "all.ts");
  await deno(consumer, "run", "--allow-read", "all.ts");
  const told = await deno(consumer, "test", "--no-check", "check_handler.ts");
  assertMatch(told, /1 passed \| 0 failed/);

  const register = registerAddress();
  const cli = `${NAME}/cli`;
  const runtimeDir = `--runtime-dir=${project.path("run")}`;
  await using cluster = new TestProcess([
    Deno.execPath(),
    ...["run", "-A", cli, "start", "handler.ts", "--workers=1"],
    ...["--listen=ws://127.0.0.1:0", "--start-port=0", "--admin=127.0.0.1:0"],
    ...[`--register=${register}`, runtimeDir],
  ], { cwd: project.folder, env });
  const url = await clientUrl(cluster);

  const library = await fetch(`${url.replace("ws:", "http:")}/client.js`);
  assertEquals(library.status, 200);
  assertStringIncludes(await library.text(), "connect");
  await using client = new TestProcess([
    Deno.execPath(),
    ...["run", "--no-prompt", "--allow-net", "client.ts", url],
  ], { cwd: project.folder, env });
  await client.line(/^42$/);
  await deno(
    consumer,
    "run",
    "--no-prompt",
    "--allow-net",
    "push.ts",
    register,
  );
  assertEquals(await client.code(), 0);
  assertEquals(client.out, ["you said hello", "42", "enough"]);
  await deno(consumer, "run", "-A", cli, "stop", runtimeDir);
  assertEquals(await cluster.code(), 0);
});

Deno.test("the files of the package type-check with the options that a project has by default", async () => {
  await using parent = await TestProject.create();
  await using registry = await JsrRegistry.start();
  const folder = parent.path("core");
  await layOutPackage(folder);
  await using project = await consume({ links: [folder] });
  const env = { ...OFFLINE, ...await registry.env(parent.path(".deno")) };
  const consumer = { project, env };

  await deno(consumer, "check", ...PROGRAMS, "all.ts");
});
