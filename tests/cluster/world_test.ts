/**
 * A handler outside of this checkout is run with its own `deno.json`, import map and
 * lock, without a registry; neither lock is written.
 *
 * @module
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  ask,
  clientUrl,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import { CLI, pidIn, TestProcess } from "../_support/processes.ts";
import {
  lockFor,
  OFFLINE,
  TestProject,
  wholeLock,
} from "../_support/project.ts";

const CHECKOUT = new URL("../../", import.meta.url).pathname;

const LOCK = `${CHECKOUT}deno.lock`;

const CONFIG = `{
  // Deno allows comments,
  "imports": {
    "jose": "npm:jose@^6.0.0",
    "~/": "./lib/", /* and */
    "words": "./lib/one.ts", // commas at the end.
  },
}`;

const HANDLER = `
import { defineHandler } from "@gatewayworker/core";
import { base64url } from "jose";
import { WORD } from "words";
import { WORD as ONE } from "~/one.ts";

console.log("loaded", WORD);
export default defineHandler({
  message: () => \`\${WORD} \${ONE} \${base64url.encode("gw")}\`,
});
`;

const AUTHORIZE = `
import { accept } from "@gatewayworker/core";
import { WORD } from "words";

console.log("guarded by", WORD);
export default () => accept();
`;

async function project(): Promise<TestProject> {
  return await TestProject.create({
    "deno.jsonc": CONFIG,
    "deno.lock": await lockFor("npm:jose@6"),
    "lib/one.ts": 'export const WORD: string = "one";',
    "lib/two.ts": 'export const WORD: string = "two";',
    "src/handler.ts": HANDLER,
    "src/authorize.ts": AUTHORIZE,
  });
}

async function bothLocks({ folder }: TestProject): Promise<string[]> {
  return [
    await Deno.readTextFile(`${folder}/deno.lock`),
    await Deno.readTextFile(LOCK),
  ];
}

/** Where the processes of a test look for nothing, and leave nothing. */
async function surroundings(own: TestProject) {
  const temporary = own.path("tmp");
  await Deno.mkdir(temporary);
  return {
    temporary,
    runtimeDir: `--runtime-dir=${own.path("run")}`,
    options: { cwd: "/", env: { ...OFFLINE, TMPDIR: temporary } },
  };
}

async function modesIn(folder: string): Promise<(number | undefined)[]> {
  const modes: (number | undefined)[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const { mode } = await Deno.stat(`${folder}/${name}`);
    modes.push(mode === null ? undefined : mode & 0o777);
  }
  return modes;
}

Deno.test("start and reload run a handler in the world that its folder has then, restarts in the last", async () => {
  await using own = await project();
  const locks = await bothLocks(own);
  const { options, runtimeDir, temporary } = await surroundings(own);
  await using process = startAllAt(
    registerAddress(),
    own.path("src/handler.ts"),
    [
      "--workers=1",
      `--authorize=${own.path("src/authorize.ts")}`,
      runtimeDir,
    ],
    options,
  );
  const reload = () => runCommand(["reload", runtimeDir], options);

  const url = await clientUrl(process);
  assertEquals(await ask(url), "one one Z3c");
  assertEquals(process.out.includes("guarded by one"), true);
  assertEquals(await modesIn(temporary), [0o700]);

  // Whoever tidies up temporary files does not know whose they are.
  await Deno.remove(temporary, { recursive: true });
  await Deno.mkdir(temporary);
  Deno.kill(pidIn(await process.line(/^Worker ready/)), "SIGKILL");
  await process.lines(/^Worker ready/, 2);
  assertEquals(await ask(url), "one one Z3c");
  assertEquals(await modesIn(temporary), [0o700]);

  const other = CONFIG.replace('"words": "./lib/one', '"words": "./lib/two');
  await own.write("deno.jsonc", other);
  assertEquals((await reload()).code, 0);
  assertEquals(await ask(url), "two one Z3c");

  await own.write("deno.jsonc", other.slice(0, -2));
  const refused = await reload();
  assertEquals(refused.code, 1);
  assertStringIncludes(
    refused.errors.join(),
    `Cannot read "${own.path("deno.jsonc")}"`,
  );
  assertEquals(await ask(url), "two one Z3c");

  process.signal("SIGTERM");
  assertEquals(await process.code(), 0);
  assertEquals(await bothLocks(own), locks);
  assertEquals(await modesIn(temporary), []);
});

Deno.test("worker --alone runs in the world that it was started in, and in no other", async () => {
  await using own = await project();
  const { options } = await surroundings(own);
  const handler = own.path("src/handler.ts");

  const { code, errors } = await runCommand(
    ["worker", handler, "--alone"],
    options,
  );

  assertEquals(code, 1);
  assertStringIncludes(
    errors.join(),
    `deno run --config "${own.path("deno.jsonc")}"`,
  );
});

Deno.test("worker --alone of a project that names this package runs its handler", async () => {
  await using own = await project();
  const { options } = await surroundings(own);
  const config = { imports: { "@gatewayworker/core": `${CHECKOUT}mod.ts` } };
  await own.write("deno.json", JSON.stringify(config));
  await own.write("deno.lock", await wholeLock());
  await own.write(
    "handler.ts",
    'import "@gatewayworker/core"; console.log("loaded"); export default () => {};',
  );
  await using process = new TestProcess([
    Deno.execPath(),
    "run",
    "-A",
    `--config=${own.path("deno.json")}`,
    CLI,
    "worker",
    own.path("handler.ts"),
    "--alone",
    `--register=${registerAddress()}`,
  ], options);

  await process.lines(/^loaded$/, 1);
});

Deno.test("worker says where to name what a handler imports and nobody knows", async () => {
  await using own = await project();
  const { options } = await surroundings(own);
  await own.write("src/handler.ts", 'import "left-pad";');

  const { code, errors } = await runCommand(
    ["worker", own.path("src/handler.ts"), `--register=${registerAddress()}`],
    options,
  );

  assertEquals(code, 1);
  assertStringIncludes(
    errors.join("\n"),
    `name "left-pad" in "imports" of "${own.path("deno.jsonc")}"`,
  );
});

Deno.test("worker refuses a handler that brings another copy of this package", async () => {
  await using own = await project();
  const { options } = await surroundings(own);
  await Deno.symlink(CHECKOUT, own.path("core"));
  const handler = own.path("src/handler.ts");
  const run = () =>
    runCommand(["worker", handler, `--register=${registerAddress()}`], options);

  const imports = { "@gatewayworker/core": "./core/mod.ts" };
  await own.write("deno.jsonc", JSON.stringify({ imports }));
  const named = await run();
  await own.write("deno.jsonc", JSON.stringify({ links: ["./core"] }));
  await own.write(
    "src/handler.ts",
    'import "../core/lib/worker/mod.ts"; export default () => {};',
  );
  const brought = await run();

  assertEquals([named.code, brought.code], [1, 1]);
  assertStringIncludes(named.errors.join(), "there must be one of them");
  assertStringIncludes(
    brought.errors.join(),
    "one copy of @gatewayworker/core",
  );
});
