import { assertEquals } from "@std/assert";
import { Unfinished } from "../../../../lib/transport/admission/unfinished.ts";
import { WebSocketConnection } from "../../../../lib/transport/websocket/websocket.ts";
import { Deflater } from "../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, clientFrame } from "../_feed.ts";
import { ConnectionLog, FakeContext, FakeStream } from "../_fake_stream.ts";
import { UPGRADE_REQUEST } from "../_raw_client.ts";

/** Holders that write down who was ended. */
function holders(...names: string[]) {
  const ended: string[] = [];
  const all = names.map((name) => ({ destroy: () => void ended.push(name) }));
  return { ended, all };
}

Deno.test("Unfinished ends whoever has been at it the longest, and no more than it must", () => {
  const unfinished = new Unfinished(100);
  const { ended, all: [a, b, c] } = holders("a", "b", "c");
  if (!a || !b || !c) return;

  unfinished.note(a, 20);
  unfinished.note(b, 30);
  unfinished.note(a, 40);
  unfinished.note(c, 30);
  assertEquals([unfinished.bytes, ended], [100, []]);
  unfinished.note(c, 31);

  assertEquals([unfinished.bytes, ended], [61, ["a"]]);
});

Deno.test("Unfinished takes who holds less than before for one who has begun anew", () => {
  const unfinished = new Unfinished(100);
  const { ended, all: [a, b] } = holders("a", "b");
  if (!a || !b) return;

  unfinished.note(a, 60);
  unfinished.note(b, 30);
  unfinished.note(a, 5);
  unfinished.note(a, 71);

  assertEquals([unfinished.bytes, ended], [71, ["b"]]);
});

Deno.test("Unfinished ends even the last one, and forgets who holds nothing", () => {
  const unfinished = new Unfinished(100);
  const { ended, all: [a, b] } = holders("a", "b");
  if (!a || !b) return;

  unfinished.note(a, 90);
  unfinished.note(a, 0);
  unfinished.note(b, 101);

  assertEquals([unfinished.bytes, ended], [0, ["b"]]);
});

const LIMIT = 1_000_000;

/** Clients of one gateway, which may hold so many bytes together. */
class Clients implements Disposable {
  readonly context = new FakeContext(LIMIT, 100_000);
  readonly unfinished: Unfinished;

  constructor(limit: number) {
    this.context.unfinished = this.unfinished = new Unfinished(limit);
    this.context.compress();
  }

  async open() {
    const stream = new FakeStream();
    const connection = new WebSocketConnection(stream, this.context);
    const log = new ConnectionLog();
    connection.open(log);
    const offer = "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    await stream.deliver(bytes(UPGRADE_REQUEST.replace("\r\n\r\n", offer)));
    return { stream, connection, log };
  }

  [Symbol.dispose](): void {
    this.context[Symbol.dispose]();
  }
}

const MESSAGE = clientFrame(2, new Uint8Array(100_000));

Deno.test("WebSocketConnection is ended if it holds the oldest of too many unfinished bytes", async () => {
  using clients = new Clients(250_000);
  const [slow, slower, quick] = [
    await clients.open(),
    await clients.open(),
    await clients.open(),
  ];

  await slow.stream.deliver(MESSAGE.slice(0, -1));
  await slower.stream.deliver(MESSAGE.slice(0, 50_000));
  await quick.stream.deliver(MESSAGE.slice(0, 90_000));
  assertEquals(clients.unfinished.bytes, MESSAGE.length - 1 + 140_000);
  await slower.stream.deliver(MESSAGE.slice(50_000, 70_000));

  assertEquals(slow.stream.isClosed, true);
  assertEquals(slow.log.lines, ["open", "close 1006 "]);
  assertEquals(clients.unfinished.bytes, 160_000);
  await quick.stream.deliver(MESSAGE.slice(90_000));
  await slower.stream.deliver(MESSAGE.slice(70_000));
  assertEquals(quick.log.lines.length, 2);
  assertEquals(slower.log.lines.length, 2);
  assertEquals(clients.unfinished.bytes, 0);
});

Deno.test("WebSocketConnection counts fragments and what waits to be decompressed", async () => {
  using clients = new Clients(Infinity);
  const { stream, connection, log } = await clients.open();
  const deflater = new Deflater({ windowBits: 15, level: 6 });
  const source = new Uint8Array(500_000);
  for (let at = 0; at < source.length; at += 65_536) {
    crypto.getRandomValues(source.subarray(at, at + 65_536));
  }
  const payload = deflater.deflate(source, 0, source.length);
  deflater.close();

  await stream.deliver(
    clientFrame(2, payload.slice(0, 200_000), { fin: false, reserved: 4 }),
  );
  assertEquals(clients.unfinished.bytes, 200_000);
  await stream.deliver(clientFrame(0, payload.slice(200_000)));
  assertEquals(clients.unfinished.bytes, payload.length);
  await clients.context.takeAllTurns();

  assertEquals(log.lines.length, 2);
  assertEquals(clients.unfinished.bytes, 0);
  await stream.deliver(MESSAGE.slice(0, -1));
  connection.destroy();
  assertEquals(clients.unfinished.bytes, 0);
});

Deno.test("WebSocketConnection does not count what every client may have", async () => {
  using clients = new Clients(1);
  const { stream, log } = await clients.open();

  await stream.deliver(MESSAGE.slice(0, 4_000));

  assertEquals(clients.unfinished.bytes, 0);
  assertEquals(log.lines, ["open"]);
});
