import { assertEquals, assertStringIncludes } from "@std/assert";
import { giveDrain } from "../../lib/cli/ask/give_drain.ts";
import type { CommandContext } from "../../lib/cli/options/command.ts";
import type { Settings } from "../../lib/cli/options/option_table.ts";
import { forOne } from "../../lib/cli/run/supervisor_answers.ts";
import { ControlServer } from "../../lib/process/control.ts";
import { RuntimeDir, RuntimeDirError } from "../../lib/process/runtime_dir.ts";
import type { Supervisor } from "../../lib/process/supervisor.ts";

Deno.test("drain goes on with the other gateways of the machine where one does not do it, and fails in the end", async () => {
  const path = await Deno.makeTempDir();
  const dir = new RuntimeDir(path);
  const asked: string[] = [];
  const serve = (name: string, failure?: string) =>
    ControlServer.open(dir, name, (order, say) => {
      asked.push(`${name} ${JSON.stringify({ ...order, by: undefined })}`);
      if (failure !== undefined) throw new RuntimeDirError(failure);
      say(`${name} is done`);
      return Promise.resolve();
    });
  await using _first = await serve("gateway-1", "no other gateway");
  await using _second = await serve("gateway-2");
  const [out, errors]: [string[], string[]] = [[], []];
  const context = {
    settings: {
      runtimeDir: path,
      register: ["127.0.0.1:1236"],
    } as unknown as Settings,
    operands: [],
    output: {
      out: (line: string) => void out.push(line),
      error: (line: string) => void errors.push(line),
    },
  } as unknown as CommandContext;

  const code = await giveDrain(context, { order: "drain", rate: 7 });

  assertEquals(code, 1);
  assertEquals(asked, [
    'gateway-1 {"order":"drain","rate":7}',
    'gateway-2 {"order":"drain","rate":7}',
  ]);
  assertEquals(out, ["gateway-2 is done\n"]);
  assertStringIncludes(errors.join(), "gateway-1: no other gateway");
  await Deno.remove(path, { recursive: true });
});

Deno.test("the rate of a drain is that of all gateways of a supervisor together, however few", () => {
  const supervisor = { pids: () => [1, 2, 3] } as unknown as Supervisor;

  for (const rate of [1, 10, 500]) {
    const one = forOne({ about: "drain", rate, by: "ann" }, supervisor).rate;
    assertEquals(Math.round((one ?? 0) * 3 * 1e6) / 1e6, rate);
  }
  assertEquals(
    forOne({ about: "drain", by: "ann" }, supervisor).rate,
    undefined,
  );
});
