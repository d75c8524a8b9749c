import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ask, clientUrl, runCommand, startAll } from "../_support/commands.ts";
import { TestClient } from "../_support/test_client.ts";

Deno.test("start --dev reloads what has changed, and keeps the old where the new does not load", async () => {
  const folder = await Deno.makeTempDir();
  const greeting = `${folder}/greeting.ts`;
  await Deno.writeTextFile(
    `${folder}/handler.ts`,
    `import { greeting } from "./greeting.ts";
export default (event) => {
  if (event.type !== "message") return;
  if (event.text() === "throw") throw new RangeError("told to");
  return greeting + event.text();
};
`,
  );
  await Deno.writeTextFile(greeting, `export const greeting = "hello ";\n`);
  {
    await using processes = startAll(`${folder}/handler.ts`, ["--dev"]);
    const url = await clientUrl(processes);
    assertEquals(await ask(url, "ann"), "hello ann");

    // As editors do: a new file in the place of the old one.
    await Deno.writeTextFile(`${folder}/new`, `export const greeting = "hi ";`);
    await Deno.rename(`${folder}/new`, greeting);
    await processes.line(/^Reloaded as .*greeting\.ts changed/);
    assertEquals(await ask(url, "ann"), "hi ann");

    await Deno.writeTextFile(greeting, "export const greeting = ;\n");
    await processes.errorLines(/ at .*greeting\.ts:1:25/, 1);
    await processes.errorLines(/; the old worker 0 goes on$/, 1);
    assertEquals(await ask(url, "ann"), "hi ann");

    await using client = await TestClient.connect(url);
    client.send("throw");
    const [thrown = ""] = await processes.errorLines(/Handler threw/, 1);
    assertStringIncludes(thrown, "RangeError: told to at ");
    assertStringIncludes(thrown, "handler.ts:4:39");
    assert(!/^20\d\d-/.test(thrown), "a short line has no date");
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("start --dev refuses what others can reach", async () => {
  const handler = new URL("../_support/handlers/gated.ts", import.meta.url);
  const { code, errors } = await runCommand([
    "start",
    handler.pathname,
    "--dev",
    "--listen=ws://127.0.0.1:1,ws://0.0.0.0:8282",
    "--register=10.0.0.1:1236",
    "--admin=[::1]:9",
  ]);

  assertEquals(code, 2);
  assertEquals(errors, [
    'Cannot use --listen with --dev as that is for this machine alone, such as 127.0.0.1: current value is "ws://0.0.0.0:8282"',
    'Cannot use --register with --dev as that is for this machine alone, such as 127.0.0.1: current value is "10.0.0.1:1236"',
  ]);
});
