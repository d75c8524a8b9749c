/**
 * Who is let in, from where, and how much it may send.
 *
 * @module
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { AddressSet } from "../../../lib/base/address_set.ts";
import type { Refusal } from "../../../lib/transport/connection.ts";
import { StreamConnection } from "../../../lib/transport/socket/stream_connection.ts";
import { textProtocol } from "../../../lib/transport/protocols/text.ts";
import { WebSocketConnection } from "../../../lib/transport/websocket/websocket.ts";
import { bytes, clientFrame, concat, text } from "./_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "./_fake_stream.ts";
import { UPGRADE_REQUEST } from "./_raw_client.ts";

const PROXY_LINE = "PROXY TCP4 203.0.113.7 10.0.0.1 4097 8080\r\n";

function acceptWebSocket(
  context: FakeContext,
  { hostname }: { hostname?: string } = {},
) {
  const stream = new FakeStream(hostname);
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  return { stream, connection, log };
}

function acceptText(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new StreamConnection(textProtocol, stream, context);
  const log = new ConnectionLog();
  return { stream, connection, log };
}

/** A request whose decision is the test's. */
async function ask(context: FakeContext) {
  const parts = acceptWebSocket(context);
  const decision = Promise.withResolvers<Refusal | undefined>();
  const asked: string[] = [];
  parts.log.onRequest = ({ target }, remoteAddress) => {
    asked.push(`${target} from ${remoteAddress}`);
    return decision.promise;
  };
  parts.connection.open(parts.log);
  await parts.stream.deliver(bytes(UPGRADE_REQUEST), clientFrame(1, "early"));
  return { ...parts, decision, asked };
}

Deno.test("WebSocketConnection asks before it answers, and keeps what came meanwhile", async () => {
  using context = new FakeContext();
  const { stream, log, decision, asked } = await ask(context);

  assertEquals(asked, ["/room?id=7 from 10.0.0.7:4000"]);
  assertEquals([stream.writes.length, log.lines], [0, []]);
  decision.resolve(undefined);
  await settle();

  assertMatch(text(stream.output), /^HTTP\/1\.1 101 /);
  assertEquals(log.lines, ["open", "text early"]);
  await stream.deliver(clientFrame(1, "late"));
  assertEquals(log.lines.at(-1), "text late");
  assertEquals(context.sweep.size, 0);
});

Deno.test("WebSocketConnection does not read while it is being decided", async () => {
  using context = new FakeContext();
  const { stream, decision } = await ask(context);
  const reads = stream.readSizes.length;

  await stream.deliver(clientFrame(1, "more"));
  assertEquals(stream.readSizes.length, reads);

  decision.resolve(undefined);
  await settle();
  assert(stream.readSizes.length > reads);
});

Deno.test("WebSocketConnection answers a refusal, and raises nothing", async () => {
  using context = new FakeContext();
  const { stream, log, decision } = await ask(context);

  decision.resolve({
    status: 401,
    body: "who are you?",
    headers: [["WWW-Authenticate", "Bearer"]],
  });
  await settle();
  await stream.deliverEnd();

  assertMatch(
    text(stream.output),
    /^HTTP\/1\.1 401 Unauthorized\r\n.*\r\nWWW-Authenticate: Bearer\r\n\r\nwho are you\?$/s,
  );
  assertEquals([log.lines, stream.isClosed], [[], true]);
  assertEquals(context.ended.length, 1);
});

Deno.test("WebSocketConnection answers 500 if nobody can decide", async () => {
  using context = new FakeContext();
  const { stream, log, decision } = await ask(context);

  decision.reject(new RangeError("secret"));
  await settle();

  assertMatch(text(stream.output), /^HTTP\/1\.1 500 /);
  assertEquals(text(stream.output).includes("secret"), false);
  assertEquals(log.lines, []);
});

Deno.test("WebSocketConnection answers 503 if it takes too long, whatever is decided then", async () => {
  using context = new FakeContext();
  const { stream, log, decision } = await ask(context);

  await context.pass(context.authorizeTimeout - 1);
  assertEquals(stream.writes.length, 0);
  await context.pass(1);
  assertMatch(text(stream.output), /^HTTP\/1\.1 503 /);
  decision.resolve(undefined);
  await settle();

  assertEquals(stream.writes.length, 1);
  assertEquals(log.lines, []);
});

Deno.test("WebSocketConnection that ends while it is being decided raises nothing", async () => {
  using context = new FakeContext();
  const { connection, log, decision } = await ask(context);

  connection.destroy();
  decision.resolve(undefined);
  await settle();

  assertEquals(log.lines, []);
  assertEquals(context.ended.length, 1);
});

Deno.test("WebSocketConnection takes a trusted proxy's word for where a client comes from", async () => {
  using context = new FakeContext();
  context.trusted = new AddressSet(["10.0.0.0/8"]);
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);

  const header = "X-Forwarded-For: 203.0.113.7\r\n\r\n";
  await stream.deliver(bytes(UPGRADE_REQUEST.slice(0, -2) + header));

  assertEquals(connection.remoteAddress, "203.0.113.7:0");
  assertEquals(context.hosts, ["203.0.113.7"]);
});

Deno.test("WebSocketConnection takes the port as well, in the header that it is told to read", async () => {
  using context = new FakeContext();
  context.trusted = new AddressSet(["10.0.0.0/8"]);
  context.forwardedHeader = "forwarded";
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);

  const headers = "X-Forwarded-For: 6.6.6.6\r\n" +
    'Forwarded: for="[2001:DB8::7]:4711"\r\n\r\n';
  await stream.deliver(bytes(UPGRADE_REQUEST.slice(0, -2) + headers));

  assertEquals(connection.remoteAddress, "[2001:db8::7]:4711");
  assertEquals(context.hosts, ["2001:db8::7"]);
});

Deno.test("WebSocketConnection has IPv4 as such where it comes as IPv6", async () => {
  using context = new FakeContext();
  const { stream, connection, log } = acceptWebSocket(context, {
    hostname: "::ffff:10.0.0.7",
  });
  connection.open(log);

  await stream.deliver(bytes(UPGRADE_REQUEST));

  assertEquals(connection.remoteAddress, "10.0.0.7:4000");
});

Deno.test("WebSocketConnection answers 429 if too many come from there", async () => {
  using context = new FakeContext();
  context.trusted = new AddressSet(["10.0.0.0/8"]);
  context.isWelcoming = false;
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);

  await stream.deliver(bytes(UPGRADE_REQUEST));

  assertMatch(text(stream.output), /^HTTP\/1\.1 429 /);
  assertEquals(log.lines, []);
});

for (
  const [what, accept, first] of [
    ["WebSocketConnection", acceptWebSocket, UPGRADE_REQUEST],
    ["StreamConnection", acceptText, "hello\n"],
  ] as const
) {
  Deno.test(`${what} opens after the proxy's header, with the client's address`, async () => {
    using context = new FakeContext();
    context.proxyProtocol = true;
    const { stream, connection, log } = accept(context);
    connection.open(log);
    assertEquals(log.lines, []);

    for (const byte of bytes(PROXY_LINE + first)) {
      await stream.deliver(Uint8Array.of(byte));
    }

    assertEquals(log.lines[0], "open");
    assertEquals(connection.remoteAddress, "203.0.113.7:4097");
    assertEquals(context.hosts, ["203.0.113.7"]);
    assertEquals(context.sweep.size, 0);
  });

  Deno.test(`${what} ends without the proxy's header, and raises nothing`, async () => {
    using context = new FakeContext();
    context.proxyProtocol = true;
    const { stream, connection, log } = accept(context);
    connection.open(log);

    await stream.deliver(bytes(first));

    assertEquals([stream.isClosed, log.lines], [true, []]);
  });

  Deno.test(`${what} does not wait for ever for the proxy's header`, async () => {
    using context = new FakeContext();
    context.proxyProtocol = true;
    const { stream, connection, log } = accept(context);
    connection.open(log);

    await context.pass(context.handshakeTimeout);

    assertEquals([stream.isClosed, log.lines], [true, []]);
  });

  Deno.test(`${what} ends if too many come from where the proxy says`, async () => {
    using context = new FakeContext();
    context.proxyProtocol = true;
    context.isWelcoming = false;
    const { stream, connection, log } = accept(context);
    connection.open(log);

    await stream.deliver(bytes(PROXY_LINE + first));

    assertEquals([stream.isClosed, log.lines], [true, []]);
  });
}

Deno.test("StreamConnection takes a proxy's own check for the proxy", async () => {
  using context = new FakeContext();
  context.proxyProtocol = true;
  const { stream, connection, log } = acceptText(context);
  connection.open(log);

  await stream.deliver(bytes("PROXY UNKNOWN\r\nhello\n"));

  assertEquals(log.lines, ["open", "text hello"]);
  assertEquals(connection.remoteAddress, "10.0.0.7:4000");
});

Deno.test("a client may send its rate, and the message past it is closed with 1008", async () => {
  using context = new FakeContext();
  context.rate = { messages: 3, bytes: Infinity, policy: "close" };
  const { stream, connection, log } = acceptText(context);
  connection.open(log);

  await stream.deliver(bytes("1\n2\n3\n"));
  assertEquals(log.lines, ["open", "text 1", "text 2", "text 3"]);
  await stream.deliver(bytes("4\n5\n"));
  await stream.deliverEnd();

  assertEquals(log.lines.slice(4), ["close 1008 too fast"]);
});

Deno.test("a client may send its bytes, and the one past them is closed with 1008", async () => {
  using context = new FakeContext();
  context.rate = { messages: Infinity, bytes: 11, policy: "close" };
  const { stream, connection, log } = acceptText(context);
  connection.open(log);

  await stream.deliver(bytes("1234567890\n"));
  assertEquals(log.lines.length, 2);
  await stream.deliver(bytes("1\n"));
  await stream.deliverEnd();

  assertEquals(log.lines.at(-1), "close 1008 too fast");
});

for (
  const [what, accept, ...pieces] of [
    ["a line without an end", acceptText, bytes("x".repeat(101))],
    [
      "fragments without an end",
      acceptWebSocket,
      clientFrame(1, "x", { fin: false }),
      ...Array.from({ length: 14 }, () => clientFrame(0, "", { fin: false })),
      clientFrame(0, "12345", { fin: false }),
    ],
    [
      "a frame that is not whole",
      acceptWebSocket,
      clientFrame(2, new Uint8Array(95), { announced: 50_000 }),
    ],
  ] as const
) {
  Deno.test(`${what} counts in a client's bytes as it comes`, async () => {
    using context = new FakeContext();
    context.rate = { messages: Infinity, bytes: 100, policy: "close" };
    const { stream, connection, log } = accept(context);
    connection.open(log);
    if (accept === acceptWebSocket) {
      await stream.deliver(bytes(UPGRADE_REQUEST));
    }
    const all = concat(...pieces);

    await stream.deliver(all.slice(0, 100));
    assertEquals(log.lines, ["open"]);
    await stream.deliver(all.slice(100));
    await stream.deliverEnd();

    assertEquals(log.lines, ["open", "close 1008 too fast"]);
  });
}

Deno.test("every fragment counts among a client's messages", async () => {
  using context = new FakeContext();
  context.rate = { messages: 3, bytes: Infinity, policy: "close" };
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  const fragment = clientFrame(0, "", { fin: false });

  await stream.deliver(
    clientFrame(1, "", { fin: false }),
    fragment,
    fragment,
  );
  assertEquals(log.lines, ["open"]);
  await stream.deliver(fragment);
  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1008 too fast"]);
});

Deno.test("what comes behind an upgrade request counts, and the request does not", async () => {
  for (
    const [count, line] of [[1, "text 1234"], [
      2,
      "close 1008 too fast",
    ]] as const
  ) {
    using context = new FakeContext();
    context.rate = { messages: Infinity, bytes: 10, policy: "close" };
    const { stream, connection, log } = acceptWebSocket(context);
    connection.open(log);
    const frame = clientFrame(1, "1234");
    const frames = Array.from({ length: count }, () => frame);

    await stream.deliver(bytes(UPGRADE_REQUEST), ...frames);
    await stream.deliverEnd();

    assertEquals(log.lines[1], line);
  }
});

Deno.test("a client that pings faster than its rate is closed with 1008", async () => {
  using context = new FakeContext();
  context.rate = { messages: 2, bytes: Infinity, policy: "close" };
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  const ping = clientFrame(9, "");

  await stream.deliver(ping, ping, ping, ping);
  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1008 too fast"]);
});

Deno.test("a client that is too fast is not read for a while, and loses nothing", async () => {
  using context = new FakeContext();
  context.rate = { messages: 20, bytes: Infinity, policy: "pause" };
  const { stream, connection, log } = acceptText(context);
  const all = Promise.withResolvers<void>();
  log.react = (message) => {
    if (message === "last") all.resolve();
  };
  connection.open(log);

  await stream.deliver(bytes("x\n".repeat(21)));
  assertEquals(connection.isPaused, true);
  const reads = stream.readSizes.length;
  await stream.deliver(bytes("last\n"));
  assertEquals([stream.readSizes.length, log.lines.length], [reads, 22]);
  connection.resume();
  await settle();
  assertEquals(stream.readSizes.length, reads);
  await all.promise;

  assertEquals(log.lines.length, 23);
});

Deno.test("a client that is too fast is told goodbye all the same", async () => {
  using context = new FakeContext();
  context.rate = { messages: 1, bytes: Infinity, policy: "pause" };
  const { stream, connection, log } = acceptWebSocket(context);
  connection.open(log);
  await stream.deliver(bytes(UPGRADE_REQUEST));
  await stream.deliver(clientFrame(1, "1"), clientFrame(1, "2"));

  connection.close({ code: 1001, reason: "" });
  await stream.deliver(clientFrame(8, Uint8Array.of(3, 233)));

  assertEquals(stream.isClosed, true);
  assertEquals(log.lines.at(-1), "close 1001 ");
});
