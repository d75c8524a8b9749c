import { assertEquals, assertStringIncludes } from "@std/assert";
import type {
  Command,
  CommandContext,
} from "../../../../lib/cli/options/command.ts";
import { runProgram } from "../../../../lib/cli/run/program.ts";

/** Standard output or standard error, remembered. */
class Text {
  value = "";

  writeSync(bytes: Uint8Array): number {
    this.value += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

/** A command that remembers what it was given. */
function fakeCommand(): Command & { given?: CommandContext } {
  const command: Command & { given?: CommandContext } = {
    name: "count",
    operands: ["WORD"],
    summary: "count",
    description: "Counts.",
    examples: "count word",
    options: ["count"],
    run: (context) => {
      command.given = context;
      context.output.out("done\n");
      return Promise.resolve(0);
    },
  };
  return command;
}

async function run(
  args: string[],
  env: Record<string, string> = {},
): Promise<{
  code: number;
  stdout: string;
  stderr: string;
  given: CommandContext | undefined;
}> {
  const [stdout, stderr, command] = [new Text(), new Text(), fakeCommand()];
  const code = await runProgram(args, [command], {
    stdout,
    stderr,
    env: (name) => env[name],
    envNames: () => Object.keys(env),
  });
  return {
    code,
    stdout: stdout.value,
    stderr: stderr.value,
    given: command.given,
  };
}

Deno.test("runProgram() runs the command with its settings and operands", async () => {
  const { code, stdout, stderr, given } = await run(["count", "word"], {
    GATEWAYWORKER_COUNT: "4",
  });

  assertEquals([code, stdout, stderr], [0, "done\n", ""]);
  assertEquals(given?.settings.count, 4);
  assertEquals(given?.operands, ["word"]);
});

Deno.test("runProgram() lists mistakes on standard error, exits with 2 and runs nothing", async () => {
  const { code, stdout, stderr, given } = await run(["count", "--bogus"], {
    GATEWAYWORKER_COUNT: "x",
  });

  assertEquals([code, stdout, given], [2, "", undefined]);
  assertEquals(stderr.trim().split("\n").length, 2);
  assertStringIncludes(stderr, "--bogus");
  assertStringIncludes(stderr, "GATEWAYWORKER_COUNT");
});

Deno.test("runProgram() prints help on standard output, and on standard error if nobody asked", async () => {
  const asked = await run(["--help"]);
  const unasked = await run([]);

  assertEquals([asked.code, asked.stderr], [0, ""]);
  assertStringIncludes(asked.stdout, "count WORD");
  assertEquals([unasked.code, unasked.stdout], [2, ""]);
  assertStringIncludes(unasked.stderr, "count WORD");
});

Deno.test("runProgram() warns in the look of the log, and goes on", async () => {
  const env = { GATEWAYWORKER_CUONT: "4" };

  const text = await run(["count", "word"], env);
  const json = await run(["count", "word", "--log-format=json"], env);
  const quiet = await run(["count", "word", "--log-level=error"], env);

  assertEquals([text.code, json.code, quiet.code], [0, 0, 0]);
  assertStringIncludes(text.stderr, "did you mean GATEWAYWORKER_COUNT?");
  assertStringIncludes(
    JSON.parse(json.stderr).message,
    "Ignores GATEWAYWORKER_CUONT",
  );
  assertEquals(quiet.stderr, "");
});
