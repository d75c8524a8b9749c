/**
 * Clients that do not ask for sessions that outlive their sockets are served as ever.
 *
 * @module
 */
import { assertEquals, assertMatch } from "@std/assert";
import { defineHandler, type GatewayOptions } from "@gatewayworker/core";
import { startCluster } from "../../_support/cluster.ts";
import { LastingClient } from "../../_support/lasting_client.ts";
import { clientFrame, text } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

const OFFERING = UPGRADE_REQUEST.replace(
  /\r\n$/,
  "Sec-WebSocket-Protocol: chat, gatewayworker.v2\r\n" +
    "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
);

/** What a client says. */
interface Conversation {
  readonly says: readonly (string | Uint8Array)[];
  /** What it hears before it hangs up; it waits for the gateway if left out. */
  readonly until?: string;
}

const CLOSE = clientFrame(8, "");

const CONVERSATIONS: Record<string, Conversation> = {
  "an echo, a ping and a goodbye": {
    says: [
      UPGRADE_REQUEST,
      clientFrame(1, "hello"),
      clientFrame(2, "h{}"),
      clientFrame(9, "ping"),
      clientFrame(1, "x".repeat(70_000)),
      CLOSE,
    ],
  },
  "texts that would be frames of the sub-protocol": {
    says: [
      UPGRADE_REQUEST,
      clientFrame(1, 'h{"t":"","r":0}'),
      clientFrame(1, "q1 name\n{}"),
      CLOSE,
    ],
  },
  "sub-protocols that are not spoken": { says: [OFFERING, CLOSE] },
  "a farewell of the handler's": {
    says: [UPGRADE_REQUEST, clientFrame(1, "go")],
    until: "gone",
  },
  "a broken rule": {
    says: [UPGRADE_REQUEST, clientFrame(3, "what")],
    until: "opcode",
  },
  "a request in HTTP": { says: ["GET / HTTP/1.0\r\n\r\n"] },
};

async function capture(gateway: GatewayOptions): Promise<string[]> {
  await using cluster = await startCluster({
    gateway: { ...gateway, compression: { threshold: 100 } },
    handler: defineHandler({
      message: (event) => {
        if (event.binary) return event.bytes();
        if (event.text() !== "go") return event.text();
        return void event.client.close("bye", { code: 4321, reason: "gone" });
      },
    }),
  });
  const captured: string[] = [];
  for (const { says, until } of Object.values(CONVERSATIONS)) {
    using client = await RawClient.dial(cluster.gateway.addr);
    for (const part of says) await client.say(part);
    const heard = until === undefined ? "" : await client.hearUntil(until);
    if (until !== undefined) await client.hangUp();
    const rest = text(await client.hearAll());
    captured.push((heard + rest).replace(/^date: .*$/im, ""));
  }
  return captured;
}

Deno.test("to clients that ask for no such sessions, every byte is the same with resume and without", async () => {
  const without = await capture({});
  const withResume = await capture({ resume: {} });

  for (const [index, name] of Object.keys(CONVERSATIONS).entries()) {
    assertEquals(withResume[index], without[index], name);
  }
});

Deno.test("a gateway without resume does not choose gatewayworker.v1", async () => {
  await using cluster = await startCluster({ handler: defineHandler({}) });
  using client = await LastingClient.dial(cluster.gateway.addr);

  assertMatch(client.answer, /^HTTP\/1\.1 101 /);
  assertEquals(/sec-websocket-protocol/i.test(client.answer), false);
});
