import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { LinkClosedError, ProtocolError } from "../../../lib/base/errors.ts";
import { encodeBody } from "../../../lib/wire/body.ts";
import { Command } from "../../../lib/wire/command.ts";
import {
  Flag,
  HEADER_LENGTH,
  MAX_FRAME,
  writeHeader,
} from "../../../lib/wire/frame.ts";
import { Link } from "../../../lib/link/link.ts";
import type { LinkedPeer } from "../../../lib/link/linked_peer.ts";
import type { LinkOwner } from "../../../lib/link/link_owner.ts";
import { LINK_VERSIONS } from "../../../lib/link/link_version.ts";
import { Inbox } from "../../_support/inbox.ts";
import { MemoryConn } from "../../_support/memory_conn.ts";
import { processorTimeOf } from "../../_support/processor_time.ts";

const PEER: LinkedPeer = {
  role: "worker",
  name: "W",
  instance: "w1",
  address: "127.0.0.1:9",
  version: LINK_VERSIONS.highest,
};
const encoder = new TextEncoder();

/** One end of a link under test. */
class TestEnd implements LinkOwner, Disposable {
  readonly frames = new Inbox<
    { command: number; number: number; text: string }
  >();
  readonly bodies: Uint8Array[] = [];
  readonly errors: (Error | undefined)[] = [];
  readonly link: Link;
  beforeWrites = 0;
  beforeGivingUp: () => void = () => {};

  constructor(conn: Deno.Conn, keepFrames = true) {
    this.link = new Link(conn, PEER, this, { keepFrames, gatherWithin: 0 });
    this.link.start();
  }

  onFrame(
    { command, number }: { command: number; number: number },
    buffer: Uint8Array,
    start: number,
    end: number,
  ): void {
    const body = buffer.subarray(start, end);
    this.bodies.push(body);
    const text = new TextDecoder().decode(body.subarray(0, 100));
    this.frames.push({ command, number, text });
  }

  onClosed(error: Error | undefined): void {
    this.errors.push(error);
  }

  beforeWrite(): void {
    this.beforeWrites++;
  }

  say(text: string, number = 0): void {
    this.link.send(Command.SendToOne, 1, number, encoder.encode(text));
  }

  [Symbol.dispose](): void {
    this.link.destroy();
  }
}

function ends(options: { maxWrite?: number } = {}): [TestEnd, TestEnd] {
  const [one, other] = MemoryConn.pair(options);
  return [new TestEnd(one), new TestEnd(other)];
}

function endAndConn(): [TestEnd, MemoryConn] {
  const [one, other] = MemoryConn.pair();
  return [new TestEnd(one), other];
}

function header(
  length: number,
  command: number = Command.SendToOne,
): Uint8Array {
  const bytes = new Uint8Array(HEADER_LENGTH);
  writeHeader(new DataView(bytes.buffer), 0, length, command, 0, 1, 0);
  return bytes;
}

Deno.test("Link carries frames in order", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;

  for (let number = 1; number <= 100; number++) one.say("hi", number);

  for (let number = 1; number <= 100; number++) {
    assertEquals(
      await other.frames.next(),
      { command: Command.SendToOne, number, text: "hi" },
    );
  }
});

Deno.test("Link writes once what was sent in one go", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;

  for (let number = 1; number <= 100; number++) one.say("hi", number);
  await other.frames.until(({ number }) => number === 100);

  // One look before the write, and one after it.
  assertEquals(one.beforeWrites, 2);
});

Deno.test("Link carries frames however few bytes each write takes", async () => {
  const [one, other] = ends({ maxWrite: 7 });
  using _ = one;
  using __ = other;

  one.say("a".repeat(50));
  one.say("b");

  assertEquals((await other.frames.next()).text, "a".repeat(50));
  assertEquals((await other.frames.next()).text, "b");
});

for (const keepFrames of [true, false]) {
  const how = keepFrames ? "kept" : "not kept";
  Deno.test(`Link carries frames far longer than its buffers, where they are ${how}`, async () => {
    const [near, far] = MemoryConn.pair();
    using one = new TestEnd(near);
    using other = new TestEnd(far, keepFrames);
    const long = crypto.getRandomValues(new Uint8Array(60_000));
    const payload = new Uint8Array(300_000);
    for (let at = 0; at < 5; at++) payload.set(long, at * long.length);

    one.say("before");
    one.link.send(Command.SendToOne, 1, 2, payload);
    one.say("after", 3);
    const lengths: number[] = [];
    while (lengths.length < 3) {
      const { number } = await other.frames.next();
      lengths.push(number);
    }

    assertEquals(lengths, [0, 2, 3]);
    assertEquals(
      other.bodies.map(({ length }) => length),
      [6, payload.length, 5],
    );
    if (keepFrames) {
      assertEquals(new Uint8Array(other.bodies[1] ?? []), payload);
    }
  });
}

Deno.test("Link leaves frames alone that are to be kept", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;

  one.say("first");
  await other.frames.next();
  one.say("other");
  await other.frames.next();

  assertEquals(other.bodies.map((body) => new TextDecoder().decode(body)), [
    "first",
    "other",
  ]);
});

Deno.test("Link hands replies to whoever asked, also in parts", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  const { id, reply } = one.link.pending.add(60_000);

  other.link.send(Command.Reply, 0, id, encodeBody([1, 2]), Flag.More);
  other.link.send(Command.Reply, 0, id, encodeBody([3]));

  assertEquals(await reply, [[1, 2], [3]]);
});

Deno.test("Link rejects a query with what the peer says went wrong", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  const { id, reply } = one.link.pending.add(60_000);

  other.link.send(Command.Reply, 0, id, encodeBody("no way"), Flag.Failed);

  await assertRejects(() => reply, TypeError, "no way");
});

Deno.test("Link rejects the queries in flight when it is gone", async () => {
  const [one, other] = ends();
  using _ = other;
  const { reply } = one.link.pending.add(60_000);

  other.link.destroy();

  await assertRejects(() => reply, LinkClosedError);
  await one.link.closed;
});

Deno.test("Link.close() writes what is queued, then ends", async () => {
  const [one, other] = ends();
  one.say("farewell");

  await one.link.close();

  assertEquals((await other.frames.next()).text, "farewell");
  await other.link.closed;
  assertEquals(one.errors, [undefined]);
  assertEquals(other.errors, [undefined]);
});

Deno.test("Link.close() waits for a write in flight and what came after it", async () => {
  const [near, far] = MemoryConn.pair();
  const [one, other] = [new TestEnd(near), new TestEnd(far)];
  near.freeze();
  one.say("first");
  await Promise.resolve();
  one.say("second");
  const closed = one.link.close();

  near.thaw();

  await closed;
  assertEquals((await other.frames.next()).text, "first");
  assertEquals((await other.frames.next()).text, "second");
  await other.link.closed;
});

Deno.test("Link.destroy() ends at once, and tells its owner once", async () => {
  const [one, other] = ends();
  one.say("lost");

  one.link.destroy();
  one.link.destroy(new RangeError("again"));
  await one.link.closed;
  await other.link.closed;

  assertEquals(one.errors, [undefined]);
  assertEquals(other.frames.size, 0);
  assertEquals(one.link.isOpen, false);
});

Deno.test("Link tells its owner when the peer does not take the bytes any more", async () => {
  const [near] = MemoryConn.pair();
  const one = new TestEnd(near);
  near.break();

  one.say("lost");

  await one.link.closed;
  assertInstanceOf(one.errors[0], Deno.errors.BrokenPipe);
});

Deno.test("Link answers pings, and measures its own", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  one.link.heartbeat(3);
  one.say("after the ping");
  await other.frames.next();
  other.say("after the pong");

  await one.frames.next();

  assert(one.link.liveness.roundTrip >= 0);
  assertEquals(one.frames.size + other.frames.size, 0);
});

Deno.test("Link gives a peer up that is silent for as many heartbeats as allowed", async () => {
  const [one, conn] = endAndConn();
  using _ = conn;

  for (let beat = 0; beat < 3; beat++) one.link.heartbeat(3);
  assertEquals(one.link.isOpen, true);
  one.link.heartbeat(3);

  assertEquals(one.link.isOpen, false);
  assertStringIncludes(
    one.errors[0]?.message ?? "",
    'Cannot reach peer "127.0.0.1:9": nothing heard for 3 heartbeats',
  );
  await one.link.closed;
});

Deno.test("Link lets its owner say one more thing to a peer that it gives up", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  one.beforeGivingUp = () => one.say("given up");

  for (let beat = 0; beat < 4; beat++) one.link.heartbeat(3);

  assertFalse(one.link.isOpen);
  const { text } = await other.frames.next();
  assertEquals(text, "given up");
  await other.link.closed;
});

Deno.test("Link ends all the same if a peer that it gives up takes nothing more", async () => {
  const [near, far] = MemoryConn.pair();
  using one = new TestEnd(near);
  one.beforeGivingUp = () => one.say("given up");
  near.freeze();

  for (let beat = 0; beat < 4; beat++) one.link.heartbeat(3);

  await one.link.closed;
  assertEquals(await far.read(new Uint8Array(1)), null);
  assert(near.isClosed);
});

Deno.test("Link keeps a peer that says anything at all between heartbeats", async () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;

  for (let beat = 0; beat < 9; beat++) {
    one.link.heartbeat(2);
    other.say("alive");
    await one.frames.next();
  }

  assertEquals(one.link.isOpen, true);
});

for (const length of [0, HEADER_LENGTH - 1, MAX_FRAME + 1, 0xffff_ffff]) {
  Deno.test(`Link ends as soon as a frame says that it is ${length} bytes long`, async () => {
    const [one, conn] = endAndConn();
    using _ = conn;

    await conn.write(header(length));

    await one.link.closed;
    assertInstanceOf(one.errors[0], ProtocolError);
    assertStringIncludes(one.errors[0].message, `found ${length}`);
  });
}

Deno.test("Link ends when its owner finds that a frame is wrong, and hears no further one", async () => {
  const [near, far] = MemoryConn.pair();
  using _ = far;
  let heard = 0;
  const closed = Promise.withResolvers<Error | undefined>();
  const link = new Link(near, PEER, {
    onFrame: () => {
      heard++;
      throw new ProtocolError("wrong");
    },
    onClosed: closed.resolve,
  }, { keepFrames: false, gatherWithin: 0 });
  link.start();

  await far.write(
    new Uint8Array([...header(HEADER_LENGTH), ...header(HEADER_LENGTH)]),
  );

  assertInstanceOf(await closed.promise, ProtocolError);
  assertEquals(heard, 1);
});

Deno.test("Link sends no frame that its peer would not accept", () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  const tooLong = new Uint8Array(MAX_FRAME - HEADER_LENGTH + 1);

  assertThrows(
    () => one.link.send(Command.SendToAll, 0, 0, tooLong),
    RangeError,
    `at most ${MAX_FRAME}`,
  );
  assertThrows(
    () => one.link.sendHeaded(Command.SendToAll, 0, 0, encodeBody({}), tooLong),
    RangeError,
  );
  assertThrows(
    () =>
      one.link.sendMessage(Command.SendToAll, 0, 0, "é".repeat(MAX_FRAME / 2)),
    RangeError,
  );

  assertEquals(one.link.log.appendedBytes, 0);
});

Deno.test("Link.sendMessage() refuses a giant text without encoding it", () => {
  const [one, other] = ends();
  using _ = one;
  using __ = other;
  const giant = "x".repeat(500_000_000);

  const time = processorTimeOf(() =>
    assertThrows(
      () => one.link.sendMessage(Command.SendToOne, 1, 0, giant),
      RangeError,
      `at most ${MAX_FRAME}`,
    )
  );

  assertLess(time, 100);
});

Deno.test("Link hands on no frame that follows a Bye, nor one that comes when it is gone", async () => {
  for (const ending of [Command.Bye, Command.Leave] as const) {
    const [conn, peer] = MemoryConn.pair();
    const told: string[] = [];
    const link: Link = new Link(conn, PEER, {
      onFrame: ({ command }) => {
        told.push(`frame ${command}`);
        if (command === Command.Leave) link.destroy();
      },
      onClosed: () => void told.push("closed"),
    }, { keepFrames: false, gatherWithin: 0 });
    const commands = [Command.SendToAll, ending, Command.SendToOne];
    const frames = new Uint8Array(3 * HEADER_LENGTH);
    const view = new DataView(frames.buffer);
    commands.forEach((command, index) => {
      const at = index * HEADER_LENGTH;
      writeHeader(view, at, HEADER_LENGTH, command, 0, 1, 0);
    });
    await peer.write(frames);

    link.start();
    await link.closed;

    const before = ending === Command.Bye ? [] : [`frame ${ending}`];
    assertEquals(told, [`frame ${Command.SendToAll}`, ...before, "closed"]);
  }
});
