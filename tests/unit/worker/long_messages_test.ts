import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type {
  ClientMessageEvent,
  Cluster,
  Handler,
  HandlerEvent,
} from "../../../mod.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import { Flag, FrameDecoder } from "../../../lib/wire/frame.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";
import { Link } from "../../../lib/link/link.ts";
import { RequestTally } from "../../../lib/worker/events/open_requests.ts";
import { GatewayStream } from "../../../lib/worker/gateway_stream.ts";

/** The bytes of a message: its own number, again and again, as letters. */
function letters(number: number, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).fill(97 + number % 26);
}

/** A worker's end of a link whose gateway is played by hand. */
class TestWorker implements Disposable {
  readonly #log = new FrameLog();
  readonly #link: Link;
  #wake = Promise.withResolvers<void>();
  #sent = 0;
  readonly stream: GatewayStream;
  /** What the worker answered: client, bytes. */
  readonly answers: { client: number; bytes: Uint8Array }[] = [];

  constructor(handler: Handler, version = 3) {
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
    const peer = { name: "", instance: "", address: "", version };
    this.#link = new Link(
      {
        read: (into) => this.#read(into),
        write: (bytes) => this.#hear(bytes),
        close: () => this.#wake.resolve(),
      },
      { ...peer, role: "gateway" },
      this.stream,
      { keepFrames: true, gatherWithin: 0 },
    );
    this.stream.link = this.#link;
    this.#link.start();
  }

  /** A client says so many letters. */
  say(client: number, length: number, flags = 0): void {
    const bytes = letters(++this.#sent, length);
    this.#log.append(
      Command.Message,
      flags,
      client,
      this.#sent,
      bytes,
      0,
      length,
    );
  }

  /** A client's state changes, in a frame between the messages. */
  bind(client: number, uid: string): void {
    const state = { version: 1, uid, remoteAddress: "a:1", listener: 0 };
    const head = encodeBody(state);
    this.#log.appendHeaded(Command.Bind, 0, client, 0, head, new Uint8Array());
  }

  /** Lets what was said come, and waits until all of it was read. */
  async deliver(): Promise<void> {
    this.#wake.resolve();
    while (this.#log.pendingBytes > 0) await turn();
    await turn();
  }

  async #read(into: Uint8Array): Promise<number | null> {
    let bytes = this.#log.startWrite();
    while (bytes === undefined) {
      this.#wake = Promise.withResolvers();
      await this.#wake.promise;
      if (!this.#link.isOpen) return null;
      bytes = this.#log.startWrite();
    }
    const count = Math.min(bytes.length, into.length, 70_000);
    into.set(bytes.subarray(0, count));
    this.#log.endWrite(count);
    this.#log.acknowledge(this.#log.lastEvent);
    return count;
  }

  #hear(bytes: Uint8Array): Promise<number> {
    const copy = new Uint8Array(bytes);
    new FrameDecoder({
      onFrame: ({ command, connectionId }, buffer, start, end) => {
        if (command !== Command.SendToOne) return;
        const bytes = buffer.slice(start, end);
        this.answers.push({ client: connectionId, bytes });
      },
    }).push(copy, new DataView(copy.buffer), 0, copy.length);
    return Promise.resolve(copy.length);
  }

  [Symbol.dispose](): void {
    this.#link.destroy();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Whether a message is what its sender said, and nobody wrote over it. */
function isWhole(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === bytes[0]);
}

/** A handler of messages only. */
function onMessage(handle: (event: ClientMessageEvent) => unknown): Handler {
  return (event: HandlerEvent) =>
    event.type === "message" ? handle(event) as undefined : undefined;
}

/** How long messages are: few, some, and more bytes than a usual buffer has. */
const lengths = fc.oneof(
  fc.integer({ min: 1, max: 200 }),
  fc.integer({ min: 8_000, max: 9_000 }),
  fc.integer({ min: 60_000, max: 70_000 }),
  fc.integer({ min: 130_000, max: 300_000 }),
);

for (const version of [2, 3]) {
  Deno.test(`long messages stay as they are while their handlers run, with version ${version}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(lengths, fc.nat(2), fc.nat(3)), { maxLength: 30 }),
        async (messages) => {
          const waits: (() => void)[] = [];
          const faults: string[] = [];
          const kept: Uint8Array[] = [];
          using worker = new TestWorker(
            onMessage(async (event) => {
              const early = event.view();
              const first = early[0];
              const bytes = event.bytes();
              kept.push(bytes);
              await new Promise<void>((resolve) => waits.push(resolve));
              const view = event.view();
              if (!isWhole(view) || !isWhole(early) || view[0] !== first) {
                faults.push(`${event.id} was written over`);
              }
              if (event.text().length !== bytes.length) {
                faults.push(`${event.id} is another one`);
              }
              return event.text();
            }),
            version,
          );
          for (const [length, client, ended] of messages) {
            worker.say(1 + client, length);
            worker.bind(1 + client, "ann");
            await worker.deliver();
            for (let each = 0; each < ended; each++) waits.shift()?.();
            if (ended === 3) {
              for (let i = 0; i < 3; i++) worker.stream.age();
            }
          }
          for (let i = 0; i <= messages.length; i++) {
            for (const end of waits.splice(0)) end();
            await turn();
          }

          assertEquals(faults, []);
          assertEquals(worker.stream.unfinished, 0);
          assertEquals(kept.filter(isWhole).length, messages.length);
          assertEquals(worker.answers.length, messages.length);
          assertEquals(
            worker.answers.every(({ bytes }) => isWhole(bytes)),
            true,
          );
        },
      ),
      { numRuns: 40 },
    );
  });
}

Deno.test("the memory of long messages is read into again when their handlers have ended", async () => {
  const memories = new Set<ArrayBufferLike>();
  using worker = new TestWorker(
    onMessage((event) => void memories.add(event.view().buffer)),
  );

  for (let each = 0; each < 50; each++) {
    worker.say(1, 64 * 1024);
    await worker.deliver();
  }

  assert(memories.size <= 3, `${memories.size} pieces of memory`);
});

Deno.test("messages are sent on from where they came, long ones and short ones", async () => {
  using worker = new TestWorker(onMessage((event) => event.view()));

  worker.say(1, 20_000, Flag.Binary);
  worker.say(1, 30, Flag.Binary);
  await worker.deliver();

  assertEquals(
    worker.answers.map(({ bytes }) => bytes.length),
    [20_000, 30],
  );
});

Deno.test("a long message that its handler did not look at can be read later, whatever came since", async () => {
  const events: ClientMessageEvent[] = [];
  using worker = new TestWorker(onMessage((event) => void events.push(event)));

  for (let each = 0; each < 20; each++) worker.say(1, 64 * 1024);
  await worker.deliver();

  const texts = events.map((event) => event.text());
  assertEquals(
    texts,
    events.map((_, i) => String.fromCharCode(98 + i).repeat(64 * 1024)),
  );
  assertEquals(events.map((event) => event.bytes()).every(isWhole), true);
});

Deno.test("a long message that its handler looked at cannot be read again when that has ended, but for its text", async () => {
  const events: ClientMessageEvent[] = [];
  using worker = new TestWorker(
    onMessage((event) => {
      events.push(event);
      if (events.length === 3) event.bytes();
      else event.text();
    }),
  );

  // With the first it becomes known that messages are long.
  worker.say(1, 64 * 1024);
  await worker.deliver();
  worker.say(1, 64 * 1024);
  worker.say(1, 64 * 1024);
  worker.say(1, 100);
  await worker.deliver();

  const [, text, bytes, short] = events as [
    ClientMessageEvent,
    ClientMessageEvent,
    ClientMessageEvent,
    ClientMessageEvent,
  ];
  assertEquals(text.text(), "c".repeat(64 * 1024));
  for (const read of [() => text.bytes(), () => text.view()]) {
    assertThrows(read, TypeError, "its handler must not have ended");
  }
  assertThrows(() => bytes.text(), TypeError, "memory is used again");
  assertEquals(short.bytes().length, 100);
});

Deno.test("a handler that has run for too long goes on with the message that it had", async () => {
  const goOn = Promise.withResolvers<void>();
  const seen: boolean[] = [];
  const views: Uint8Array[] = [];
  using worker = new TestWorker(
    onMessage(async (event) => {
      views.push(event.view());
      if (views.length > 1) return;
      await goOn.promise;
      seen.push(isWhole(event.bytes()), isWhole(views[0] as Uint8Array));
    }),
  );
  worker.say(1, 64 * 1024);
  await worker.deliver();
  for (const lane of worker.stream.lanes.all()) lane.expire(1_000, 0);
  for (const lane of worker.stream.lanes.all()) lane.expire(1_000, 2_000);

  for (let each = 0; each < 20; each++) worker.say(1, 50_000);
  await worker.deliver();
  goOn.resolve();
  await turn();

  assertEquals(seen, [true, true]);
  assertEquals(views.length, 21);
});
