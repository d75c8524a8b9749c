/**
 * What a listener lets in, and what it proves its name with.
 *
 * @module
 */
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { generateKeyPairSync } from "node:crypto";
import type {
  Connection,
  ConnectionListener,
} from "../../../lib/transport/connection.ts";
import { ConnectionLimit } from "../../../lib/transport/admission/connection_limit.ts";
import { ClientListener } from "../../../lib/transport/listener/listener.ts";
import type { ClientListenerOptions } from "../../../lib/transport/listener/listener_options.ts";
import { Inbox } from "../../_support/inbox.ts";
import { hasIpv6 } from "../../_support/ipv6.ts";
import { OTHER_CERT, OTHER_KEY, TEST_CERT, TEST_KEY } from "./_certificate.ts";
import { bytes, clientFrame, concat, text } from "./_feed.ts";
import { RawClient, UPGRADE_REQUEST } from "./_raw_client.ts";

const TLS = { cert: TEST_CERT, key: TEST_KEY };

/** A listener that echoes, and says when clients come and go. */
async function serve(scheme: string, options: ClientListenerOptions = {}) {
  const events = new Inbox<string>();
  const accept = (connection: Connection): ConnectionListener => ({
    onOpen: () => events.push(`open ${connection.remoteAddress}`),
    onMessage: (buffer, start, end, binary) =>
      void connection.send(buffer, start, end, binary),
    onClose: (code, reason) => events.push(`close ${code} ${reason}`),
  });
  const url = `${scheme}://127.0.0.1:0`;
  const listener = new ClientListener(url, options, accept);
  await listener.listening;
  return { events, listener };
}

/** Dials with TLS, and trusts one certificate. */
async function dialTls(port: number, cert: string): Promise<RawClient> {
  const options = { hostname: "localhost", port, caCerts: [cert] };
  const conn = await Deno.connectTls(options);
  await conn.handshake();
  return new RawClient(conn);
}

function openFiles(): number {
  return [...Deno.readDirSync("/proc/self/fd")].length;
}

Deno.test("ClientListener closes a client that says nothing but pings and pongs for the idle time", async () => {
  const options = { idleTimeout: 200, closeTimeout: 50 };
  const { listener, events } = await serve("ws", options);
  await using _listener = listener;
  using silent = await RawClient.upgrade(listener.addr);
  using talking = await RawClient.upgrade(listener.addr);
  let isOver = false;

  const farewell = silent.hearUntil("idle").finally(() => isOver = true);
  while (!isOver) {
    await talking.say(clientFrame(1, "x"));
    await silent.say(concat(clientFrame(9, ""), clientFrame(10, "")));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }

  await farewell;
  const end = await events.until((event) => event.startsWith("close"));
  assertEquals([end, events.size], ["close 4002 idle", 0]);
});

Deno.test("ClientListener answers 429 to one more from an address, until one has left", async () => {
  const connectionLimit = new ConnectionLimit({ maxPerAddress: 2 });
  const { listener, events } = await serve("ws", { connectionLimit });
  await using _listener = listener;
  using first = await RawClient.upgrade(listener.addr);
  using _second = await RawClient.upgrade(listener.addr);
  using refused = await RawClient.dial(listener.addr);

  await refused.say(UPGRADE_REQUEST);
  assertMatch(text(await refused.hearAll()), /^HTTP\/1\.1 429 /);
  await first.say(clientFrame(8, ""));
  await events.until((event) => event.startsWith("close"));

  using _third = await RawClient.upgrade(listener.addr);
  assertEquals(connectionLimit.connections, 2);
});

Deno.test("ClientListeners that share a ConnectionLimit share its limit", async () => {
  const connectionLimit = new ConnectionLimit({ maxConnections: 1 });
  const one = await serve("text", { connectionLimit });
  const two = await serve("ws", { connectionLimit });
  await using _one = one.listener;
  await using _two = two.listener;
  using _client = await RawClient.dial(one.listener.addr);
  await one.events.next();
  using refused = await RawClient.dial(two.listener.addr);

  await refused.say(UPGRADE_REQUEST);

  assertMatch(text(await refused.hearAll()), /^HTTP\/1\.1 503 /);
});

Deno.test("ClientListener with the PROXY protocol serves its proxies alone", async () => {
  const options = { proxyProtocol: true, trustedProxies: ["192.0.2.0/24"] };
  const stranger = await serve("text", options);
  const proxy = await serve("text", {
    ...options,
    trustedProxies: ["127.0.0.1"],
  });
  await using _stranger = stranger.listener;
  await using _proxy = proxy.listener;
  using refused = await RawClient.dial(stranger.listener.addr);
  using client = await RawClient.dial(proxy.listener.addr);

  await client.say("PROXY TCP4 203.0.113.7 127.0.0.1 4097 80\r\nhello\n");

  assertEquals((await refused.hearAll()).length, 0);
  assertEquals(await proxy.events.next(), "open 203.0.113.7:4097");
  assertEquals(text(await client.hear(6)), "hello\n");
});

Deno.test("ClientListener counts clients behind a proxy by their own addresses", async () => {
  const connectionLimit = new ConnectionLimit({ maxPerAddress: 1 });
  const { listener } = await serve("ws", {
    connectionLimit,
    trustedProxies: ["127.0.0.1"],
  });
  await using _listener = listener;
  const dial = async (host: string) => {
    const client = await RawClient.dial(listener.addr);
    const header = `X-Forwarded-For: ${host}\r\n\r\n`;
    await client.say(UPGRADE_REQUEST.slice(0, -2) + header);
    const answer = await client.hearUntil("\r\n\r\n");
    return { client, status: answer.slice(9, 12) };
  };

  const answers = [
    await dial("203.0.113.7"),
    await dial("203.0.113.8"),
    await dial("203.0.113.7"),
  ];

  assertEquals(answers.map(({ status }) => status), ["101", "101", "429"]);
  for (const { client } of answers) client[Symbol.dispose]();
});

Deno.test("ClientListener knows one address in all its forms, and one network of IPv6", async () => {
  const connectionLimit = new ConnectionLimit({ maxPerAddress: 1 });
  const options = { connectionLimit, trustedProxies: ["127.0.0.1"] };
  const { listener } = await serve("ws", options);
  await using _listener = listener;
  using clients = new DisposableStack();

  const statuses: string[] = [];
  for (
    const host of [
      ...["203.0.113.7", "203.0.113.7:1", "::ffff:203.0.113.7"],
      ...["::ffff:cb00:7107", "2001:db8::7", "2001:DB8:0:0::7"],
      ...["[2001:db8::7]:5", "2001:db8::ffff:8", "2001:db8:0:1::7"],
    ]
  ) {
    const client = clients.use(await RawClient.dial(listener.addr));
    const header = `X-Forwarded-For: ${host}\r\n\r\n`;
    await client.say(UPGRADE_REQUEST.slice(0, -2) + header);
    statuses.push((await client.hearUntil("\r\n\r\n")).slice(9, 12));
  }

  assertEquals(statuses, [
    ...["101", "429", "429"],
    ...["429", "101", "429"],
    ...["429", "429", "101"],
  ]);
});

Deno.test({
  name:
    "ClientListener on :: shows a client over IPv4 as such, and believes it as a proxy",
  ignore: !hasIpv6(),
  fn: async () => {
    const events = new Inbox<string>();
    await using listener = new ClientListener(
      "ws://[::]:0",
      { trustedProxies: ["127.0.0.1"] },
      ({ remoteAddress }) => ({
        onRequest: (_request, address) => {
          events.push(`${remoteAddress.replace(/\d+$/, "")} ${address}`);
          return undefined;
        },
        onOpen: () => {},
        onMessage: () => {},
        onClose: () => {},
      }),
    );
    using client = await RawClient.dial(listener.addr);

    const header = "X-Forwarded-For: 203.0.113.7\r\n\r\n";
    await client.say(UPGRADE_REQUEST.slice(0, -2) + header);

    assertEquals(await events.next(), "127.0.0.1: 203.0.113.7:0");
  },
});

Deno.test("ClientListener frees the descriptors of clients that never finish their TLS handshake", async () => {
  const { listener, events } = await serve("wss", {
    ...TLS,
    handshakeTimeout: 50,
  });
  await using _listener = listener;
  const before = openFiles();
  const clients = await Promise.all(
    Array.from({ length: 10 }, () => RawClient.dial(listener.addr)),
  );
  await clients[0]?.say(Uint8Array.of(0x16, 3, 1, 0x02));

  for (const client of clients) {
    assertEquals((await client.hearAll()).length, 0);
  }

  // What is left are the clients' own.
  assertEquals(openFiles(), before + clients.length);
  for (const client of clients) client[Symbol.dispose]();
  assertEquals(events.size, 0);
});

Deno.test("ClientListener frees the descriptor of a TLS client that never reads", async () => {
  const options = { ...TLS, sendBuffer: 100_000, closeTimeout: 50 };
  const { events, listener } = await serve("tls+text", options);
  await using _listener = listener;
  using client = await dialTls(listener.addr.port, TEST_CERT);
  await events.next();
  const before = openFiles();

  const flood = bytes("x".repeat(60_000) + "\n");
  const said = (async () => {
    for (let i = 0; i < 1_000; i++) await client.say(flood);
  })().catch(() => {});
  const end = await events.until((event) => event.startsWith("close"));
  await said;

  assertEquals(end, "close 4008 slow consumer");
  assertEquals(openFiles(), before - 1);
});

Deno.test("ClientListener.prepare() makes a certificate ready for new clients, and disconnects nobody", async () => {
  const { listener } = await serve("tls+text", TLS);
  await using _listener = listener;
  const { port } = listener.addr;
  using old = await dialTls(port, TEST_CERT);

  listener.prepare({ cert: OTHER_CERT, key: OTHER_KEY })();
  using young = await dialTls(port, OTHER_CERT);

  for (const client of [old, young]) {
    await client.say("still here\n");
    assertEquals(text(await client.hear(11)), "still here\n");
  }
});

Deno.test("ClientListener.prepare() refuses what is none, and keeps the old one", async () => {
  const { listener } = await serve("tls+text", TLS);
  await using _listener = listener;
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const key = privateKey.export({ type: "pkcs8", format: "pem" }).toString();

  assertThrows(
    () => listener.prepare({ cert: TEST_CERT, key }),
    TypeError,
    "made for its key",
  );
  assertThrows(
    () => listener.prepare({ cert: "junk", key: TEST_KEY }),
    TypeError,
    "must be PEM",
  );

  using client = await dialTls(listener.addr.port, TEST_CERT);
  await client.say("still fine\n");
  assertEquals(text(await client.hear(11)), "still fine\n");
});

Deno.test("ClientListener carries large messages over TLS, both ways", async () => {
  const { listener } = await serve("tls+frame", TLS);
  await using _listener = listener;
  using client = await dialTls(listener.addr.port, TEST_CERT);
  const frame = new Uint8Array(900_000).map((_, i) => i * 7);
  new DataView(frame.buffer).setUint32(0, frame.length);

  const [, echo] = await Promise.all([
    client.say(frame),
    client.hear(frame.length),
  ]);

  assert(echo.every((byte, i) => byte === frame[i]));
});

Deno.test("ClientListener hands over bytes over TLS of which a slice is a copy", async () => {
  const messages = new Inbox<Uint8Array>();
  await using listener = new ClientListener(
    "tls+text://127.0.0.1:0",
    TLS,
    () => ({
      onOpen: () => {},
      onMessage: (buffer, start, end) =>
        messages.push(buffer.slice(start, end)),
      onClose: () => {},
    }),
  );
  await listener.listening;
  using client = await dialTls(listener.addr.port, TEST_CERT);

  await client.say(
    "kept until there is a worker\nthis overwrites it when the rest comes",
  );
  const kept = await messages.next();
  await client.say("\n");
  await messages.next();

  assertEquals(text(kept), "kept until there is a worker");
});

Deno.test("ClientListener refuses compression that there is not", async () => {
  for (
    const compression of [{ windowBits: 7 }, { windowBits: 16 }, { level: 0 }]
  ) {
    await assertRejects(
      () => serve("ws", { compression }),
      RangeError,
      "Cannot compress as",
    );
  }
});
