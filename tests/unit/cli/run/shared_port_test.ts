import { assertEquals } from "@std/assert";
import { configure, reset } from "@logtape/logtape";
import { tellSharedPort } from "../../../../lib/cli/run/shared_port.ts";

/** What is said where the setting is a file with this text, or not there. */
async function saidOf(setting: string | undefined): Promise<string[]> {
  const lines: string[] = [];
  const path = await Deno.makeTempFile();
  await configure({
    reset: true,
    sinks: { memory: ({ message }) => void lines.push(message.join("")) },
    loggers: [
      { category: "gatewayworker", sinks: ["memory"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  try {
    if (setting === undefined) await Deno.remove(path);
    else await Deno.writeTextFile(path, setting);
    await tellSharedPort(path);
  } finally {
    await reset();
    if (setting !== undefined) await Deno.remove(path);
  }
  return lines;
}

Deno.test("tellSharedPort() says what the setting costs where it is off, and nothing else", async () => {
  const [line = "", ...others] = await saidOf("0\n");

  assertEquals(line.includes("net.ipv4.tcp_migrate_req=1"), true, line);
  assertEquals(others, []);
  assertEquals(await saidOf("1\n"), []);
  assertEquals(await saidOf(undefined), []);
});
