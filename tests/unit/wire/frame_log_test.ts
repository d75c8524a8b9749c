import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { Command, isEvent } from "../../../lib/wire/command.ts";
import { Flag, FrameDecoder } from "../../../lib/wire/frame.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";
import { type LoggedEvent, readEvent } from "../../../lib/wire/logged_event.ts";

const SEGMENT = 128;
const NOTHING = new Uint8Array(0);

/** A frame as the log was given it. */
interface Sent {
  readonly command: number;
  readonly flags: number;
  readonly connectionId: number;
  readonly number: number;
  readonly payload: number[];
}

/** A log, and beside it the plainest thing that does the same. */
class Modeled {
  readonly log = new FrameLog(SEGMENT);
  readonly sent: Sent[] = [];
  readonly written: number[] = [];
  #inFlight: Uint8Array | undefined;
  #acknowledged = 0;

  append(fields: Sent, head: Uint8Array | undefined): void {
    const { command, flags, connectionId, number } = fields;
    const payload = new Uint8Array(fields.payload);
    const { log } = this;
    const end = payload.length;
    if (head !== undefined) {
      log.appendHeaded(command, flags, connectionId, number, head, payload);
    } else if (isEvent(command)) {
      log.appendMessage(command, flags, connectionId, number, payload, 0, end);
    } else log.append(command, flags, connectionId, number, payload, 0, end);
    payload.fill(0xee);
    this.sent.push(fields);
  }

  appendText(text: string): void {
    this.log.appendText(Command.SendToOne, 0, 1, 2, text);
    this.sent.push({
      command: Command.SendToOne,
      flags: 0,
      connectionId: 1,
      number: 2,
      payload: [...new TextEncoder().encode(text)],
    });
  }

  startWrite(): void {
    const bytes = this.log.startWrite();
    assert(this.#inFlight === undefined || bytes === undefined);
    this.#inFlight ??= bytes;
  }

  endWrite(part: number): void {
    if (this.#inFlight === undefined) return;
    const count = Math.max(1, Math.ceil(this.#inFlight.length * part));
    this.written.push(...this.#inFlight.subarray(0, count));
    this.#inFlight = undefined;
    this.log.endWrite(count);
  }

  /** Acknowledges some of the events that were handed out whole. */
  acknowledge(part: number): void {
    const reached = decode(this.written)
      .filter(({ command }) => isEvent(command)).length;
    this.#acknowledged += Math.floor((reached - this.#acknowledged) * part);
    this.log.acknowledge(this.#acknowledged);
  }

  drain(): void {
    for (this.endWrite(1), this.startWrite(); this.#inFlight !== undefined;) {
      this.endWrite(0.5);
      this.startWrite();
    }
  }

  get events(): Sent[] {
    return this.sent.filter(({ command }) => isEvent(command));
  }

  get unacknowledged(): Sent[] {
    return this.events.slice(this.#acknowledged);
  }

  get outstandingBytes(): number {
    return this.unacknowledged.reduce((sum, each) => sum + sizeOf(each), 0);
  }

  check(): void {
    const found = [...this.log.unacknowledged()];
    assertEquals(found.map(toSent), this.unacknowledged);
    const upTo = this.#acknowledged + Math.ceil(found.length / 2);
    const shown: LoggedEvent[] = [];
    this.log.show(upTo, (memory, at) => shown.push(readEvent(memory, at)));
    assertEquals(shown, found.slice(0, Math.ceil(found.length / 2)));
    for (const index of [found.length - 1, 0, found.length >> 1]) {
      const header = this.log.headerOf(this.#acknowledged + 1 + index);
      assertEquals(header?.number, found[index]?.number);
    }
    assertEquals(this.log.outstanding, found.length);
    assertEquals(this.log.lastEvent, this.events.length);
    assertEquals(this.log.headerOf(this.#acknowledged), undefined);
    assert(this.log.outstandingBytes >= this.outstandingBytes);
  }
}

function sizeOf({ payload }: Sent): number {
  return 16 + payload.length;
}

function toSent(
  { command, flags, connectionId, number, payload }: {
    command: number;
    flags: number;
    connectionId: number;
    number: number;
    payload: Uint8Array;
  },
): Sent {
  return { command, flags, connectionId, number, payload: [...payload] };
}

function decode(written: readonly number[]): Sent[] {
  const found: Sent[] = [];
  const bytes = new Uint8Array(written);
  const view = new DataView(bytes.buffer);
  new FrameDecoder({
    onFrame: ({ command, flags, connectionId, number }, buffer, start, end) => {
      const headed = (flags & Flag.Head) !== 0;
      if (headed) start += 4 + view.getUint32(start);
      const payload = buffer.subarray(start, end);
      flags &= ~Flag.Head;
      found.push(toSent({ command, flags, connectionId, number, payload }));
    },
  }).push(bytes, view, 0, bytes.length);
  return found;
}

function writeAll(log: FrameLog): number {
  let count = 0;
  for (let bytes = log.startWrite(); bytes !== undefined;) {
    count += bytes.length;
    log.endWrite(bytes.length);
    bytes = log.startWrite();
  }
  return count;
}

function message(log: FrameLog, payload: Uint8Array, number = 1): void {
  log.appendMessage(Command.Message, 0, 1, number, payload, 0, payload.length);
}

Deno.test("FrameLog hands out what was appended, and nothing twice", () => {
  const log = new FrameLog(SEGMENT);
  log.append(Command.SendToOne, 0, 5, 0, new Uint8Array([1, 2, 3]), 1, 3);

  const bytes = log.startWrite();

  assertEquals(
    bytes?.toHex(),
    "00000012" + "05" + "00" + "0000" + "00000005" + "00000000" + "0203",
  );
  log.endWrite(18);
  assertEquals(log.startWrite(), undefined);
});

Deno.test("FrameLog.startWrite() hands out nothing while a write is in flight", () => {
  const log = new FrameLog(SEGMENT);
  message(log, NOTHING);
  log.startWrite();

  message(log, NOTHING);

  assertEquals(log.startWrite(), undefined);
  log.endWrite(16);
  assertEquals(log.startWrite()?.length, 16);
});

Deno.test("FrameLog.startWrite() goes on where a write was cut short", () => {
  const log = new FrameLog(SEGMENT);
  message(log, new Uint8Array([1, 2, 3, 4]));
  log.startWrite();

  log.endWrite(17);

  assertEquals([...log.startWrite() ?? []], [2, 3, 4]);
  assertEquals(log.pendingBytes, 3);
});

Deno.test("FrameLog counts the bytes that wait to be written", () => {
  const log = new FrameLog(SEGMENT);
  message(log, new Uint8Array(200));
  message(log, new Uint8Array(3));

  assertEquals(log.pendingBytes, 235);
  assertEquals(writeAll(log), 235);
  assertEquals(log.pendingBytes, 0);
  assertEquals(log.writtenBytes, log.appendedBytes);
});

Deno.test("FrameLog.unacknowledged() reads an event back without its head", () => {
  const log = new FrameLog(SEGMENT);
  const head = new Uint8Array([0xa0]);
  const payload = new Uint8Array([7]);
  log.appendHeaded(Command.Connect, Flag.Redelivered, 9, 4, head, payload, 2);

  assertEquals([...log.unacknowledged()], [{
    command: Command.Connect,
    flags: Flag.Redelivered,
    deliveries: 2,
    connectionId: 9,
    number: 4,
    payload,
  }]);
});

Deno.test("FrameLog.appendKept() writes an event as it was kept", () => {
  const [from, to] = [new FrameLog(SEGMENT), new FrameLog(SEGMENT)];
  message(from, new Uint8Array([1, 2]), 33);
  const [event] = [...from.unacknowledged()];
  assert(event !== undefined);

  to.appendKept({ ...event, deliveries: 1 });

  assertEquals([...to.unacknowledged()], [{ ...event, deliveries: 1 }]);
});

Deno.test("FrameLog.unacknowledged() returns copies", () => {
  const log = new FrameLog(SEGMENT);
  message(log, new Uint8Array([1]));
  const [event] = [...log.unacknowledged()];
  writeAll(log);
  log.acknowledge(1);

  message(log, new Uint8Array([2]));

  assertEquals([...event?.payload ?? []], [1]);
});

Deno.test("FrameLog.headerOf() finds no event that is acknowledged or was never there", () => {
  const log = new FrameLog(SEGMENT);
  for (let number = 1; number <= 3; number++) message(log, NOTHING, number);
  writeAll(log);

  log.acknowledge(1);

  assertEquals(
    [0, 1, 2, 3, 4].map((sequence) => log.headerOf(sequence)?.number),
    [undefined, undefined, 2, 3, undefined],
  );
});

Deno.test("FrameLog keeps events that are acknowledged before they were written whole", () => {
  const log = new FrameLog(SEGMENT);
  message(log, new Uint8Array([1, 2, 3]));
  log.startWrite();
  log.acknowledge(1);

  log.endWrite(18);

  assertEquals([...log.startWrite() ?? []], [3]);
});

Deno.test("FrameLog carries a frame that is longer than a segment, and gives its memory back", () => {
  const log = new FrameLog(SEGMENT);
  const long = crypto.getRandomValues(new Uint8Array(5_000));

  message(log, long);
  message(log, new Uint8Array([1]));

  assertEquals([...log.unacknowledged()][0]?.payload, long);
  assertEquals(writeAll(log), 16 + 5_000 + 17);
  log.acknowledge(2);
  assertEquals(log.outstandingBytes, 0);
  assertEquals([...log.unacknowledged()], []);
});

Deno.test("FrameLog counts outstanding bytes down to 0, with frames of all lengths", () => {
  const log = new FrameLog(SEGMENT);
  for (let length = 0; length < 300; length++) {
    message(log, new Uint8Array(length));
  }
  writeAll(log);

  let before = log.outstandingBytes;
  for (let sequence = 1; sequence <= 300; sequence++) {
    log.acknowledge(sequence);
    assert(log.outstandingBytes <= before);
    before = log.outstandingBytes;
  }

  assertEquals(before, 0);
});

Deno.test("FrameLog counts nothing as outstanding that is acknowledged, though other frames wait", () => {
  const log = new FrameLog(SEGMENT);
  message(log, new Uint8Array(10));
  writeAll(log);
  log.append(Command.Bind, 0, 1, 0, NOTHING, 0, 0);

  log.acknowledge(1);

  assertEquals(log.outstandingBytes, 0);
});

Deno.test("FrameLog holds no more outstanding bytes than a segment too many", () => {
  const log = new FrameLog(SEGMENT);
  for (let sequence = 1; sequence <= 500; sequence++) {
    message(log, new Uint8Array(10));
    writeAll(log);
    log.acknowledge(sequence - 1);

    assertLess(log.outstandingBytes, 26 + 2 * SEGMENT);
  }
});

Deno.test("FrameLog behaves as a plain list does, whatever happens in whatever order", () => {
  const payload = fc.array(fc.nat(255), { maxLength: 300, size: "medium" });
  const sent = fc.record({
    command: fc.constantFrom(
      Command.Connect,
      Command.Message,
      Command.Close,
      Command.Bind,
      Command.SendToOne,
    ),
    flags: fc.constantFrom(0, Flag.Binary, Flag.Redelivered),
    connectionId: fc.nat(),
    number: fc.nat(),
    payload,
  });
  const head = fc.option(fc.uint8Array({ maxLength: 9 }), { nil: undefined });
  const part = fc.constantFrom(0, 0.1, 0.5, 1);
  const step = fc.oneof(
    fc.tuple(sent, head).map(([fields, bytes]) => (model: Modeled) =>
      model.append(fields, bytes && new Uint8Array(bytes))
    ),
    fc.string({ unit: "grapheme", maxLength: 60 }).map(
      (text) => (model: Modeled) => model.appendText(text),
    ),
    fc.constant((model: Modeled) => model.startWrite()),
    part.map((each) => (model: Modeled) => model.endWrite(each)),
    part.map((each) => (model: Modeled) => model.acknowledge(each)),
  );
  const steps = fc.array(step, { maxLength: 60, size: "max" });

  fc.assert(
    fc.property(steps, (each) => {
      const model = new Modeled();
      for (const act of each) {
        act(model);
        model.check();
      }
      model.drain();
      assertEquals(decode(model.written), model.sent);
      model.acknowledge(1);
      model.check();
      assertEquals(model.log.outstandingBytes, 0);
      assertEquals(model.log.pendingBytes, 0);
    }),
    { numRuns: 150 },
  );
});
