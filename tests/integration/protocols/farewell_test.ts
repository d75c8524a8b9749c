/**
 * Clients that still send, or are slow to read, when they are told why they must go.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { pause } from "../../../lib/base/pause.ts";
import type { Connection } from "../../../lib/transport/connection.ts";
import { ClientListener } from "../../../lib/transport/listener/listener.ts";
import type { ClientListenerOptions } from "../../../lib/transport/listener/listener_options.ts";
import { Inbox } from "../../_support/inbox.ts";
import { TEST_CERT, TEST_KEY } from "../../unit/transport/_certificate.ts";
import { clientFrame } from "../../unit/transport/_feed.ts";
import {
  RawClient,
  UPGRADE_REQUEST,
} from "../../unit/transport/_raw_client.ts";

/** A listener, and the connections that it was given. */
async function serve(scheme: string, more: ClientListenerOptions) {
  const options = { ...more, cert: TEST_CERT, key: TEST_KEY };
  const connections = new Inbox<Connection>();
  const listener = new ClientListener(
    `${scheme}://127.0.0.1:0`,
    options,
    () => ({
      onOpen: (connection) => connections.push(connection),
      onMessage: () => {},
      onClose: () => {},
    }),
  );
  await listener.listening;
  return { listener, connections };
}

/** A client that has shaken hands, inside of TLS if that is spoken. */
async function join({ url, addr: { port } }: ClientListener) {
  const client = url.tls
    ? new RawClient(
      await Deno.connectTls({
        hostname: "localhost",
        port,
        caCerts: [TEST_CERT],
      }),
    )
    : await RawClient.dial({ port });
  if (url.protocol !== "ws") return client;
  await client.say(UPGRADE_REQUEST);
  await client.hearUntil("\r\n\r\n");
  return client;
}

/** What the close frame in some bytes says, as its last four bytes would. */
function codeAt(end: number, bytes: Uint8Array): number {
  return ((bytes.at(end) ?? 0) << 8) | (bytes.at(end + 1) ?? 0);
}

for (const scheme of ["ws", "wss"]) {
  Deno.test(`a client of ${scheme} that sends all of 16 MiB before it listens hears 1009`, async () => {
    const { listener } = await serve(scheme, {});
    await using _listener = listener;
    using client = await join(listener);

    await client.say(clientFrame(2, new Uint8Array(16 * 1_048_576)));
    const heard = await client.hearAll();

    assertEquals(codeAt(2, heard), 1009);
  });
}

Deno.test("a client that goes on sending after it was told 1002 hears it, and may leave in its own time", async () => {
  const { listener } = await serve("ws", { closeTimeout: 100 });
  await using _listener = listener;
  using client = await join(listener);

  await client.say(clientFrame(3, ""));
  for (let each = 0; each < 8; each++) {
    await client.say(new Uint8Array(50_000));
    await pause(25);
  }

  assertEquals(codeAt(2, await client.hearAll()), 1002);
});

for (
  const [scheme, farewell] of [
    ["ws", 16],
    ["wss", 16],
    ["text", 0],
    ["tls+text", 0],
  ] as const
) {
  Deno.test(`a client of ${scheme} that reads slowly gets all that was sent before the end`, async () => {
    const message = new Uint8Array(90_000).fill(120);
    const { listener, connections } = await serve(scheme, {
      closeTimeout: 100,
    });
    await using _listener = listener;
    using client = await join(listener);
    const connection = await connections.next();
    let sent = 0;
    // Fills what the operating system holds, and 900 KB of what the gateway may.
    while (connection.queuedBytes < 900_000) {
      connection.send(message, 0, message.length, false);
      sent++;
      await pause(1);
    }
    connection.close({ code: 4100, reason: "that was all" });

    const frame = message.length + (farewell > 0 ? 10 : 1);
    let left = sent * frame + farewell;
    for (; left > 300_000; left -= 300_000) {
      await client.hear(300_000);
      await pause(20);
    }

    const end = await client.hearAll();
    assertEquals(end.length, left);
    if (farewell > 0) assertEquals(codeAt(-14, end), 4100);
  });
}

Deno.test("a client that stops reading, and reads again after three times the limit, sees 4008", async () => {
  const { listener, connections } = await serve("ws", {
    closeTimeout: 100,
    sendBuffer: 100_000,
  });
  await using _listener = listener;
  using client = await join(listener);
  const connection = await connections.next();
  const message = new Uint8Array(50_000);

  while (connection.send(message, 0, message.length, true) !== "dropped") {
    await pause(0);
  }
  await pause(300);

  const end = (await client.hearAll()).slice(-17);
  assertEquals(codeAt(2, end), 4008);
});
