import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { WebSocket as WsClient } from "ws";
import type {
  Connection,
  ConnectionListener,
} from "../../../../lib/transport/connection.ts";
import { ConnectionLimit } from "../../../../lib/transport/admission/connection_limit.ts";
import { ClientListener } from "../../../../lib/transport/listener/listener.ts";
import { BREATH } from "../../../../lib/transport/outgoing/outbox.ts";
import type { ClientListenerOptions } from "../../../../lib/transport/listener/listener_options.ts";
import { Inbox } from "../../../_support/inbox.ts";
import { LogLines } from "../../../_support/log_lines.ts";
import { TEST_CERT, TEST_KEY } from "../_certificate.ts";
import { ConnectionLog } from "../_fake_stream.ts";
import { bytes, clientFrame, text } from "../_feed.ts";
import { RawClient, UPGRADE_REQUEST } from "../_raw_client.ts";

/** Echoes, and tells the test what happened. */
class Echo extends ConnectionLog implements ConnectionListener {
  readonly #events: Inbox<string>;

  constructor(events: Inbox<string>) {
    super();
    this.#events = events;
  }

  override onOpen(...args: Parameters<ConnectionLog["onOpen"]>): void {
    super.onOpen(...args);
    this.#events.push("open");
  }

  override onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    this.connection?.send(buffer, start, end, binary);
  }

  override onClose(code: number, reason: string): void {
    this.#events.push(`close ${code} ${reason}`);
  }
}

/** A listener that echoes. */
async function serve(scheme = "ws", options: ClientListenerOptions = {}) {
  const events = new Inbox<string>();
  const clients: Echo[] = [];
  const listener = new ClientListener(
    `${scheme}://127.0.0.1:0`,
    options,
    () => {
      const echo = new Echo(events);
      clients.push(echo);
      return echo;
    },
  );
  await listener.listening;
  return { listener, events, clients, addr: listener.addr };
}

/** The connection of the client that came last. */
function lastOf(clients: Echo[]): Connection {
  const connection = clients.at(-1)?.connection;
  assert(connection !== undefined);
  return connection;
}

/** Connects the `ws` package; what it hears goes to the inbox. */
async function dialWs(port: number) {
  const heard = new Inbox<string>();
  const client = new WsClient(`ws://127.0.0.1:${port}/`, {
    perMessageDeflate: false,
  });
  client.on(
    "message",
    (data: Uint8Array, isBinary: boolean) =>
      heard.push(isBinary ? `binary ${[...data]}` : `text ${text(data)}`),
  );
  client.on("pong", (data: Uint8Array) => heard.push(`pong ${text(data)}`));
  client.on(
    "close",
    (code: number, reason: Uint8Array) =>
      heard.push(`close ${code} ${text(reason)}`),
  );
  await new Promise((resolve, reject) => {
    client.on("open", resolve);
    client.on("error", reject);
  });
  return { client, heard };
}

Deno.test("ClientListener echoes text, binary, fragments and pings of the ws package", async () => {
  const { listener, addr } = await serve();
  await using _listener = listener;
  const { client, heard } = await dialWs(addr.port);

  client.send("héllo");
  client.send(Uint8Array.of(1, 255));
  client.send("frag", { fin: false });
  client.send("ments", { fin: true });
  client.ping("?");

  assertEquals(await heard.next(), "text héllo");
  assertEquals(await heard.next(), "binary 1,255");
  assertEquals(await heard.next(), "text fragments");
  assertEquals(await heard.next(), "pong ?");
  client.close(1000, "done");
  assertEquals(await heard.next(), "close 1000 ");
});

for (const size of [100, 60_000, 70_000, 5_000_000]) {
  Deno.test(`ClientListener echoes ${size} bytes of the ws package`, async () => {
    const { listener, addr } = await serve();
    await using _listener = listener;
    const { client, heard } = await dialWs(addr.port);
    const message = "0123456789".repeat(size / 10);

    client.send(message);
    client.send("after");

    assertEquals(await heard.next() === `text ${message}`, true);
    assertEquals(await heard.next(), "text after");
    client.close();
    await heard.next();
  });
}

Deno.test("ClientListener tells the ws package why it closes, and hears it close", async () => {
  const { listener, events, clients, addr } = await serve();
  await using _listener = listener;
  const { heard } = await dialWs(addr.port);
  assertEquals(await events.next(), "open");

  lastOf(clients).close({ code: 4001, reason: "because é" });

  assertEquals(await heard.next(), "close 4001 because é");
  assertEquals(await events.next(), "close 4001 because é");
});

Deno.test("ClientListener talks to the WebSocket of the runtime, both ways and to the end", async () => {
  const { listener, events, addr } = await serve();
  await using _listener = listener;
  const client = new WebSocket(`ws://127.0.0.1:${addr.port}/x`);
  const heard = new Inbox<string>();
  client.onmessage = ({ data }) => heard.push(data);
  const closed = new Promise<CloseEvent>((resolve) => client.onclose = resolve);
  client.onopen = () => client.send("hi");

  assertEquals(await heard.next(), "hi");
  client.close(4100, "bye");

  assertEquals((await closed).code, 4100);
  assertEquals(await events.next(), "open");
  assertEquals(await events.next(), "close 4100 bye");
});

Deno.test("ClientListener hands on the request, and the address it came from", async () => {
  const { listener, events, clients, addr } = await serve();
  await using _listener = listener;
  using _client = await RawClient.upgrade(addr);
  await events.next();

  assertEquals(clients[0]?.request?.target, "/room?id=7");
  assertMatch(lastOf(clients).remoteAddress, /^127\.0\.0\.1:\d+$/);
});

Deno.test("ClientListener answers plain HTTP", async () => {
  const { listener, addr } = await serve();
  await using _listener = listener;
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`http://127.0.0.1:${addr.port}${path}`, init);
    return `${answer.status} ${await answer.text()}`;
  };

  assertEquals(await get("/healthz"), "200 ok");
  assertStringIncludes(await get("/"), "426 426 this port speaks WebSocket");
  assertStringIncludes(await get("/", { method: "PUT", body: "x" }), "405 ");
});

Deno.test("ClientListener answers a malformed handshake with 400, and raises nothing", async () => {
  const { listener, events, addr } = await serve();
  await using _listener = listener;
  using client = await RawClient.dial(addr);

  await client.say(UPGRADE_REQUEST.replace("Upgrade\r\nSec", "close\r\nSec"));
  const answer = client.hearAll();
  await client.hangUp();

  assertStringIncludes(text(await answer), "HTTP/1.1 400 Bad Request\r\n");
  assertEquals(events.size, 0);
});

Deno.test("ClientListener closes a message one past the limit with 1009, not one at it", async () => {
  const { listener, addr } = await serve("ws", { maxMessage: 10 });
  await using _listener = listener;
  using client = await RawClient.upgrade(addr);

  await client.say(clientFrame(1, "0123456789"));
  assertEquals(text((await client.hear(12)).slice(2)), "0123456789");
  await client.say(clientFrame(1, "0123456789a"));

  const farewell = await client.hearAll();
  assertEquals([...farewell.slice(0, 4)], [0x88, 17, 1009 >> 8, 1009 & 255]);
});

Deno.test("ClientListener ends a handshake that takes too long, and raises nothing", async () => {
  const { listener, events, addr } = await serve("ws", {
    handshakeTimeout: 20,
  });
  await using _listener = listener;
  using client = await RawClient.dial(addr);
  await client.say(UPGRADE_REQUEST.slice(0, 30));

  assertMatch(text(await client.hearAll()), /^HTTP\/1\.1 408 /);

  assertEquals(events.size, 0);
});

Deno.test("ClientListener ends a client that never answers its close frame", async () => {
  const { listener, events, clients, addr } = await serve("ws", {
    closeTimeout: 20,
  });
  await using _listener = listener;
  using client = await RawClient.upgrade(addr);
  await events.next();

  lastOf(clients).close({ code: 1001, reason: "" });

  assertEquals([...await client.hearAll()], [0x88, 2, 3, 233]);
  assertEquals(await events.next(), "close 1001 ");
});

Deno.test("ClientListener takes clients up to its limit, and refuses the next with 503", async () => {
  await using log = await LogLines.collect();
  const { listener, events, addr } = await serve("ws", {
    connectionLimit: new ConnectionLimit({ maxConnections: 2 }),
  });
  await using _listener = listener;
  using first = await RawClient.upgrade(addr);
  using _second = await RawClient.upgrade(addr);

  for (let i = 0; i < 2; i++) {
    using refused = await RawClient.dial(addr);
    await refused.say(UPGRADE_REQUEST);
    const answer = text(await refused.hearAll());
    assertStringIncludes(answer, "HTTP/1.1 503 Service Unavailable\r\n");
  }
  assertEquals(listener.connections, 2);
  assertEquals(log.lines, ["Refused 1 clients with 503: 2 are connected"]);
  await first.say(clientFrame(8, ""));
  await events.until((event) => event.startsWith("close"));
  using third = await RawClient.upgrade(addr);

  await third.say(clientFrame(1, "in"));
  assertEquals(text((await third.hear(4)).slice(2)), "in");
});

Deno.test("ClientListener closes a client beyond the limit that speaks no HTTP", async () => {
  const { listener, events, addr } = await serve("text", {
    connectionLimit: new ConnectionLimit({ maxConnections: 1 }),
  });
  await using _listener = listener;
  using _first = await RawClient.dial(addr);
  await events.next();
  using second = await RawClient.dial(addr);

  assertEquals((await second.hearAll()).length, 0);
  assertEquals(events.size, 0);
});

Deno.test("ClientListener bounds the queue of a client that never reads, and serves the others", async () => {
  const sendBuffer = 200_000;
  const options = { sendBuffer, closeTimeout: 50 };
  const { listener, events, clients, addr } = await serve("ws", options);
  await using _listener = listener;
  using other = await RawClient.upgrade(addr);
  using _slow = await RawClient.upgrade(addr);
  const connection = lastOf(clients);
  const payload = new Uint8Array(50_000);
  let most = 0;

  for (let sent = 0; connection.send(payload, 0, 50_000, true) !== "dropped";) {
    most = Math.max(most, connection.queuedBytes);
    assert((sent += 50_000) < 100_000_000, "was never dropped");
    await other.say(clientFrame(1, "still there"));
    assertEquals(text((await other.hear(13)).slice(2)), "still there");
  }

  assert(most <= BREATH * sendBuffer, `${most} bytes were queued`);
  const end = await events.until((event) => event.startsWith("close"));
  assertEquals(end, "close 4008 slow consumer");
});

Deno.test("ClientListener.close() accepts nobody, keeps who is there, then finishes", async () => {
  const { listener, addr } = await serve();
  await using _listener = listener;
  using client = await RawClient.upgrade(addr);

  listener.close();
  listener.close();
  await client.say(clientFrame(1, "here"));
  assertEquals(text((await client.hear(6)).slice(2)), "here");
  await assertRejects(
    () => RawClient.dial(addr),
    Deno.errors.ConnectionRefused,
  );
  await client.say(clientFrame(8, ""));

  await listener.finished;
  assertEquals(listener.connections, 0);
});

Deno.test("ClientListener destroys the clients that are left when it is disposed", async () => {
  const { listener, events, addr } = await serve();
  using client = await RawClient.upgrade(addr);
  using _halfOpen = await RawClient.dial(addr);
  await events.next();

  await listener[Symbol.asyncDispose]();

  assertEquals((await client.hearAll()).length, 0);
  assertEquals(await events.next(), "close 1006 ");
});

Deno.test("ClientListener throws if somebody else listens there", async () => {
  const { listener, addr } = await serve();
  await using _listener = listener;

  assertThrows(
    () =>
      new ClientListener(
        `ws://127.0.0.1:${addr.port}`,
        {},
        () => new ConnectionLog(),
      ),
    Deno.errors.AddrInUse,
  );
});

Deno.test("ClientListener throws if TLS lacks its certificate", () => {
  assertThrows(
    () =>
      new ClientListener("wss://127.0.0.1:0", {}, () => new ConnectionLog()),
    TypeError,
    "TLS needs a certificate and its key",
  );
});

Deno.test("ClientListener speaks text, and answers a client that hangs up first", async () => {
  const { listener, events, addr } = await serve("text");
  await using _listener = listener;
  using client = await RawClient.dial(addr);

  await client.say("one\r\ntwo\nrest");
  await client.hangUp();

  assertEquals(text(await client.hearAll()), "one\ntwo\n");
  assertEquals(await events.next(), "open");
  assertEquals(await events.next(), "close 1000 ");
});

Deno.test("ClientListener speaks frame", async () => {
  const { listener, addr } = await serve("frame");
  await using _listener = listener;
  using client = await RawClient.dial(addr);
  const frame = Uint8Array.of(0, 0, 0, 6, 7, 8);

  await client.say(frame.slice(0, 5));
  await client.say(frame.slice(5));

  assertEquals(await client.hear(6), frame);
});

Deno.test("ClientListener speaks tcp", async () => {
  const { listener, addr } = await serve("tcp");
  await using _listener = listener;
  using client = await RawClient.dial(addr);

  await client.say("anything");

  assertEquals(text(await client.hear(8)), "anything");
});

for (const scheme of ["wss", "tls+text"]) {
  Deno.test(`ClientListener speaks ${scheme}`, async () => {
    const tls = { cert: TEST_CERT, key: TEST_KEY };
    const { listener, events, addr } = await serve(scheme, tls);
    await using _listener = listener;
    using client = new RawClient(
      await Deno.connectTls({
        hostname: "localhost",
        port: addr.port,
        caCerts: [TEST_CERT],
      }),
    );

    if (scheme === "wss") {
      await client.say(UPGRADE_REQUEST);
      await client.hearUntil("\r\n\r\n");
      await client.say(clientFrame(1, "safe"));
      assertEquals(text((await client.hear(6)).slice(2)), "safe");
    } else {
      await client.say(bytes("safe\n"));
      assertEquals(text(await client.hear(5)), "safe\n");
    }
    assertEquals(await events.next(), "open");
  });

  Deno.test(`ClientListener raises nothing for a client that speaks no TLS to ${scheme}`, async () => {
    const tls = { cert: TEST_CERT, key: TEST_KEY };
    const { listener, events, addr } = await serve(scheme, tls);
    await using _listener = listener;
    using client = await RawClient.dial(addr);

    await client.say(UPGRADE_REQUEST);
    await client.hearAll();

    assertEquals(events.size, 0);
  });
}

Deno.test("ClientListener ends a TLS handshake that takes too long", async () => {
  const tls = { cert: TEST_CERT, key: TEST_KEY, handshakeTimeout: 20 };
  const { listener, clients, addr } = await serve("tls+text", tls);
  using client = await RawClient.dial(addr);

  assertEquals((await client.hearAll()).length, 0);
  listener.close();
  await listener.finished;

  assertEquals(clients, []);
});
