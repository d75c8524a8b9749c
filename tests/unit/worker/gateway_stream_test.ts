import { assertEquals, assertThrows } from "@std/assert";
import type { Cluster, Handler } from "../../../mod.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { Flag, FrameDecoder, FrameHeader } from "../../../lib/wire/frame.ts";
import { Link } from "../../../lib/link/link.ts";
import { ProtocolError } from "../../../lib/base/errors.ts";
import { RequestTally } from "../../../lib/worker/events/open_requests.ts";
import { GatewayStream } from "../../../lib/worker/gateway_stream.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";

/** A worker's end of a link, played by hand: events come in, frames are looked at. */
class TestStream implements Disposable {
  readonly #conn: MemoryConn;
  readonly #link: Link;
  readonly #numbers = new Map<number, number>();
  #seen = 0;
  readonly stream: GatewayStream;

  constructor(version: number, handler: Handler) {
    [this.#conn] = MemoryConn.pair();
    this.stream = new GatewayStream("7f0000010b54", 1_000_000, {
      handler,
      cluster: {} as Cluster,
      isOver: false,
      tally: new RequestTally(),
      marksBeside: () => [],
      onWritten: () => {},
      onHandled: () => {},
      onThrown: () => {},
      onTimedOut: () => {},
    });
    const peer = { role: "gateway", name: "", instance: "", address: "" };
    this.#link = new Link(
      this.#conn,
      { ...peer, role: "gateway", version },
      this.stream,
      { keepFrames: true, gatherWithin: 0 },
    );
    this.stream.link = this.#link;
  }

  /** A client said something; the bytes are part of larger memory, which is returned. */
  say(client: number, text: string): Uint8Array {
    const memory = new Uint8Array(1_000);
    const { written } = new TextEncoder().encodeInto(text, memory);
    const header = new FrameHeader();
    header.command = Command.Message;
    header.connectionId = client;
    header.number = (this.#numbers.get(client) ?? 0) + 1;
    this.#numbers.set(client, header.number);
    this.stream.onFrame(header, memory, 0, written);
    return memory;
  }

  /** The gateway tells something of a client, with what should be its state. */
  tell(
    command: number,
    client: number,
    state: unknown,
    payload: unknown,
  ): void {
    const [head, rest] = [encodeBody(state), encodeBody(payload)];
    const body = new Uint8Array(4 + head.length + rest.length);
    new DataView(body.buffer).setUint32(0, head.length);
    body.set(head, 4);
    body.set(rest, 4 + head.length);
    this.frame(command, client, Flag.Head, body);
  }

  /** A frame came. */
  frame(
    command: number,
    client: number,
    flags: number,
    body: Uint8Array,
  ): void {
    const header = new FrameHeader();
    header.command = command;
    header.connectionId = client;
    header.flags = flags;
    this.stream.onFrame(header, body, 0, body.length);
  }

  /** Time passes, until what runs counts as old. */
  age(): void {
    for (let each = 0; each < 3; each++) this.stream.age();
  }

  /** What was written since the last look: commands by name, with their two numbers. */
  async said(): Promise<string[]> {
    await this.settled();
    const bytes = new Uint8Array(this.#conn.written.slice(this.#seen));
    this.#seen += bytes.length;
    const said: string[] = [];
    new FrameDecoder({
      onFrame: ({ command, connectionId, number }) =>
        void said.push(`${NAMES.get(command)} ${connectionId} ${number}`),
    }).push(bytes, new DataView(bytes.buffer), 0, bytes.length);
    return said;
  }

  async settled(): Promise<void> {
    do await new Promise((resolve) => setTimeout(resolve, 0)); while (
      !this.#link.isFlushed
    );
  }

  [Symbol.dispose](): void {
    this.#link.destroy();
  }
}

const NAMES = new Map<number, string>(
  Object.entries(Command).map(([name, number]) => [number, name]),
);

/** A handler that waits for a word: it goes on with the next event whenever told. */
function waiting(): { handler: Handler; goOn: () => void; texts: string[] } {
  const texts: string[] = [];
  const waits: (() => void)[] = [];
  return {
    texts,
    goOn: () => waits.shift()?.(),
    handler: async (event) => {
      if (event.type !== "message") return;
      await new Promise<void>((resolve) => waits.push(resolve));
      texts.push(event.text());
    },
  };
}

const STORM = 10_000;

Deno.test("GatewayStream names a client once, however many of its events take long", async () => {
  const { handler, goOn } = waiting();
  using test = new TestStream(3, handler);
  for (let each = 0; each < STORM; each++) test.say(7, "x");
  test.say(8, "y");

  test.age();

  assertEquals(await test.said(), [
    `DeferUpTo 7 ${STORM}`,
    "DeferUpTo 8 1",
    `Acknowledge 0 ${STORM + 1}`,
  ]);
  assertEquals(test.stream.unfinished, STORM + 1);
  goOn();
  await test.settled();
  goOn();

  assertEquals((await test.said()).slice(0, 1), ["ReleaseUpTo 7 1"]);
  assertEquals(test.stream.unfinished, STORM - 1);
});

Deno.test("GatewayStream says once how far a client is, however many events that are", async () => {
  const { handler, goOn } = waiting();
  using test = new TestStream(3, handler);
  for (const text of ["a", "b", "c"]) test.say(7, text);
  test.age();
  await test.said();

  for (let each = 0; each < 3; each++) {
    goOn();
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  }

  const said = await test.said();
  assertEquals(said.at(-1), "ReleaseUpTo 7 3");
  assertEquals(test.stream.unfinished, 0);
  assertEquals(test.stream.isSettled, false);
});

Deno.test("GatewayStream acknowledges what comes of a client after its long events as always", async () => {
  const { handler, goOn } = waiting();
  using test = new TestStream(3, handler);
  test.say(7, "a");
  test.age();
  await test.said();
  test.say(7, "b");
  goOn();
  assertEquals(await test.said(), ["ReleaseUpTo 7 1"]);

  goOn();

  assertEquals(await test.said(), ["Acknowledge 0 2"]);
});

Deno.test("GatewayStream does not set aside what a client did before its long event", async () => {
  const { handler, goOn } = waiting();
  using test = new TestStream(3, handler);
  test.say(6, "holds up all others");
  test.say(7, "a");
  test.say(7, "b");
  await test.settled();
  goOn();
  goOn();
  await test.settled();
  test.say(6, "again");
  test.say(7, "c");
  test.age();

  assertEquals((await test.said()).filter((each) => each.includes(" 7 ")), [
    "DeferUpTo 7 3",
    "ReleaseUpTo 7 1",
  ]);
});

Deno.test("GatewayStream names each event to a gateway of version 2", async () => {
  const { handler, goOn } = waiting();
  using test = new TestStream(2, handler);
  for (const text of ["a", "b"]) test.say(7, text);

  test.age();

  assertEquals(await test.said(), [
    "Defer 0 1",
    "Defer 0 2",
    "Acknowledge 0 2",
  ]);
  goOn();
  assertEquals(await test.said(), ["Release 0 1"]);
});

for (const version of [2, 3]) {
  Deno.test(`GatewayStream lets go of the memory that long events came in, with version ${version}`, async () => {
    const { handler, goOn, texts } = waiting();
    using test = new TestStream(version, handler);
    const memories = ["first", "second"].map((text) => test.say(7, text));

    test.age();
    for (const memory of memories) memory.fill(0);
    goOn();
    await test.settled();
    goOn();
    await test.settled();

    assertEquals(texts, ["first", "second"]);
  });
}

const STATE = { version: 1, uid: "ann", remoteAddress: "a:1", listener: 0 };

/** What a state must not be. */
const UNREADABLE = [
  { ...STATE, uid: 42 },
  { ...STATE, session: "text" },
  { ...STATE, version: "1" },
  { ...STATE, listener: NaN },
  ["a list"],
  null,
];

/** A handler that notes what it is told. */
function noting() {
  const told: string[] = [];
  const handler: Handler = (event) => {
    if (!("client" in event)) return;
    const text = event.type === "message" ? event.text() : "";
    told.push(`${event.type} ${event.client.uid ?? ""} ${text}`.trim());
  };
  return { told, handler };
}

for (const state of UNREADABLE) {
  Deno.test(`GatewayStream closes a client whose state is ${JSON.stringify(state)}, and costs nobody else anything`, async () => {
    await using log = await LogLines.collect();
    const { told, handler } = noting();
    using test = new TestStream(3, handler);

    test.tell(Command.Connect, 7, state, {});
    test.say(7, "not handled");
    test.tell(Command.Connect, 8, STATE, {});
    test.say(8, "handled");
    test.tell(Command.Bind, 7, STATE, undefined);
    test.tell(Command.Close, 7, state, { code: 1011, reason: "" });
    test.tell(Command.Connect, 7, STATE, {});

    assertEquals(told, ["connect ann", "message ann handled", "connect ann"]);
    assertEquals(await test.said(), [
      "CloseClient 7 0",
      "CloseClient 7 0",
      "Acknowledge 0 6",
    ]);
    assertEquals(test.stream.unfinished, 0);
    assertEquals(log.lines.length, 1);
  });
}

Deno.test("GatewayStream keeps what it knew of a client whose new state cannot be read, and closes it", async () => {
  await using _log = await LogLines.collect();
  const { told, handler } = noting();
  using test = new TestStream(3, handler);
  test.tell(Command.Connect, 7, STATE, {});

  test.tell(Command.Bind, 7, { uid: 42 }, undefined);
  test.say(7, "hi");
  test.frame(Command.Close, 7, 0, new TextEncoder().encode("junk"));

  assertEquals(told, ["connect ann", "message ann hi", "close ann"]);
  assertEquals(await test.said(), ["CloseClient 7 0", "Acknowledge 0 3"]);
});

Deno.test("GatewayStream takes no witness that cannot be read, and a head that is cut off for no frame", async () => {
  await using _log = await LogLines.collect();
  using test = new TestStream(3, () => {});

  test.tell(Command.Witness, 7, { worker: 42 }, undefined);
  assertEquals(test.stream.lanes.witnesses, 0);

  for (const body of ["", "000000", "0000000561"]) {
    assertThrows(
      () => test.frame(Command.Connect, 7, Flag.Head, Uint8Array.fromHex(body)),
      ProtocolError,
      "its head is cut off",
    );
  }
});
