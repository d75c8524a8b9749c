/**
 * `send`, `query` and `api` on the command line.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { COMMANDS } from "../../../lib/cli/commands/commands.ts";
import { runProgram } from "../../../lib/cli/run/program.ts";
import { CLI, startCli } from "../../_support/processes.ts";
import { type ApiCluster, startApiCluster } from "./_api_cluster.ts";

/** What a command came to. */
interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Collects what is written. */
class TextWriter {
  text = "";

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }
}

async function run(api: ApiCluster, ...args: string[]): Promise<Outcome> {
  const [stdout, stderr] = [new TextWriter(), new TextWriter()];
  const register = `--register=${api.roles.registers.join(",")}`;
  const code = await runProgram([...args, register], COMMANDS, {
    stdout,
    stderr,
    env: () => undefined,
    envNames: () => [],
  });
  return { code, out: stdout.text, error: stderr.text };
}

Deno.test("send reaches everybody, a client, a uid or a group", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c] }, groups: { lobby: [b] } });
  const done = { code: 0, out: "", error: "" };

  assertEquals(await run(api, "send", "all", "hello all"), done);
  assertEquals(await run(api, "send", "client", a, "one"), done);
  assertEquals(await run(api, "send", "uid", "tom", "two"), done);
  assertEquals(await run(api, "send", "group", "lobby", "--binary", "A"), done);

  assertEquals(await api.heard(api.api), [
    "hello all,one,two",
    "hello all,bytes 65",
    "hello all,two",
    "hello all",
  ]);
});

Deno.test("send --confirm says how many were reached, and fails if nobody was", async () => {
  await using api = await startApiCluster();
  const [a] = api.ids;
  await api.arrange({ uids: { tom: [a] } });

  assertEquals(
    await run(api, "send", "uid", "tom", "hi", "--confirm"),
    { code: 0, out: "Reached 1 client\n", error: "" },
  );
  assertEquals(
    await run(api, "send", "all", "hi", "--confirm", "--json"),
    { code: 0, out: '{"reached":4}\n', error: "" },
  );
  assertEquals(await run(api, "send", "uid", "eve", "hi", "--confirm"), {
    code: 1,
    out: "",
    error: "Cannot send to uid eve: nobody was reached\n",
  });
  assertEquals(
    (await run(api, "send", "uid", "eve", "hi", "--confirm", "--json")).out,
    '{"reached":0}\n',
  );
});

Deno.test("send reads the message from standard input", async () => {
  await using api = await startApiCluster();
  const [register = ""] = api.roles.registers;
  for (const rest of [[], ["-"]]) {
    const child = new Deno.Command("deno", {
      args: ["run", "-A", CLI, "send", "all", ...rest, "--register", register],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("two\nlines"));
    await writer.close();

    assertEquals((await child.status).code, 0);
  }
  assertEquals((await api.heard(api.api))[0], "two\nlines,two\nlines");
});

Deno.test("query answers every question, for people and for programs", async () => {
  await using api = await startApiCluster();
  const [a, b, c] = api.ids;
  await api.arrange({ uids: { tom: [a, c] }, groups: { lobby: [b] } });
  await api.api.setSession(b, { name: "B\u001b[31m", at: new Date(0) });
  const session = '{"name":"B\\u001b[31m","at":"1970-01-01T00:00:00.000Z"}';

  for (
    const [args, out, json] of [
      [["online", "tom"], "yes\n", '{"online":true}'],
      [["online", "eve"], "no\n", '{"online":false}'],
      [["count"], "4\n", '{"count":4}'],
      [["count", "lobby"], "1\n", '{"count":1}'],
      [["clients", "lobby"], `${b}\n`, `{"clients":["${b}"]}`],
      [["uids"], "tom\n", '{"uids":["tom"]}'],
      [["groups"], "lobby  1\n", '{"groups":{"lobby":1}}'],
      [
        ["sessions", "lobby"],
        `${b}  ${session}\n`,
        `{"sessions":{"${b}":${session}}}`,
      ],
      [
        ["client", b],
        `groups  ["lobby"]\nsession  ${session}\n`,
        `{"client":{"groups":["lobby"],"session":${session}}}`,
      ],
      [["client", `${b.slice(0, 12)}00000000`], "gone\n", '{"client":null}'],
    ] as const
  ) {
    assertEquals(
      await run(api, "query", ...args),
      { code: 0, out, error: "" },
    );
    assertEquals((await run(api, "query", ...args, "--json")).out, `${json}\n`);
  }
});

Deno.test("send and query say what is wrong in one line, and send nothing", async () => {
  await using api = await startApiCluster();
  for (
    const [args, error] of [
      [["send"], "it needs a all|client|uid|group"],
      [["send", "room", "x"], 'Cannot send to "room": it must be one of all'],
      [["send", "all", "x", "y"], '"y" is too many'],
      [["send", "uid"], "Cannot send to a uid: say which"],
      [["send", "workers", "chess", "x"], 'workers "chess": say which labels'],
      [["send", "client", "7", "x"], "20 hex digits"],
      [["send", "uid", "", "x"], "a text that is not empty"],
      [["send", "uid", "a", "b", "c"], '"c" is too many'],
      [["query"], "it needs a QUESTION"],
      [["query", "onlin"], 'did you mean "online"?'],
      [["query", "online"], 'use "query online UID"'],
      [["query", "groups", "x"], '"x" is too many'],
      [["query", "client", "x"], "20 hex digits"],
    ] as const
  ) {
    const outcome = await run(api, ...args);
    assertEquals([outcome.code, outcome.out], [2, ""], `${args}`);
    assertStringIncludes(outcome.error, error);
    assertEquals(outcome.error.split("\n").length, 2, outcome.error);
  }
  assertEquals(await api.heard(api.api), ["", "", "", ""]);
});

Deno.test("send fails with one line when no Register answers", async () => {
  const outcome = startCli([
    "send",
    "all",
    "x",
    "--register",
    "127.0.0.1:9",
  ]);
  await using process = outcome;

  assertEquals((await process.status).code, 1);
  const [line = ""] = await process.errorLines(/./, 1);
  assertStringIncludes(line, "no answer from Register 127.0.0.1:9");
});

Deno.test("api serves the cluster to programs in any language, also if the cluster comes later", async () => {
  await using api = await startApiCluster();
  const [register = ""] = api.roles.registers;
  await using process = startCli(
    ["api", "--api-listen", "127.0.0.1:0", "--register", register],
    { env: { GATEWAYWORKER_API_TOKEN: "s3cret" } },
  );
  const ready = await process.line(/^API ready/);
  const origin = /http:\/\/[\d.:]+/.exec(ready)?.[0];

  const sent = await fetch(`${origin}/api/send`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      authorization: "Bearer s3cret",
    },
    body: '{"to":"all","message":"hello"}',
  });

  assertEquals(await sent.json(), { reached: 4 });
  assertEquals(await api.heard(api.api), ["hello", "hello", "hello", "hello"]);
  process.signal("SIGTERM");
  assertEquals((await process.status).code, 0);
});
