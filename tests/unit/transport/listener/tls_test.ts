/**
 * What a listener does with TLS: before it, in it, and at its end.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type {
  Connection,
  ConnectionListener,
} from "../../../../lib/transport/connection.ts";
import { ClientListener } from "../../../../lib/transport/listener/listener.ts";
import type { ClientListenerOptions } from "../../../../lib/transport/listener/listener_options.ts";
import { ConnectionLimit } from "../../../../lib/transport/admission/connection_limit.ts";
import { eventually } from "../../../_support/eventually.ts";
import { Inbox } from "../../../_support/inbox.ts";
import { OTHER_CERT, OTHER_KEY, TEST_CERT, TEST_KEY } from "../_certificate.ts";
import { bytes, clientFrame, text } from "../_feed.ts";
import { RawClient, UPGRADE_REQUEST } from "../_raw_client.ts";
import { TlsClient } from "../_tls_client.ts";

const VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** `quit` ends a client, `pause` has it wait; all else is sent back. */
async function serve(scheme: string, options: ClientListenerOptions = {}) {
  const events = new Inbox<string>();
  const connections: Connection[] = [];
  const accept = (connection: Connection): ConnectionListener => ({
    onOpen: () => {
      connections.push(connection);
      events.push(`open ${connection.remoteAddress.replace(/:\d+$/, "")}`);
    },
    onMessage: (buffer, start, end, binary) => {
      const said = text(buffer.subarray(start, end));
      if (said === "quit") connection.close({ code: 4000, reason: "quit" });
      else if (said === "pause") {
        connection.pause();
        events.push("paused");
      } else connection.send(buffer, start, end, binary);
    },
    onClose: (code) => events.push(`close ${code}`),
  });
  const tls = { cert: TEST_CERT, key: TEST_KEY, closeTimeout: 100 };
  const listener = new ClientListener(
    `${scheme}://127.0.0.1:0`,
    { ...tls, ...options },
    accept,
  );
  await listener.listening;
  return { listener, events, connections, port: listener.addr.port };
}

/** What a client of another make says of its session. */
interface NodeSession {
  readonly isReused: boolean;
  /** What would resume it, in base64. */
  readonly session: string;
}

/** Runs in Node, whose TLS is OpenSSL: connects, and takes the session that it gets. */
const NODE_CLIENT = `
const [port, version, session] = process.argv.slice(1);
let last;
const socket = require("node:tls").connect({
  port, host: "127.0.0.1", rejectUnauthorized: false,
  minVersion: version, maxVersion: version,
  session: session && Buffer.from(session, "base64"),
}, () => socket.write("hello\\n"));
socket.on("session", (session) => last = session);
socket.on("data", () => {
  console.log(JSON.stringify({
    isReused: socket.isSessionReused(),
    session: (last ?? socket.getSession()).toString("base64"),
  }));
  socket.end();
});
`;

async function dialNode(
  port: number,
  version: string,
  session = "",
): Promise<NodeSession> {
  const { stdout } = await new Deno.Command("node", {
    args: ["-e", NODE_CLIENT, "--", `${port}`, version, session],
  }).output();
  return JSON.parse(text(stdout));
}

const HEADER_V2 = Uint8Array.of(
  ...bytes("\r\n\r\n\0\r\nQUIT\n"),
  ...[0x21, 0x11, 0, 12, 203, 0, 113, 9, 127, 0, 0, 1, 0x13, 0x88, 0x20, 0x5a],
);

for (
  const [version, before] of [
    ["1", "PROXY TCP4 203.0.113.9 127.0.0.1 5000 8282\r\n"],
    ["2", HEADER_V2],
  ] as const
) {
  for (const scheme of ["wss", "tls+text"]) {
    Deno.test(`ClientListener takes version ${version} of a proxy's header before the TLS of ${scheme}, in one segment with it`, async () => {
      const { listener, events, port } = await serve(scheme, {
        proxyProtocol: true,
      });
      await using _listener = listener;
      using client = await TlsClient.dial({ port, before });

      await client.say(scheme === "wss" ? UPGRADE_REQUEST : "hello\n");

      if (scheme === "wss") await client.hearHead();
      else assertEquals(text(await client.hear(6)), "hello\n");
      assertEquals(await events.next(), "open 203.0.113.9");
    });
  }
}

Deno.test("ClientListener takes a proxy's header before TLS byte by byte", async () => {
  const { listener, events, port } = await serve("tls+text", {
    proxyProtocol: true,
  });
  await using _listener = listener;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  for (const byte of HEADER_V2) await conn.write(Uint8Array.of(byte));

  using client = new RawClient(
    await Deno.startTls(conn, {
      hostname: "localhost",
      caCerts: [TEST_CERT],
    }),
  );
  await client.say("hello\n");

  assertEquals(text(await client.hear(6)), "hello\n");
  assertEquals(await events.next(), "open 203.0.113.9");
});

Deno.test("ClientListener takes a proxy that speaks for itself before TLS for the client", async () => {
  const { listener, events, port } = await serve("tls+text", {
    proxyProtocol: true,
  });
  await using _listener = listener;
  using _client = await TlsClient.dial({ port, before: "PROXY UNKNOWN\r\n" });

  assertEquals(await events.next(), "open 127.0.0.1");
});

for (
  const [what, before] of [
    ["no header", ""],
    ["a broken header", "PROXY TCP4 nowhere\r\n"],
    ["the header within TLS only", ""],
  ]
) {
  Deno.test(`ClientListener cuts off who sends ${what} before TLS, and raises nothing`, async () => {
    const { listener, events, port } = await serve("tls+text", {
      proxyProtocol: true,
    });
    await using _listener = listener;

    await assertRejects(() => TlsClient.dial({ port, before: before ?? "" }));

    await eventually("nobody is connected", () => listener.connections === 0);
    assertEquals(events.size, 0);
  });
}

Deno.test("ClientListener lets go of a proxy that connects, says nothing and leaves", async () => {
  const { listener, port } = await serve("wss", { proxyProtocol: true });
  await using _listener = listener;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await eventually("one is connected", () => listener.connections === 1);

  conn.close();

  await eventually("nobody is connected", () => listener.connections === 0);
});

Deno.test("ClientListener counts the clients of an address that a header before TLS tells", async () => {
  const limit = new ConnectionLimit({ maxPerAddress: 1 });
  const { listener, port } = await serve("wss", {
    proxyProtocol: true,
    connectionLimit: limit,
  });
  await using _listener = listener;
  const dial = async (host: string) => {
    const before = `PROXY TCP4 ${host} 127.0.0.1 5000 8282\r\n`;
    const client = await TlsClient.dial({ port, before });
    await client.say(UPGRADE_REQUEST);
    return { client, head: await client.hearHead() };
  };

  const [one, two, three] = [
    await dial("203.0.113.9"),
    await dial("203.0.113.9"),
    await dial("203.0.113.7"),
  ];

  assertEquals(one.head.slice(9, 12), "101");
  assertEquals(two.head.slice(9, 12), "429");
  assertEquals(three.head.slice(9, 12), "101");
  for (const { client } of [one, two, three]) client[Symbol.dispose]();
});

for (const version of VERSIONS) {
  const range = { minVersion: version, maxVersion: version };

  Deno.test(`ClientListener speaks ${version}`, async () => {
    const { listener, port } = await serve("tls+text");
    await using _listener = listener;
    using client = await TlsClient.dial({ port, ...range });

    await client.say("hello\n");

    assertEquals(text(await client.hear(6)), "hello\n");
    assertEquals(client.socket.getProtocol(), version);
  });

  const goodbyes: Record<string, (client: TlsClient) => Promise<void>> = {
    "a client that closes": (client) => client.say(clientFrame(8, "\x03\xe8")),
    "a client that breaks the protocol": (client) =>
      client.say(Uint8Array.of(0x83, 0x80, 0, 0, 0, 0)),
    "a client that a handler closes": async (client) => {
      await client.say(clientFrame(1, "quit"));
      await client.hear(8);
      await client.say(clientFrame(8, "\x0f\xa0"));
    },
    "a client that a handler closes, and that says nothing": (client) =>
      client.say(clientFrame(1, "quit")),
  };
  for (const [who, act] of Object.entries(goodbyes)) {
    Deno.test(`ClientListener says goodbye as ${version} does to ${who}`, async () => {
      const { listener, port } = await serve("wss");
      await using _listener = listener;
      using client = await TlsClient.dial({ port, ...range });
      await client.say(UPGRADE_REQUEST);
      await client.hearHead();

      await act(client);
      await client.hearAll();

      assert(client.wasSaidGoodbye);
    });
  }

  Deno.test(`ClientListener says goodbye as ${version} does after an answer in HTTP`, async () => {
    const { listener, port } = await serve("wss");
    await using _listener = listener;
    using client = await TlsClient.dial({ port, ...range });

    await client.say(
      "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );

    assertEquals(text(await client.hearAll()).slice(0, 15), "HTTP/1.1 200 OK");
    assert(client.wasSaidGoodbye);
  });

  Deno.test(`ClientListener answers a text client that hangs up first over ${version}, and says goodbye`, async () => {
    const { listener, events, port } = await serve("tls+text");
    await using _listener = listener;
    using client = await TlsClient.dial({ port, ...range });

    await client.say("one\ntwo\n");
    client.hangUp();

    assertEquals(text(await client.hearAll()), "one\ntwo\n");
    assert(client.wasSaidGoodbye);
    await events.until((event) => event === "close 1000");
  });

  Deno.test(`ClientListener resumes a session of ${version}, also with a renewed certificate`, async () => {
    const { listener, port } = await serve("tls+text");
    await using _listener = listener;
    const first = await dialNode(port, version);
    const second = await dialNode(port, version, first.session);
    listener.prepare({ cert: OTHER_CERT, key: OTHER_KEY })();
    const third = await dialNode(port, version, second.session);

    const all = [first, second, third];
    assertEquals(all.map(({ isReused }) => isReused), [false, true, true]);
  });
}

Deno.test("ClientListener lets go of a client at once that leaves within its handshake", async () => {
  const { listener, events, port } = await serve("wss");
  await using _listener = listener;
  using half = await RawClient.dial({ port });
  await half.say(Uint8Array.of(0x16, 3, 1, 2));
  await eventually("one is connected", () => listener.connections === 1);

  await half.hangUp();

  await eventually("nobody is connected", () => listener.connections === 0);
  assertEquals(events.size, 0);
});

Deno.test("ClientListener does not read a TLS client that is to wait, however much it sends", async () => {
  const { listener, events, connections, port } = await serve("tls+text");
  await using _listener = listener;
  using client = await TlsClient.dial({ port });
  await client.say("pause\n");
  await events.until((event) => event === "paused");
  const before = Deno.memoryUsage().rss;
  const line = bytes("x".repeat(65_535) + "\n");
  let sent = 0;
  const said = (async () => {
    for (let i = 0; i < 1_600; i++) {
      await client.say(line);
      sent += line.length;
    }
  })().catch(() => {});
  let seen = -1;
  while (sent > seen) {
    seen = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }

  assert(sent < 50_000_000, `${sent} bytes were taken`);
  assert(Deno.memoryUsage().rss - before < 60_000_000);
  connections[0]?.resume();
  await client.hear(line.length);
  client[Symbol.dispose]();
  await said;
});

Deno.test("ClientListener notices that a TLS client broke off which it did not read", async () => {
  const { listener, events, connections, port } = await serve("tls+text");
  await using _listener = listener;
  using client = await TlsClient.dial({ port });
  await client.say("pause\n");
  await events.until((event) => event === "paused");

  client.break();
  connections[0]?.resume();

  await events.until((event) => event.startsWith("close"));
  await eventually("nobody is connected", () => listener.connections === 0);
});

for (
  const [status, limits] of [
    [503, { maxConnections: 1 }],
    [429, { maxPerAddress: 1 }],
  ] as const
) {
  for (const version of VERSIONS) {
    Deno.test(`ClientListener answers one client too many with ${status} over ${version}, and says goodbye`, async () => {
      const { listener, port } = await serve("wss", {
        connectionLimit: new ConnectionLimit(limits),
      });
      await using _listener = listener;
      using first = await TlsClient.dial({ port });
      await first.say(UPGRADE_REQUEST);
      await first.hearHead();

      using second = await TlsClient.dial({
        port,
        minVersion: version,
        maxVersion: version,
      });
      await second.say(UPGRADE_REQUEST);
      const answer = text(await second.hearAll());

      assertEquals(answer.slice(9, 12), `${status}`);
      assert(answer.includes("\r\nRetry-After: 5\r\n"));
      assert(second.wasSaidGoodbye);
    });
  }
}

Deno.test("ClientListener renews its certificate while clients talk and come, and loses none", async () => {
  const { listener, port } = await serve("tls+text");
  await using _listener = listener;
  const pairs = [
    { cert: OTHER_CERT, key: OTHER_KEY },
    { cert: TEST_CERT, key: TEST_KEY },
  ];
  let isOver = false;
  const talk = async () => {
    let said = 0;
    while (!isOver) {
      using client = await TlsClient.dial({ port });
      for (let i = 0; i < 5; i++, said++) {
        await client.say(`line ${said}\n`);
        assertEquals(
          text(await client.hear(`line ${said}\n`.length)),
          `line ${said}\n`,
        );
      }
    }
    return said;
  };
  const talkers = Array.from({ length: 8 }, talk);
  using stayer = await TlsClient.dial({ port });

  for (let i = 0; i < 20; i++) {
    const pair = pairs[i % 2];
    if (pair !== undefined) listener.prepare(pair)();
    await stayer.say("still here\n");
    assertEquals(text(await stayer.hear(11)), "still here\n");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  isOver = true;

  for (const said of await Promise.all(talkers)) assert(said > 0);
});
