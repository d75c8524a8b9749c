import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NOBODY, type ProcessQuestion } from "../../lib/cli/ask/question.ts";
import { giveDrain } from "../../lib/cli/ask/give_drain.ts";
import type { CommandContext } from "../../lib/cli/options/command.ts";
import type { Settings } from "../../lib/cli/options/option_table.ts";
import { drainGateways } from "../../lib/cli/run/drain_gateways.ts";
import { answersOf, forOne } from "../../lib/cli/run/supervisor_answers.ts";
import { ControlServer } from "../../lib/process/control.ts";
import { RuntimeDir, RuntimeDirError } from "../../lib/process/runtime_dir.ts";
import type { Supervisor } from "../../lib/process/supervisor.ts";

/** What a command prints, and what it was given. */
function contextFor(path: string) {
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
  return { context, out, errors };
}

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
  const { context, out, errors } = contextFor(path);

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

Deno.test("drain says which gateway ended before it was done, and how far it was, and fails in the end", async () => {
  const path = await Deno.makeTempDir();
  const dir = new RuntimeDir(path);
  const ending = Promise.withResolvers<void>();
  const lost = await ControlServer.open(dir, "gateway-1", async (_, say) => {
    await say("480 clients wait for their turn, 20 are on their way");
    // As when a process is killed: nothing more comes over the socket.
    void lost[Symbol.asyncDispose]();
    await ending.promise;
  });
  await using _second = await ControlServer.open(
    dir,
    "gateway-2",
    (_, say) => say("gateway-2 is done"),
  );
  const { context, out, errors } = contextFor(path);

  const code = await giveDrain(context, { order: "drain", rate: 7 });
  ending.resolve();

  assertEquals(code, 1);
  assertEquals(out.at(-1), "gateway-2 is done\n");
  assertStringIncludes(
    errors.join(),
    'gateway-1: Cannot drain to the end: the process ended before it was done; the last that it said is "480 clients wait for their turn, 20 are on their way"',
  );
  await Deno.remove(path, { recursive: true });
});

Deno.test("a gateway of a supervisor that ends during a drain is named, with its clients that were not told, and the drain fails", async () => {
  const report = (pid: number, waiting: number) => ({
    ...NOBODY,
    gateways: [{ id: `${pid}`, pid, drain: { told: 1, waiting, going: 2 } }],
  });
  const drained = Promise.withResolvers<void>();
  const supervisor = {
    pids: () => [41, 42],
    ask: async ({ about }: ProcessQuestion) => {
      const states = [{ name: "gateway 0", pid: 41 }, {
        name: "gateway 1",
        pid: 42,
      }];
      if (about === "stop") return states;
      if (about === "report") {
        return states.map((state) => ({
          ...state,
          answer: report(state.pid, state.pid === 42 ? 300 : 0),
        }));
      }
      await drained.promise;
      const [first, second] = states;
      const answer = { told: 5, waiting: 0, going: 0 };
      return [{ ...first, answer }, { ...second, answer: undefined }];
    },
  } as unknown as Supervisor;
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    drained.resolve();
  };

  const draining = drainGateways(
    answersOf(supervisor),
    { order: "drain", by: "ann" },
    { say, delay: 0 },
  );

  await assertRejects(
    () => draining,
    RuntimeDirError,
    "Cannot send all clients away: gateway 1 (pid 42) ended meanwhile, with 300 clients that had not been told to go and 2 on their way",
  );
  assertEquals(lines, ["300 clients wait for their turn, 4 are on their way"]);
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
