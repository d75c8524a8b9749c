import { assert, assertEquals } from "@std/assert";
import {
  CLOSE_GOING_AWAY,
  type CloseReason,
} from "../../../../../lib/transport/connection.ts";
import { STEP } from "../../../../../lib/transport/websocket/deflate/inflation.ts";
import { WebSocketConnection } from "../../../../../lib/transport/websocket/websocket.ts";
import {
  encodeFrame,
  Opcode,
} from "../../../../../lib/transport/websocket/frames/websocket_frame.ts";
import { Deflater } from "../../../../../lib/transport/websocket/deflate/zlib_stream.ts";
import { bytes, clientFrame, concat, text } from "../../_feed.ts";
import {
  ConnectionLog,
  FakeContext,
  FakeStream,
  settle,
} from "../../_fake_stream.ts";
import { UPGRADE_REQUEST } from "../../_raw_client.ts";

const LIMIT = 200_000;

/** Takes four steps. */
const LARGE = "all work and no play makes Jack a dull boy. ".repeat(2_500);

interface Setting {
  readonly contextTakeover?: boolean;
}

function contextWith({ contextTakeover = false }: Setting = {}): FakeContext {
  const context = new FakeContext(LIMIT, 100_000);
  context.compress({ contextTakeover });
  return context;
}

/** A client that has agreed on compression. */
async function open(context: FakeContext) {
  const stream = new FakeStream();
  const connection = new WebSocketConnection(stream, context);
  const log = new ShortLog();
  connection.open(log);
  const offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
  await stream.deliver(
    bytes(UPGRADE_REQUEST.replace("\r\n\r\n", `\r\n${offer}\r\n`)),
  );
  stream.writes.length = 0;
  return { stream, connection, log };
}

/** Writes of large messages how large they are. */
class ShortLog extends ConnectionLog {
  override onMessage(
    buffer: Uint8Array,
    start: number,
    end: number,
    binary: boolean,
  ): void {
    if (end - start < 1_000) super.onMessage(buffer, start, end, binary);
    else {
      const isRight = binary || text(buffer.slice(start, end)) === LARGE;
      this.lines.push(`${isRight ? "large" : "wrong"} ${end - start}`);
      this.react("large");
    }
  }
}

/** Compresses as a client does that keeps no context, or as one that keeps it. */
class Client implements Disposable {
  readonly #deflater = new Deflater({ windowBits: 15, level: 6 });
  readonly #keepsContext: boolean;

  constructor({ contextTakeover = false }: Setting = {}) {
    this.#keepsContext = contextTakeover;
  }

  payload(message: string | Uint8Array): Uint8Array {
    if (!this.#keepsContext) this.#deflater.reset();
    const source = typeof message === "string" ? bytes(message) : message;
    return this.#deflater.deflate(source, 0, source.length);
  }

  frame(message: string | Uint8Array): Uint8Array {
    const opcode = typeof message === "string" ? Opcode.Text : Opcode.Binary;
    return clientFrame(opcode, this.payload(message), { reserved: 4 });
  }

  [Symbol.dispose](): void {
    this.#deflater.close();
  }
}

const LARGE_LINE = `large ${LARGE.length}`;

for (const contextTakeover of [false, true]) {
  const setting = { contextTakeover };
  const what = contextTakeover ? "with context" : "without context";

  Deno.test(`WebSocketConnection ${what} takes a large message step by step, and then what came behind it`, async () => {
    using context = contextWith(setting);
    using client = new Client(setting);
    const { stream, connection, log } = await open(context);

    await stream.deliver(
      client.frame("before"),
      client.frame(LARGE),
      client.frame("behind"),
      clientFrame(Opcode.Text, "plain"),
      client.frame(LARGE),
      client.frame("last"),
    );
    assertEquals(log.lines, ["open", "text before"]);
    assertEquals(connection.isPaused, true);
    await context.takeTurn();
    assertEquals(log.lines, ["open", "text before"]);
    await context.takeAllTurns();

    assertEquals(log.lines, [
      "open",
      "text before",
      LARGE_LINE,
      "text behind",
      "text plain",
      LARGE_LINE,
      "text last",
    ]);
    assertEquals(connection.isPaused, false);
    connection.destroy();
  });

  Deno.test(`WebSocketConnection ${what} takes a large message in fragments`, async () => {
    using context = contextWith(setting);
    using client = new Client(setting);
    const { stream, connection, log } = await open(context);
    const payload = client.payload(LARGE);
    const middle = payload.length >> 1;

    await stream.deliver(
      clientFrame(Opcode.Text, payload.slice(0, 10), {
        fin: false,
        reserved: 4,
      }),
      clientFrame(0, payload.slice(10, middle), { fin: false }),
    );
    await stream.deliver(clientFrame(0, payload.slice(middle)));
    await context.takeAllTurns();
    await stream.deliver(client.frame(LARGE));
    await context.takeAllTurns();

    assertEquals(log.lines, ["open", LARGE_LINE, LARGE_LINE]);
    connection.destroy();
  });
}

Deno.test("WebSocketConnection answers a ping behind a large message after it", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, connection, log } = await open(context);
  log.react = () => void connection.sendRaw(bytes("seen"));

  await stream.deliver(client.frame(LARGE), clientFrame(Opcode.Ping, "ping"));
  assertEquals(stream.output.length, 0);
  await context.takeAllTurns();

  const pong = encodeFrame(Opcode.Pong, bytes("ping"));
  assertEquals(stream.output, concat(bytes("seen"), pong));
});

Deno.test("WebSocketConnection reads nothing of a client whose message is being decompressed", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, log } = await open(context);

  await stream.deliver(client.frame(LARGE));
  const reads = stream.readSizes.length;
  await stream.deliver(clientFrame(Opcode.Text, "next"));
  await context.takeTurn();
  assertEquals(stream.readSizes.length, reads);
  await context.takeAllTurns();

  assertEquals(log.lines, ["open", LARGE_LINE, "text next"]);
});

Deno.test("WebSocketConnection makes much of little in more than one turn, however many messages it came in", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, log } = await open(context);
  const frame = client.frame(new Uint8Array(STEP - 1));

  await stream.deliver(...Array.from({ length: 20 }, () => frame));
  const atOnce = log.lines.length - 1;
  await context.takeTurn();
  const afterATurn = log.lines.length - 1;
  await context.takeAllTurns();

  assertEquals([atOnce, afterATurn], [2, 5]);
  assertEquals(log.lines.length - 1, 20);
});

for (
  const [what, message, end] of [
    ["a byte too long", new Uint8Array(LIMIT + 1), "1009 message too big"],
    ["many times too long", new Uint8Array(9_000_000), "1009 message too big"],
    [
      "no UTF-8 in a later step",
      `${"a".repeat(100_000)}\0${"a".repeat(90_000)}`,
      "1007 text is not UTF-8",
    ],
  ] as const
) {
  Deno.test(`WebSocketConnection closes at a large message that is ${what}`, async () => {
    using context = contextWith();
    using deflater = new Client();
    const { stream, log } = await open(context);
    const source = typeof message === "string" ? bytes(message) : message;
    const opcode = typeof message === "string" ? Opcode.Text : Opcode.Binary;
    if (opcode === Opcode.Text) source[100_000] = 0xff;
    const payload = deflater.payload(source);

    await stream.deliver(
      clientFrame(opcode, payload, { reserved: 4 }),
      clientFrame(Opcode.Text, "too late"),
    );
    assertEquals(log.lines, ["open"]);
    await context.takeAllTurns();
    assertEquals(stream.isHalfClosed, true);
    await stream.deliverEnd();

    assertEquals(log.lines, ["open", `close ${end}`]);
  });
}

Deno.test("WebSocketConnection takes a large message of as many bytes as there may be", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, log } = await open(context);

  await stream.deliver(client.frame(new Uint8Array(LIMIT)));
  await context.takeAllTurns();

  assertEquals(log.lines, ["open", `large ${LIMIT}`]);
});

Deno.test("WebSocketConnection closes at a large message that cannot be decompressed to its end", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, log } = await open(context);
  const start = client.payload(LARGE);
  const payload = concat(start, Uint8Array.of(0, 0, 0, 255, 255, 255));

  await stream.deliver(clientFrame(Opcode.Text, payload, { reserved: 4 }));
  await context.takeAllTurns();
  await stream.deliverEnd();

  assertEquals(log.lines, [
    "open",
    "close 1007 message cannot be decompressed",
  ]);
});

const CLOSE = clientFrame(Opcode.Close, Uint8Array.of(3, 232));

for (const contextTakeover of [false, true]) {
  const what = contextTakeover ? "with context" : "without context";

  Deno.test(`WebSocketConnection.destroy() in the middle of a large message ${what} leaves nothing behind`, async () => {
    using context = contextWith({ contextTakeover });
    using client = new Client({ contextTakeover });
    const { stream, connection, log } = await open(context);
    await stream.deliver(client.frame(LARGE), client.frame("behind"));
    await context.takeTurn();

    connection.destroy();
    await settle();

    assertEquals(context.inflateQueue.length, 0);
    assertEquals([stream.isClosed, context.ended.length], [true, 1]);
    assertEquals(log.lines, ["open", "close 1006 "]);
  });

  Deno.test(`WebSocketConnection.close() in the middle of a large message ${what} waits for the client's goodbye alone`, async () => {
    using context = contextWith({ contextTakeover });
    using client = new Client({ contextTakeover });
    const { stream, connection, log } = await open(context);
    await stream.deliver(client.frame(LARGE), client.frame(LARGE), CLOSE);
    await context.takeTurn();
    assertEquals(context.inflateQueue.length, 1);

    connection.close(CLOSE_GOING_AWAY);
    await settle();

    assertEquals(context.inflateQueue.length, 0);
    assertEquals(stream.isClosed, true);
    assertEquals(log.lines, ["open", closeLine(CLOSE_GOING_AWAY)]);
  });
}

function closeLine({ code, reason }: CloseReason): string {
  return `close ${code} ${reason}`;
}

Deno.test("WebSocketConnection tells the client's goodbye behind a large message after it", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, log } = await open(context);

  await stream.deliver(client.frame(LARGE), CLOSE);
  await context.takeAllTurns();

  assertEquals(log.lines, ["open", LARGE_LINE, "close 1000 "]);
  assertEquals(stream.isClosed, true);
});

Deno.test("WebSocketConnection may be closed by who is told of a large message", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, connection, log } = await open(context);
  log.react = () => connection.close(CLOSE_GOING_AWAY);

  await stream.deliver(client.frame(LARGE), client.frame("behind"), CLOSE);
  await context.takeAllTurns();

  assertEquals(log.lines, ["open", LARGE_LINE, closeLine(CLOSE_GOING_AWAY)]);
  assertEquals(stream.isClosed, true);
});

Deno.test("WebSocketConnection ends in time even if its message waits for ever", async () => {
  using context = contextWith();
  using client = new Client();
  const { stream, connection, log } = await open(context);
  await stream.deliver(client.frame(LARGE));

  connection.close(CLOSE_GOING_AWAY);
  await settle();
  await context.pass(context.closeTimeout);

  assertEquals([stream.isClosed, context.inflateQueue.length], [true, 0]);
  assertEquals(log.lines.length, 2);
});

Deno.test("WebSocketConnection whose large message is one too many waits for its rate as well", async () => {
  using context = contextWith();
  using client = new Client();
  context.rate = { messages: Infinity, bytes: 10_000, policy: "pause" };
  const { stream, connection, log } = await open(context);

  await stream.deliver(client.frame(LARGE), clientFrame(Opcode.Text, "behind"));
  // Looks for those that may go on, while the message is under way and after it.
  assertEquals(connection.tryAgain(performance.now() + 1_000), true);
  assertEquals(log.lines, ["open"]);
  await context.takeAllTurns();
  assertEquals(log.lines, ["open", LARGE_LINE]);
  assertEquals(connection.isPaused, true);
  assertEquals(connection.tryAgain(performance.now() + 60_000), true);

  assertEquals(log.lines, ["open", LARGE_LINE, "text behind"]);
  connection.destroy();
});

Deno.test("WebSocketConnection that is too fast before a large message waits for both", async () => {
  using context = contextWith();
  using client = new Client();
  context.rate = { messages: 1, bytes: Infinity, policy: "pause" };
  const { stream, connection, log } = await open(context);
  const small = clientFrame(Opcode.Text, "small");

  // Both in one read.
  const zeros = client.frame(new Uint8Array(100_000));
  await stream.deliver(small, small, zeros, small);
  assertEquals(context.inflateQueue.length, 1);
  assertEquals(log.lines, ["open", "text small", "text small"]);
  // The rate is kept again, but the message is under way.
  assertEquals(connection.tryAgain(performance.now() + 60_000), true);
  assertEquals(connection.isPaused, true);
  assertEquals(log.lines.length, 3);
  await context.takeAllTurns();

  assertEquals(log.lines.slice(3), ["large 100000", "text small"]);
  connection.destroy();
});

Deno.test("WebSocketConnection lets every client's large messages through", async () => {
  using context = contextWith();
  using client = new Client();
  const clients = await Promise.all(
    Array.from({ length: 40 }, () => open(context)),
  );
  const frames = [
    client.frame(LARGE),
    client.frame("then"),
    client.frame(LARGE),
  ];

  await Promise.all(clients.map(({ stream }) => stream.deliver(...frames)));
  clients[7]?.connection.destroy();
  assertEquals(context.inflateQueue.length, 39);
  const turns = await context.takeAllTurns();

  for (const [index, { log }] of clients.entries()) {
    const lines = [LARGE_LINE, "text then", LARGE_LINE];
    assertEquals(log.lines.slice(1), index === 7 ? ["close 1006 "] : lines);
  }
  assert(turns >= 39 * 8, `took ${turns} turns`);
});
