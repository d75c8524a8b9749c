import { assertEquals, assertMatch } from "@std/assert";
import {
  clientUrl,
  handlerPath,
  runCommand,
  startAll,
} from "../../_support/commands.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

const OFFER =
  "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n";

/** What a gateway with these flags answers to an offer of compression. */
async function agreement(...flags: string[]): Promise<string | undefined> {
  await using process = startAll(handlerPath("lively"), [
    "--workers=1",
    ...flags,
  ]);
  const port = Number(new URL(await clientUrl(process)).port);
  using client = await RawClient.dial({ port });
  await client.say(UPGRADE_REQUEST.slice(0, -2) + OFFER);
  const answer = await client.hearUntil("\r\n\r\n");
  return /^Sec-WebSocket-Extensions: (.*)\r$/m.exec(answer)?.[1];
}

Deno.test("start --compression agrees on whole windows without context", async () => {
  assertEquals(
    await agreement("--compression"),
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
  );
});

Deno.test("start --compression-context-takeover --compression-window-bits are agreed on", async () => {
  assertEquals(
    await agreement(
      "--compression",
      "--compression-context-takeover",
      "--compression-window-bits=9",
    ),
    "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
  );
});

Deno.test("gateway --compression-window-bits refuses windows that there are not", async () => {
  for (const bits of ["7", "16", "wide"]) {
    const { code, errors } = await runCommand([
      "gateway",
      "--compression",
      `--compression-window-bits=${bits}`,
    ]);

    assertEquals(code, 2);
    assertMatch(
      errors.join("\n"),
      /Cannot use --compression-window-bits as it must be .* from 8 to 15/,
    );
  }
});
