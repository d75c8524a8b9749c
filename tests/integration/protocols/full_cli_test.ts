import { assertMatch } from "@std/assert";
import { handlerPath, startAll } from "../../_support/commands.ts";
import { KeyFiles } from "../../_support/key_files.ts";
import { text } from "../../unit/transport/_feed.ts";
import { UPGRADE_REQUEST } from "../../unit/transport/_raw_client.ts";
import { TlsClient } from "../../unit/transport/_tls_client.ts";

Deno.test("start --max-connections has one client too many told over wss to come later", async () => {
  await using files = await KeyFiles.write();
  await using process = startAll(handlerPath("lively"), [
    "--workers=1",
    "--max-connections=1",
    "--listen=wss://127.0.0.1:0",
    ...files.options,
  ]);
  const summary = await process.line(/^All ready/);
  const port = Number(/wss:\S+:(\d+)/.exec(summary)?.[1]);
  using first = await TlsClient.dial({ port });
  await first.say(UPGRADE_REQUEST);
  assertMatch(await first.hearHead(), /^HTTP\/1\.1 101 /);

  using refused = await TlsClient.dial({ port });
  await refused.say(UPGRADE_REQUEST);

  assertMatch(
    text(await refused.hearAll()),
    /^HTTP\/1\.1 503 [^]*\r\nRetry-After: 5\r\n/,
  );
  await process.errorLines(/Refused 1 clients with 503: 1 are connected/, 1);
});
