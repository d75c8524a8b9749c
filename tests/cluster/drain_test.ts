/** Clients are sent away by order of another terminal, through real processes. @module */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  clientUrl,
  handlerPath,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import { TestClient } from "../_support/test_client.ts";

Deno.test("drain sends the clients of all gateways away, says how it went, and the log says who wanted it", async () => {
  const dir = await Deno.makeTempDir();
  await using process = startAllAt(registerAddress(), handlerPath("lively"), [
    `--runtime-dir=${dir}`,
    "--stop-delay=0",
    "--close-timeout=1",
  ]);
  const url = await clientUrl(process);
  const clients = await Promise.all(
    Array.from({ length: 5 }, () => TestClient.connect(url)),
  );
  const ordered = (...args: string[]) =>
    runCommand([args[0] ?? "", `--runtime-dir=${dir}`, ...args.slice(1)]);

  const rebalanced = await ordered("rebalance", "--share=40%", "--rate=100/s");
  const drained = await ordered("drain", "--rate=100/s");
  for (const { closed } of clients) assertEquals((await closed).code, 1001);
  const wrong = await ordered("rebalance", "--share=0%");

  assertEquals([rebalanced.code, drained.code], [0, 0]);
  assertStringIncludes(
    rebalanced.out.join("\n"),
    "2 clients were told to go, 0 of them are here",
  );
  assertStringIncludes(
    drained.out.join("\n"),
    "3 clients were told to go, 0 of them are here",
  );
  const [line = ""] = await process.errorLines(/Sends 3 clients away/, 1);
  assertMatch(line, /100 a second, as \S+.* \(pid \d+\) wants/);
  assertEquals(wrong.code, 2);
  assertStringIncludes(
    wrong.errors.join("\n"),
    "it must be more than 0% and up to 100%, such as 20%",
  );
  await Deno.remove(dir, { recursive: true });
});
