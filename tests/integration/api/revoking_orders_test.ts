/**
 * Closing and refusing clients by HTTP and from a shell.
 *
 * @module
 */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { AdminServer } from "../../../lib/admin/mod.ts";
import { COMMANDS } from "../../../lib/cli/commands/commands.ts";
import { runProgram } from "../../../lib/cli/run/program.ts";
import { startApiCluster } from "./_api_cluster.ts";

const TOKEN = "s3cret";

async function run(registers: readonly string[], ...args: string[]) {
  const said = { out: "", error: "" };
  const writer = (to: "out" | "error") => ({
    writeSync(bytes: Uint8Array): number {
      said[to] += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  });
  const register = `--register=${registers.join(",")}`;
  const code = await runProgram([...args, register], COMMANDS, {
    stdout: writer("out"),
    stderr: writer("error"),
    env: () => undefined,
    envNames: () => [],
  });
  return { code, ...said };
}

Deno.test("close, refuse and allow do so from a shell, and query lists who is refused", async () => {
  await using api = await startApiCluster();
  const [a, b, c, d] = api.ids;
  await api.arrange({ uids: { tom: [a, c], ann: [b] } });
  const { registers } = api.roles;
  const shell = (...args: string[]) => run(registers, ...args);

  const closed = await shell("close", "uid", "tom", "--reason", "bye");
  const one = await shell("close", "client", d, "last words", "--code=4100");
  const nobody = await shell("close", "uid", "tom");
  const refused = await shell("refuse", "uid", "ann", "--until=2h", "--json");
  const range = await shell("refuse", "address", "203.0.113.9/24");
  const listed = await shell("query", "refusals", "--json");
  const lines = await shell("query", "refusals");
  const allowed = await shell("allow", "address", "203.0.113.0/24");
  const again = await shell("allow", "address", "203.0.113.0/24");

  assertEquals(closed, { code: 0, out: "Reached 2 clients\n", error: "" });
  assertEquals(await api.clients[0].client.closed, {
    code: 1000,
    reason: "bye",
  });
  assertEquals(one.code, 0);
  assertEquals(await api.clients[3].client.hear(), "last words");
  assertEquals((await api.clients[3].client.closed).code, 4100);
  assertEquals(nobody.code, 1);
  assertEquals(JSON.parse(refused.out).closed, 1);
  assertEquals((await api.clients[1].client.closed).code, 4010);
  assertMatch(range.out, /^Refused until 20\S+Z, 0 closed\n$/);
  const names = JSON.parse(listed.out).refusals.map((each: { name: string }) =>
    each.name
  );
  assertEquals(names, ["ann", "203.0.113.0/24"]);
  assertMatch(lines.out, /^uid {2}ann {2}20/);
  assertEquals(allowed, { code: 0, out: "Allowed\n", error: "" });
  assertEquals(again.code, 1);
});

Deno.test("refuse says what is missing, or no time at all", async () => {
  const noKind = await run(["127.0.0.1:1"], "refuse", "man", "ann");
  const noTime = await run(["127.0.0.1:1"], "refuse", "uid", "a", "--until=x");

  assertEquals(noKind.code, 2);
  assertStringIncludes(noKind.error, 'as in "refuse uid ann"');
  assertEquals(noTime.code, 2);
  assertStringIncludes(noTime.error, "such as 15m, 2h or 7d");
});

Deno.test("POST /api/close, /api/refuse and /api/allow do what they say", async () => {
  await using api = await startApiCluster();
  const [a, b] = api.ids;
  await api.arrange({ uids: { tom: [a], ann: [b] } });
  await using server = await AdminServer.start({
    cluster: api.api,
    listen: "127.0.0.1:0",
    token: TOKEN,
  });
  const ask = async (path: string, body?: unknown) => {
    const url = `http://127.0.0.1:${server.addr.port}/api/${path}`;
    const response = await fetch(url, {
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
      },
      ...(body !== undefined && {
        method: "POST",
        body: JSON.stringify(body),
      }),
    });
    return [response.status, await response.json()];
  };
  const until = new Date(Date.now() + 60_000).toISOString();

  const answers = [
    await ask("close", { to: "uid", id: "tom", code: 4100 }),
    await ask("refuse", { uid: "ann", until, reason: "spam" }),
    await ask("refusals"),
    await ask("allow", { uid: "ann" }),
    await ask("allow", { uid: "ann" }),
  ];
  const wrong = [
    await ask("close", { to: "all", id: "tom" }),
    await ask("refuse", { uid: "ann", address: "10.0.0.1" }),
    await ask("refuse", { uid: "ann", until: "soon" }),
    await ask("allow", { group: "ann" }),
  ];

  assertEquals(answers, [
    [200, { closed: 1 }],
    [200, { closed: 1 }],
    [200, {
      refusals: [{ kind: "uid", name: "ann", until, reason: "spam" }],
    }],
    [200, { wasRefused: true }],
    [200, { wasRefused: false }],
  ]);
  assertEquals(await api.clients[1].client.closed, {
    code: 4010,
    reason: "spam",
  });
  assertEquals(wrong.map(([status]) => status), [400, 400, 400, 400]);
});
