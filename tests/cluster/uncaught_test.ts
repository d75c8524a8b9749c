import { assertEquals, assertStringIncludes } from "@std/assert";
import { clientUrl, handlerPath, startAll } from "../_support/commands.ts";
import { TestClient } from "../_support/test_client.ts";

Deno.test("errors that a handler or authorize leaves to nobody are logged, and end no process", async () => {
  await using processes = startAll(handlerPath("careless"), [
    "--workers=1",
    `--authorize=${handlerPath("careless_authorize")}`,
  ]);
  await processes.line(/^Gateway ready/);
  await using client = await TestClient.connect(await clientUrl(processes));

  client.send("ask");
  const pid = await client.hear();
  for (const how of ["promise", "timer"]) {
    client.send(how);
    assertEquals(await client.hear(), pid);
    const [error, what] = how === "promise"
      ? ["RangeError", "a promise was rejected that nobody awaits"]
      : ["TypeError", "thrown in a timer"];
    const [line = ""] = await processes.errorLines(
      new RegExp(`\\[worker 0\\] process: Nobody caught ${error}: told`),
      1,
    );
    assertStringIncludes(line, "careless.ts:");
    assertStringIncludes(line, what);
  }
  await processes.errorLines(
    /\[gateway 0\] process: Nobody caught .*: let in/,
    2,
  );

  client.send("ask");
  assertEquals(await client.hear(), pid);
});
