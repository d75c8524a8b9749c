/** Frames of some clients are shown to whoever administers a cluster, through processes. @module */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  handlerPath,
  registerAddress,
  runCommand,
  startAllAt,
} from "../_support/commands.ts";
import { getAvailablePorts, startCli } from "../_support/processes.ts";
import { TestClient } from "../_support/test_client.ts";

const TOKEN = "a-token-of-this-test";

Deno.test("tap shows what a uid sends and gets, without what it says, says so in log and status, and ends with the command", async () => {
  const dir = await Deno.makeTempDir();
  const admin = `127.0.0.1:${getAvailablePorts(1)}`;
  const env = { GATEWAYWORKER_API_TOKEN: TOKEN };
  await using cluster = startAllAt(registerAddress(), handlerPath("tapped"), [
    `--runtime-dir=${dir}`,
    "--workers=1",
    "--gateways=2",
    `--admin=${admin}`,
    "--close-timeout=1",
  ], { env });
  const summary = await cluster.line(/^All ready/);
  const urls = summary.match(/ws:[\d./]+:\d+/g) ?? [];
  assertEquals(urls.length, 2);
  const clients = await Promise.all(
    Array.from(
      { length: 8 },
      (_, index) => TestClient.connect(urls[index % 2] ?? ""),
    ),
  );
  const say = async (client: TestClient | undefined, message: unknown) => {
    client?.send(JSON.stringify(message));
    await client?.hear();
  };
  for (const client of clients) await say(client, { uid: "ann" });
  const other = await TestClient.connect(urls[0] ?? "");
  await say(other, { uid: "bob" });

  {
    await using here = startCli(
      ["tap", "uid", "ann", "--json", `--runtime-dir=${dir}`],
      { env },
    );
    await using there = startCli(
      ["tap", "uid", "ann", "--show-payload", `--admin=${admin}`],
      { env },
    );
    await here.lines(/Tapping at gateway/, 2);
    await there.lines(/Tapping at gateway/, 2);
    for (const client of clients) {
      await say(client, { text: "hush", list: [{ n: 1 }] });
    }
    await say(other, { text: "not for taps" });
    const rows = (await here.lines(/"way"/, 16)).map((line) =>
      JSON.parse(line)
    );
    const shown = await there.lines(/ message /, 16);

    for (const row of rows) {
      assertEquals([row.uid, row.kind], ["ann", "message"]);
    }
    const [sent, got] = ["in", "out"].map((way) =>
      rows.filter((row) => row.way === way)
    );
    assertEquals([sent?.length, got?.length], [8, 8]);
    assertEquals(
      sent?.[0].shape,
      '{"text": string, "list": list(1) of {"n": number}}',
    );
    assertEquals(got?.[0].shape, '{"answer": string, "to": list(2) of number}');
    assertEquals(
      new Set(rows.map(({ client }) => client.slice(0, 12))).size,
      2,
    );
    assert(!here.out.join().includes("hush"), "values are shown");
    assert(!here.out.join().includes("secret"), "values are shown");
    assert(shown.some((line) => line.includes('"text":"hush"')));
    assert(!there.out.join().includes("not for taps"), "others are shown");
    const status = await runCommand(["status", `--runtime-dir=${dir}`]);
    const tapped = status.out.filter((line) => line.startsWith("TAPPED"));
    assertEquals(tapped.length, 4);
    assertMatch(tapped.join(), /taps uid "ann" at Gateway .*: 8 frames shown/);
  }

  const begun = await cluster.errorLines(/taps uid "ann" from now on/, 4);
  const ended = await cluster.errorLines(/taps uid "ann" no more/, 4);
  assertMatch(begun.join(), /\(pid \d+\), over the control socket, taps/);
  assertMatch(
    begun.join(),
    /over HTTP with the token, taps .* what frames say/,
  );
  assertMatch(ended.join(), /8 frames were shown, 0 left out/);
  const refused = await runCommand(["tap", "uid", "ann", `--admin=${admin}`], {
    env: { GATEWAYWORKER_API_TOKEN: "another" },
  });
  assertEquals(refused.code, 1);
  assertMatch(refused.errors.join(), /Cannot answer without the token/);
  for (const client of [...clients, other]) await client.close();
  await Deno.remove(dir, { recursive: true });
});
