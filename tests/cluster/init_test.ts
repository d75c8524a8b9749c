/**
 * `init` makes a project whose commands work at once: beside a checkout, and with the
 * package from a registry. No network is there but this machine.
 *
 * @module
 */

import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { ask, clientUrl, registerAddress } from "../_support/commands.ts";
import { JsrRegistry } from "../_support/jsr_registry.ts";
import { CLI, TestProcess } from "../_support/processes.ts";
import { OFFLINE, TestProject, wholeLock } from "../_support/project.ts";

const CHECKOUT_LOCK = new URL("../../deno.lock", import.meta.url);

const PORTS = ["--listen=ws://127.0.0.1:0", "--start-port=0", "--workers=1"];

/** How a command is run. */
interface Surroundings {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs Deno to its end, however long it takes to check types; fails if that failed. */
async function deno(
  args: readonly string[],
  options: Surroundings,
): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...options,
  });
  const { code, stdout, stderr } = await command.output();
  const [out, errors] = [stdout, stderr]
    .map((bytes) => new TextDecoder().decode(bytes));
  assertEquals(code, 0, `${out}${errors}`);
  return out ?? "";
}

/** Runs the project's tests, then one of its tasks, and has a client talk to that. */
async function tryOut(
  { cwd, env }: Surroundings,
  task: string,
  look: (process: TestProcess, url: string) => Promise<void>,
): Promise<void> {
  assertMatch(
    await deno(["task", "test"], { cwd, env }),
    /1 passed \| 0 failed/,
  );
  const runtimeDir = `--runtime-dir=${cwd}/run`;
  await using process = new TestProcess([
    Deno.execPath(),
    "task",
    task,
    ...PORTS,
    runtimeDir,
    `--register=${registerAddress()}`,
  ], { cwd, env });
  await look(process, await clientUrl(process));
  const cli = "@gatewayworker/core/cli";
  await deno(["run", "-A", cli, "stop", runtimeDir], { cwd, env });
  assertEquals(await process.code(), 0);
}

Deno.test("init makes a project beside a checkout that has types, passes its test, and runs", async () => {
  await using parent = await TestProject.create();
  const cwd = parent.path("<b>& co");
  const before = await Deno.readTextFile(CHECKOUT_LOCK);

  const told = await deno(["run", "-A", CLI, "init", cwd], {
    cwd: parent.folder,
    env: OFFLINE,
  });

  assertStringIncludes(told, "deno task test");
  assertStringIncludes(
    await parent.read("<b>& co/index.html") ?? "",
    "<title>&lt;b>&amp; co</title>",
  );
  await deno(["fmt", "--check"], { cwd, env: OFFLINE });
  await deno(["lint"], { cwd, env: OFFLINE });
  await tryOut({ cwd, env: OFFLINE }, "dev", async (process, url) => {
    assertEquals(await ask(`${url}/?name=ann`), "Hello ann");
    const handler = await Deno.readTextFile(`${cwd}/handler.ts`);
    const other = handler.replace("Hello", "Good morning");
    await Deno.writeTextFile(`${cwd}/handler.ts`, other);
    await process.line(/^Reloaded as handler.ts changed/);
    assertEquals(await ask(`${url}/?name=ann`), "Good morning ann");
  });
  assertEquals(await Deno.readTextFile(CHECKOUT_LOCK), before);
});

Deno.test("init makes a project with the package from a registry that does so, too", async () => {
  await using parent = await TestProject.create({ "deno.json": "{}" });
  await using registry = await JsrRegistry.start();
  const env = { ...OFFLINE, ...await registry.env(parent.path("deno")) };
  await parent.write("deno.lock", await wholeLock());
  const cli = "jsr:@gatewayworker/core@0.1.0/cli";

  await deno(["run", "-A", cli, "init", "app"], { cwd: parent.folder, env });

  await parent.write("app/deno.lock", await wholeLock());
  assert(!(await parent.read("app/deno.json"))?.includes("links"));
  const cwd = parent.path("app");
  await tryOut({ cwd, env }, "start", async (_process, url) => {
    assertEquals(await ask(`${url}/?name=ann`), "Hello ann");
  });
});

Deno.test("a project can name the files of a checkout beside it", async () => {
  const name = "@gatewayworker/core";
  const checkout = new URL("../../", import.meta.url).pathname;
  await using project = await TestProject.create({
    "deno.json": JSON.stringify({ imports: { [name]: `${checkout}mod.ts` } }),
    "deno.lock": await wholeLock(),
    "handler.ts": `export { defineHandler as default } from "${name}";`,
  });

  const told = await deno(["info", "--json", "handler.ts"], {
    cwd: project.folder,
    env: OFFLINE,
  });

  const { modules } = JSON.parse(told);
  const wrong = modules.filter(({ error }: { error?: unknown }) => error);
  assertEquals(wrong, []);
  assert(modules.length > 100);
});
