import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HUGE_BUFFER, takeBuffer } from "../../../../lib/base/buffer_pool.ts";
import { MAX_COPIED } from "../../../../lib/transport/outgoing/chunk_queue.ts";
import { BREATH, Outbox } from "../../../../lib/transport/outgoing/outbox.ts";
import { Surplus } from "../../../../lib/transport/outgoing/surplus.ts";
import { bytes, concat, text } from "../_feed.ts";
import { FakeStream, settle } from "../_fake_stream.ts";

/** An outbox on a stream whose writes end when the test says so. */
function setUp(sendBuffer = 1_000, surplusLimit = 0) {
  let time = 0;
  const surplus = new Surplus({ now: () => time, limit: surplusLimit });
  const rules = { sendBuffer, writeWindow: undefined, surplus };
  const stream = new FakeStream();
  stream.isFast = false;
  const owner = {
    drained: 0,
    failed: 0,
    recalled: 0,
    onRelease: () => {},
    onRecalled: () => void owner.recalled++,
    onDrained: () => void owner.drained++,
    onWriteFailed: () => void owner.failed++,
  };
  const outbox = new Outbox(stream, rules, owner);
  const pass = (milliseconds: number) => void (time += milliseconds);
  return { stream, owner, outbox, rules, surplus, pass };
}

function textOf(stream: FakeStream): string[] {
  return stream.writes.map(text);
}

Deno.test("Outbox writes what one batch appended in one write", async () => {
  const { stream, outbox } = setUp();

  outbox.append(bytes("a"));
  outbox.append(bytes("b"));
  assertEquals(textOf(stream), []);
  await settle();

  assertEquals(textOf(stream), ["ab"]);
});

Deno.test("Outbox has one write in flight, and then writes all that has gathered", async () => {
  const { stream, owner, outbox } = setUp();
  outbox.append(bytes("a"));
  await settle();

  outbox.append(bytes("b"));
  outbox.append(bytes("c"));
  await settle();
  assertEquals(textOf(stream), ["a"]);
  await stream.takeWrite();

  assertEquals(textOf(stream), ["a", "bc"]);
  assertEquals(owner.drained, 0);
  await stream.takeWrite();
  assertEquals(owner.drained, 1);
});

Deno.test("Outbox goes on after a write that took less than it was given", async () => {
  const { stream, owner, outbox } = setUp();
  outbox.append(bytes("hello"));
  await settle();

  await stream.takeWrite(2);
  assertEquals(outbox.queuedBytes, 3);
  await stream.takeWrite(3);

  assertEquals(textOf(stream), ["hello", "llo"]);
  assertEquals([outbox.queuedBytes, owner.drained], [0, 1]);
});

Deno.test("Outbox.append() copies: the caller may change its bytes", async () => {
  const { stream, outbox } = setUp();
  const message = bytes("a");

  outbox.append(message);
  message.fill(0);
  await settle();

  assertEquals(textOf(stream), ["a"]);
});

Deno.test("Outbox.appendShared() writes the very array when it is alone", async () => {
  const { stream, outbox } = setUp();
  const frame = bytes("shared");

  outbox.appendShared(frame);
  await settle();

  assert(stream.written[0] === frame);
});

Deno.test("Outbox.appendShared() keeps order with what is appended around it", async () => {
  const { stream, outbox } = setUp(1_000_000);
  const large = new Uint8Array(MAX_COPIED + 1).fill(0x4c);

  outbox.appendShared(bytes("a"));
  outbox.appendShared(bytes("b"));
  outbox.append(bytes("c"));
  outbox.appendShared(large);
  outbox.append(bytes("d"));
  outbox.appendShared(bytes("e"));
  await settle();
  for (let i = 0; i < 3; i++) await stream.takeWrite();

  assertEquals(text(stream.output), `abc${text(large)}de`);
  assert(stream.written[1] === large);
  assertEquals(stream.writes.length, 3);
});

Deno.test("Outbox.reserve() makes room for a frame that is written in place", async () => {
  const { stream, outbox } = setUp();

  const at = outbox.reserve(2);
  outbox.tail.set(bytes("ok"), at);
  await settle();

  assertEquals(textOf(stream), ["ok"]);
});

Deno.test("Outbox takes bytes up to its limit, and not one past it", () => {
  const { outbox } = setUp(10);

  assertEquals(outbox.append(new Uint8Array(7)), true);
  assertEquals(outbox.append(new Uint8Array(4)), false);
  assertEquals(outbox.append(new Uint8Array(3)), true);
  assertEquals(outbox.appendShared(new Uint8Array(1)), false);
  assertEquals(outbox.reserve(1), -1);
  assertEquals(outbox.queuedBytes, 10);
});

Deno.test("Outbox counts the write in flight among its bytes", async () => {
  const { stream, outbox } = setUp(10);
  outbox.append(new Uint8Array(10));
  await settle();

  await stream.takeWrite(4);

  assertEquals(outbox.append(new Uint8Array(5)), false);
  assertEquals(outbox.append(new Uint8Array(4)), true);
});

Deno.test("Outbox takes one message larger than its limit at a time", async () => {
  const { stream, outbox } = setUp(10);

  assertEquals(outbox.append(new Uint8Array(5)), true);
  assertEquals(outbox.appendShared(new Uint8Array(50)), true);
  assertEquals(outbox.appendShared(new Uint8Array(11)), false);
  assertEquals(outbox.append(new Uint8Array(5)), true);
  await settle();
  await stream.takeWrite();
  assertEquals(outbox.queuedBytes, 0);

  assertEquals(outbox.append(new Uint8Array(11)), true);
  assertEquals(outbox.append(new Uint8Array(11)), false);
});

Deno.test("Outbox counts a large message for what is left of it, and no more", async () => {
  const { stream, outbox } = setUp(1_000);
  outbox.append(new Uint8Array(300));
  outbox.appendShared(new Uint8Array(50_000));
  outbox.append(new Uint8Array(700));
  await settle();

  await stream.takeWrite(300);
  assertEquals([outbox.queuedBytes, outbox.load], [50_700, 700]);
  await stream.takeWrite(49_999);
  assertEquals([outbox.queuedBytes, outbox.load], [701, 700]);
  await stream.takeWrite(1);

  assertEquals([outbox.queuedBytes, outbox.load], [700, 700]);
  assertEquals(outbox.append(new Uint8Array(301)), false);
  assertEquals(outbox.append(new Uint8Array(300)), true);
  assertEquals(outbox.appendShared(new Uint8Array(50_000)), true);
});

Deno.test("Outbox takes a breath of several messages beyond its limit, up to a bound", async () => {
  const { stream, outbox, surplus } = setUp(1_000, 1_000_000);

  for (let i = 0; i < BREATH; i++) {
    assertEquals(outbox.append(new Uint8Array(1_000)), true);
  }
  assertEquals(outbox.append(new Uint8Array(1)), false);
  assertEquals(surplus.bytes, 7_000);
  await settle();
  await stream.takeWrite(3_500);
  assertEquals(surplus.bytes, 3_500);
  await stream.takeWrite();

  assertEquals([outbox.queuedBytes, surplus.bytes], [0, 0]);
});

Deno.test("Outbox takes no more than its limit for a client that takes nothing for 10 seconds", async () => {
  const { stream, outbox, pass } = setUp(1_000, 1_000_000);
  outbox.append(new Uint8Array(2_000));
  outbox.append(new Uint8Array(1_500));
  await settle();

  pass(9_000);
  assertEquals(outbox.append(new Uint8Array(10)), true);
  await stream.takeWrite(1);
  pass(9_000);
  assertEquals(outbox.append(new Uint8Array(10)), true);
  pass(1_001);

  assertEquals(outbox.append(new Uint8Array(10)), false);
});

Deno.test("Outboxes share a bounded surplus, and who takes nothing has to yield it", async () => {
  const { outbox, rules, owner, surplus, pass } = setUp(1_000, 2_000);
  const other = new Outbox(new FakeStream(), rules, owner);
  outbox.append(new Uint8Array(900));
  outbox.append(new Uint8Array(900));
  outbox.append(new Uint8Array(900));
  await settle();
  assertEquals(surplus.bytes, 1_700);

  other.append(new Uint8Array(900));
  assertEquals(other.append(new Uint8Array(900)), false);
  pass(10_001);
  assertEquals(other.append(new Uint8Array(900)), true);

  assertEquals([owner.recalled, surplus.bytes], [1, 800]);
});

Deno.test("Outbox gives back what it borrowed when it is closed or emptied", () => {
  for (const end of ["close", "discard"] as const) {
    const { outbox, surplus } = setUp(1_000, 1_000_000);
    outbox.append(new Uint8Array(900));
    outbox.append(new Uint8Array(900));
    assertEquals(surplus.bytes, 800);

    outbox[end]();

    assertEquals(surplus.bytes, 0);
  }
});

Deno.test("Outbox writes no more than about 1 MiB in one go", async () => {
  const { stream, outbox } = setUp();
  outbox.appendShared(new Uint8Array(3 * HUGE_BUFFER));
  await settle();

  for (let i = 0; i < 3; i++) await stream.takeWrite();

  const sizes = stream.writes.map(({ length }) => length);
  assertEquals(sizes, [HUGE_BUFFER, HUGE_BUFFER, HUGE_BUFFER]);
  assertEquals(outbox.queuedBytes, 0);
});

Deno.test("Outbox.verdict is pressure above half of the limit", () => {
  const { outbox } = setUp(10);

  outbox.append(new Uint8Array(5));
  assertEquals(outbox.verdict, "queued");
  outbox.append(new Uint8Array(1));

  assertEquals(outbox.verdict, "pressure");
});

Deno.test("Outbox.discard() keeps the write in flight whole, and a farewell follows it", async () => {
  const { stream, outbox } = setUp(10);
  outbox.append(bytes("0123456789"));
  await settle();
  await stream.takeWrite(4);
  outbox.append(bytes("lost"));

  outbox.discard();
  outbox.appendLast(bytes("bye"));
  await stream.takeWrite();
  await stream.takeWrite();

  assertEquals(textOf(stream), ["0123456789", "456789", "bye"]);
  assertEquals(outbox.queuedBytes, 0);
});

Deno.test("Outbox.appendLast() goes past the limit", async () => {
  const { stream, outbox } = setUp(4);
  outbox.append(bytes("full"));

  outbox.appendLast(bytes("bye"));
  await settle();

  assertEquals(textOf(stream), ["fullbye"]);
});

Deno.test("Outbox tells its owner once when a write fails, and takes nothing more", async () => {
  const { stream, owner, outbox } = setUp();
  outbox.append(bytes("a"));
  await settle();
  outbox.append(bytes("b"));

  await stream.failWrite();

  assertEquals([owner.failed, owner.drained, outbox.queuedBytes], [1, 0, 0]);
  assertEquals(outbox.append(bytes("c")), false);
  await settle();
  assertEquals(textOf(stream), ["a"]);
});

Deno.test("Outbox.close() forgets everything and tells nobody", async () => {
  const { stream, owner, outbox } = setUp();
  outbox.append(bytes("a"));
  await settle();
  outbox.append(bytes("b"));

  outbox.close();
  await stream.takeWrite();

  assertEquals(textOf(stream), ["a"]);
  assertEquals([owner.failed, owner.drained, outbox.queuedBytes], [0, 0, 0]);
});

Deno.test("Outbox gives a buffer back when it takes a larger one", () => {
  const { outbox } = setUp();
  outbox.append(new Uint8Array(400));
  const small = outbox.tail;

  outbox.append(new Uint8Array(400));

  assert(outbox.tail !== small);
  assert(takeBuffer(small.length) === small);
});

Deno.test("Outbox holds no buffer when it is empty", async () => {
  const { stream, outbox } = setUp();
  outbox.append(bytes("a"));
  await settle();

  await stream.takeWrite();

  assertEquals(outbox.tail.length, 0);
});

/** What may be appended, and how; `taken` is how much the write in flight takes. */
const step = fc.record({
  how: fc.constantFrom("append", "shared", "reserve"),
  size: fc.oneof(fc.nat(40), fc.nat(3_000), fc.nat(90_000)),
  taken: fc.option(fc.nat(100), { nil: undefined }),
});

Deno.test("Outbox writes every byte once and in order, whatever is appended when", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const { stream, outbox } = setUp(100_000_000);
      const pieces: Uint8Array[] = [];
      const taken: Uint8Array[] = [];
      const take = async (percent: number) => {
        const flight = stream.writes.at(-1);
        if (outbox.queuedBytes === 0 || flight === undefined) return;
        const count = Math.ceil(flight.length * percent / 100);
        taken.push(flight.subarray(0, count));
        await stream.takeWrite(count);
      };
      for (const [i, { how, size, taken }] of steps.entries()) {
        const piece = new Uint8Array(size).fill(i + 1);
        pieces.push(piece);
        if (how === "append") outbox.append(piece);
        else if (how === "shared") outbox.appendShared(piece);
        else {
          const at = outbox.reserve(size);
          outbox.tail.set(piece, at);
        }
        if (taken === undefined) continue;
        await settle();
        await take(taken);
      }
      await settle();
      for (let i = 0; i < 500 && outbox.queuedBytes > 0; i++) await take(100);

      assertEquals(outbox.queuedBytes, 0);
      assertEquals(hash(concat(...taken)), hash(concat(...pieces)));
    }),
    { numRuns: 60 },
  );
});

/** Comparing large arrays element by element would take seconds. */
function hash(source: Uint8Array): string {
  let sum = 0;
  for (const byte of source) sum = Math.imul(sum, 31) + byte | 0;
  return `${source.length} ${sum}`;
}
