import { assert, assertEquals } from "@std/assert";
import { deflateRawSync } from "node:zlib";
import { WebSocketConnection } from "../../../../../lib/transport/websocket/websocket.ts";
import type { DeflateSettings } from "../../../../../lib/transport/websocket/deflate/websocket_deflate.ts";
import {
  Deflater,
  Inflater,
} from "../../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, clientFrame, text } from "../../_feed.ts";
import { inflateWhole } from "../../_inflate.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../../_fake_stream.ts";
import { UPGRADE_REQUEST } from "../../_raw_client.ts";

const LONG = "the quick brown fox jumps over the lazy dog ".repeat(3);

/** A client that has agreed on compression. */
async function open(context: FakeContext, parameters = "") {
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ConnectionLog();
  connection.open(log);
  const offer = `Sec-WebSocket-Extensions: permessage-deflate${parameters}\r\n`;
  await stream.deliver(
    bytes(UPGRADE_REQUEST.replace("\r\n\r\n", `\r\n${offer}\r\n`)),
  );
  const answer = text(stream.output);
  assert(answer.includes("Sec-WebSocket-Extensions: permessage-deflate"));
  stream.writes.length = stream.written.length = 0;
  return { stream, connection, log, answer };
}

function contextWith(settings: Partial<DeflateSettings> = {}) {
  const context = new FakeContext(10_000, 100_000);
  return { context, shared: context.compress(settings) };
}

/** What a client with a context of its own reads in frames below 64 KiB. */
class Reader implements Disposable {
  readonly #inflater = new Inflater();

  read(output: Uint8Array): string[] {
    const messages: string[] = [];
    for (let at = 0; at < output.length;) {
      const short = (output[at + 1] ?? 0) & 127;
      const isShort = short < 126;
      const length = isShort
        ? short
        : (output[at + 2] ?? 0) << 8 | (output[at + 3] ?? 0);
      const start = at + (isShort ? 2 : 4);
      const isCompressed = ((output[at] ?? 0) & 0x40) !== 0;
      const payload = output.slice(start, start + length);
      const message = isCompressed
        ? inflateWhole(this.#inflater, payload, 100_000)
        : payload;
      assert(message instanceof Uint8Array, String(message));
      messages.push(`${isCompressed ? "deflated" : "plain"} ${text(message)}`);
      at = start + length;
    }
    return messages;
  }

  [Symbol.dispose](): void {
    this.#inflater.close();
  }
}

function send(connection: WebSocketConnection, message: string): void {
  const source = bytes(`--${message}--`);
  connection.send(source, 2, source.length - 2, false);
}

Deno.test("WebSocketConnection compresses from the threshold on, not below", async () => {
  const { context, shared } = contextWith({ threshold: 10 });
  using _context = context;
  using reader = new Reader();
  const { stream, connection } = await open(context);

  send(connection, "123456789");
  send(connection, "1234567890");
  await settle();

  assertEquals(reader.read(stream.output), [
    "plain 123456789",
    "deflated 1234567890",
  ]);
  assertEquals(shared.compressions, 1);
});

Deno.test("WebSocketConnection compresses a message to many once", async () => {
  const { context, shared } = contextWith({ threshold: 10 });
  using _context = context;
  const clients = await Promise.all(
    Array.from({ length: 20 }, () => open(context)),
  );

  const [first] = clients;
  const frame = first?.connection.codec.encode(bytes(LONG), false);
  assert(frame !== undefined);
  for (const { connection } of clients) {
    assert(connection.codec === first?.connection.codec);
    connection.sendEncoded(frame);
  }
  await settle();

  assertEquals(shared.compressions, 1);
  for (const { stream } of clients) {
    using reader = new Reader();
    assertEquals(reader.read(stream.output), [`deflated ${LONG}`]);
  }
});

Deno.test("WebSocketConnection with another window has another codec", async () => {
  const { context } = contextWith();
  using _context = context;

  const wide = await open(context);
  const narrow = await open(context, "; server_max_window_bits=9");

  assert(wide.connection.codec !== narrow.connection.codec);
});

Deno.test("WebSocketConnection keeps its context between messages if that was agreed", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  using reader = new Reader();
  const { stream, connection } = await open(context);

  for (let i = 0; i < 2; i++) {
    send(connection, LONG);
    await settle();
  }

  const [first, second] = stream.writes.map(({ length }) => length);
  assert((second ?? 0) < (first ?? 0) / 2, `${first} and ${second} bytes`);
  assertEquals(reader.read(stream.output), [
    `deflated ${LONG}`,
    `deflated ${LONG}`,
  ]);
  connection.destroy();
});

Deno.test("WebSocketConnection keeps no context if the client asks for none", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  const { stream, connection } = await open(
    context,
    "; server_no_context_takeover",
  );

  for (let i = 0; i < 2; i++) {
    send(connection, LONG);
    await settle();
  }

  assertEquals(stream.writes[0], stream.writes[1]);
});

Deno.test("WebSocketConnection may mix messages of its own with those to many, whatever context it keeps", async () => {
  const { context } = contextWith({ contextTakeover: true, threshold: 4 });
  using _context = context;
  using reader = new Reader();
  const { stream, connection } = await open(context);
  const other = "pack my box with five dozen liquor jugs ".repeat(3);

  send(connection, LONG);
  connection.sendEncoded(connection.codec.encode(bytes(other), false));
  send(connection, LONG + other);
  send(connection, "hi");
  connection.ping();
  connection.offer(connection.codec.encode(bytes(LONG), false), "drop-oldest");
  send(connection, other + LONG);
  await settle();

  assertEquals(reader.read(stream.output), [
    `deflated ${LONG}`,
    `deflated ${other}`,
    `deflated ${LONG + other}`,
    "plain hi",
    "plain ",
    `deflated ${LONG}`,
    `deflated ${other + LONG}`,
  ]);
  connection.destroy();
});

Deno.test("WebSocketConnection compresses for a stalled client what may be dropped", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  using reader = new Reader();
  const { stream, connection } = await open(context);
  stream.isFast = false;
  send(connection, "flight");
  await settle();

  for (const price of ["eur 1", "eur 2"]) {
    const frame = connection.codec.encode(bytes(price), false);
    connection.offer(frame, "latest", "eur");
    send(connection, `after ${price}`);
  }
  for (let i = 0; i < 4; i++) await stream.takeWrite();
  send(connection, "flight again");
  await settle();

  assertEquals(reader.read(stream.output), [
    "deflated flight",
    "deflated eur 2",
    "deflated after eur 1",
    "deflated after eur 2",
    "deflated flight again",
  ]);
  connection.destroy();
});

/** What a client sends, compressed, with or without a context. */
function deflated(messages: readonly string[], keepsContext: boolean) {
  const deflater = new Deflater({ windowBits: 15, level: 6 });
  const frames = messages.map((message) => {
    if (!keepsContext) deflater.reset();
    const source = bytes(message);
    const payload = deflater.deflate(source, 0, source.length);
    return clientFrame(1, payload, { reserved: 4 });
  });
  deflater.close();
  return frames;
}

for (const keepsContext of [true, false]) {
  Deno.test(`WebSocketConnection reads messages ${keepsContext ? "with" : "without"} context`, async () => {
    const { context } = contextWith({ contextTakeover: keepsContext });
    using _context = context;
    const { stream, connection, log } = await open(context);

    await stream.deliver(...deflated([LONG, LONG], keepsContext));
    await stream.deliver(clientFrame(1, "plain"));

    assertEquals(log.lines, [
      "open",
      `text ${LONG}`,
      `text ${LONG}`,
      "text plain",
    ]);
    connection.destroy();
  });
}

Deno.test("WebSocketConnection reads on after a block that says it is the last, and after no bytes", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  const { stream, connection, log } = await open(context);
  const last = new Uint8Array(deflateRawSync(bytes("last")));

  await stream.deliver(clientFrame(1, last, { reserved: 4 }));
  await stream.deliver(clientFrame(1, "", { reserved: 4 }));
  await stream.deliver(...deflated([LONG, LONG], true));

  const all = ["open", "text last", "text ", `text ${LONG}`, `text ${LONG}`];
  assertEquals(log.lines, all);
  connection.destroy();
});

Deno.test("WebSocketConnection takes a last block that ends with bits of the tail that is put behind it", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  const { stream, connection, log } = await open(context);
  const whole = deflateRawSync(bytes("last"));
  // The code for the end of a block, seven zeros, is left to the tail.
  const cut = new Uint8Array(whole.subarray(0, -1));

  await stream.deliver(clientFrame(1, cut, { reserved: 4 }));
  await stream.deliver(...deflated([LONG], true));

  assertEquals(log.lines, ["open", "text last", `text ${LONG}`]);
  connection.destroy();
});

Deno.test("WebSocketConnection keeps the contexts of two clients apart", async () => {
  const { context } = contextWith({ contextTakeover: true });
  using _context = context;
  const one = await open(context);
  const two = await open(context);
  const [first, second] = deflated([LONG, LONG], true);
  assert(first !== undefined && second !== undefined);

  await one.stream.deliver(first);
  await two.stream.deliver(...deflated(["other"], true));
  await one.stream.deliver(second);

  assertEquals(one.log.lines, ["open", `text ${LONG}`, `text ${LONG}`]);
  assertEquals(two.log.lines, ["open", "text other"]);
  one.connection.destroy();
  two.connection.destroy();
});

Deno.test("WebSocketConnection closes with 1007 at what cannot be decompressed", async () => {
  const { context } = contextWith();
  using _context = context;
  const { stream, log } = await open(context);

  const junk = Uint8Array.of(0xff, 0xff, 1, 2, 3);
  await stream.deliver(clientFrame(1, junk, { reserved: 4 }));
  await stream.deliverEnd();

  assertEquals(log.lines, [
    "open",
    "close 1007 message cannot be decompressed",
  ]);
});

Deno.test("WebSocketConnection closes with 1009 at a message that is too big when decompressed", async () => {
  const { context } = contextWith();
  using _context = context;
  const { stream, log } = await open(context);
  const atLimit = "x".repeat(10_000);

  await stream.deliver(...deflated([atLimit, `${atLimit}x`], false));
  await stream.deliverEnd();

  assertEquals(log.lines, [
    "open",
    `text ${atLimit}`,
    "close 1009 message too big",
  ]);
});

Deno.test("WebSocketConnection closes with 1007 at text that is not UTF-8 when decompressed", async () => {
  const { context } = contextWith();
  using _context = context;
  const { stream, log } = await open(context);
  const deflater = new Deflater({ windowBits: 15, level: 6 });
  const payload = deflater.deflate(Uint8Array.of(0x61, 0xff), 0, 2);
  deflater.close();

  await stream.deliver(clientFrame(1, payload, { reserved: 4 }));
  await stream.deliverEnd();

  assertEquals(log.lines, ["open", "close 1007 text is not UTF-8"]);
});
