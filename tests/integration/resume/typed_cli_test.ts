/**
 * `notify` and `ask` on the command line, of clients on sockets.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../lib/cli/commands/commands.ts";
import { runProgram } from "../../../lib/cli/run/program.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { LastingClient } from "../../_support/lasting_client.ts";

/** Collects what is written. */
class TextWriter {
  text = "";

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

async function run(cluster: TestCluster, ...args: string[]) {
  const [stdout, stderr] = [new TextWriter(), new TextWriter()];
  const register = `--register=${cluster.registers.join(",")}`;
  const code = await runProgram([...args, register], COMMANDS, {
    stdout,
    stderr,
    env: () => undefined,
    envNames: () => [],
  });
  return { code, out: stdout.text, error: stderr.text };
}

Deno.test("notify and ask speak with clients on sockets, and say what came of it", async () => {
  await using cluster = await startCluster({
    handler: async (event) => {
      if (event.type === "connect") await event.client.bindUid("ann");
    },
    gateway: { resume: {} },
  });
  const [client] = await LastingClient.connect(cluster.gateway.addr);
  using _ = client;
  await cluster.settled();

  assertEquals(
    await run(cluster, "notify", "uid", "ann", "order", '{"id":7}'),
    {
      code: 0,
      out: "Reached 1 client\n",
      error: "",
    },
  );
  await client.expect('q0 order\n{"id":7}');
  const nobody = await run(cluster, "notify", "uid", "bob", "order");
  assertEquals([nobody.code, nobody.out], [1, ""]);

  const asked = run(cluster, "ask", "all", "version");
  const question = await client.hearBut("a", "p");
  const [, id] = /^q(\S+) version\nnull$/.exec(question) ?? [];
  await client.say(`r${id}\n"1.2"`);
  const { code, out } = await asked;
  assertEquals([code, out.slice(20)], [0, '  "1.2"\n']);
});

Deno.test("notify and ask say in one line what is wrong with what they were given", async () => {
  await using cluster = await startCluster({ handler: () => {}, workers: 0 });
  for (
    const [args, error] of [
      [["notify", "everybody", "x"], "must be one of all, client, uid, group"],
      [["notify", "uid", "ann"], 'use "notify uid ID NAME [DATA]"'],
      [["ask", "all"], 'use "ask all NAME [DATA]"'],
      [["ask", "all", "x", "1", "2"], 'use "ask all NAME [DATA]"'],
      [["ask", "all", "x", "hello"], "DATA must be JSON"],
      [["ask", "client", "7", "x"], "20 hex digits"],
    ] as const
  ) {
    const outcome = await run(cluster, ...args);
    assertEquals([outcome.code, outcome.out], [2, ""], `${args}`);
    assertStringIncludes(outcome.error, error);
    assertEquals(outcome.error.split("\n").length, 2, outcome.error);
  }
});
