/**
 * Upgrade requests as libraries and browsers send them, beyond the usual.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { AuthorizationRequest } from "@gatewayworker/core/gateway";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { LogLines } from "../../_support/log_lines.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

/** Sends an upgrade request with further lines, and returns the head of the answer. */
async function upgrade(
  { gateway }: TestCluster,
  lines: string,
  target = "/room?id=7",
): Promise<string> {
  using client = await RawClient.dial(gateway.addr);
  const request = UPGRADE_REQUEST.replace("/room?id=7", () => target);
  await client.say(request.slice(0, -2) + lines + "\r\n");
  return await client.hearUntil("\r\n\r\n");
}

Deno.test("authorize() and handlers read a target and cookies in raw UTF-8 as from a browser", async () => {
  const asked = Promise.withResolvers<AuthorizationRequest>();
  const came = Promise.withResolvers<unknown>();
  await using cluster = await startCluster({
    handler: (event) => {
      if (event.type !== "connect") return;
      const { path, query, cookies } = event.request ?? {};
      came.resolve([path, query?.get("name"), cookies?.["name"]]);
    },
    gateway: { authorize: (request) => asked.resolve(request) },
  });

  await upgrade(cluster, "Cookie: name=Zoë; x=1\r\n", "/räume?name=Zoë");

  const expected = ["/r%C3%A4ume", "Zoë", "Zoë"];
  const { path, query, cookies } = await asked.promise;
  assertEquals([path, query.get("name"), cookies["name"]], expected);
  assertEquals(await came.promise, expected);
});

Deno.test("a gateway takes an empty Sec-WebSocket-Protocol for none, as of Tcl's client", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({ handler: () => {} });

  const answer = await upgrade(cluster, "Sec-WebSocket-Protocol: \r\n");

  assertMatch(answer, /^HTTP\/1\.1 101 /);
  assertEquals(/Sec-WebSocket-Protocol/i.test(answer), false);
  assertEquals(log.lines.filter((line) => line.includes("sub-protocol")), []);
});

Deno.test("a gateway says once that clients ask for sub-protocols which it does not speak", async () => {
  await using log = await LogLines.collect();
  await using cluster = await startCluster({
    handler: () => {},
    gateway: { subprotocols: ["chat"] },
  });
  const secret = "eyJhbGciOiJIUzI1NiJ9.eyJ4IjoxfQ.abc_-";

  for (const offer of [`${secret}, mqtt`, "wamp", "chat"]) {
    const answer = await upgrade(
      cluster,
      `Sec-WebSocket-Protocol: ${offer}\r\n`,
    );
    assertMatch(answer, /^HTTP\/1\.1 101 /);
    assertEquals(
      /\r\nSec-WebSocket-Protocol: chat\r\n/.test(answer),
      offer === "chat",
    );
  }

  const lines = log.lines.filter((line) => line.includes("sub-protocol"));
  assertEquals(lines.length, 1);
  assert(lines[0]?.includes('"mqtt"') && lines[0].includes("--subprotocols"));
  assertEquals(lines[0]?.includes(secret), false);
});

Deno.test("a gateway agrees on compression where an extension header is empty, or ends with a comma", async () => {
  await using cluster = await startCluster({
    handler: () => {},
    gateway: { compression: {} },
  });

  for (const more of ["Sec-WebSocket-Extensions:\r\n", ""]) {
    const answer = await upgrade(
      cluster,
      `${more}Sec-WebSocket-Extensions: permessage-deflate,\r\n`,
    );

    assertMatch(answer, /^HTTP\/1\.1 101 /);
    assertMatch(answer, /\r\nSec-WebSocket-Extensions: permessage-deflate;/);
    assertEquals(/max_window_bits/.test(answer), false);
  }
});
