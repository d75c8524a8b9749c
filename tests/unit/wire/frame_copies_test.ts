import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Command } from "../../../lib/wire/command.ts";
import { FrameCopies } from "../../../lib/wire/frame_copies.ts";
import { FrameLog } from "../../../lib/wire/frame_log.ts";
import type { LoggedEvent } from "../../../lib/wire/logged_event.ts";

const HEAD = new Uint8Array([0xa0]);

/** Copies events of these lengths, numbered from 1, out of a log that then ends. */
function copied(lengths: readonly number[]): [FrameCopies, LoggedEvent[]] {
  const log = new FrameLog(256);
  for (const [index, length] of lengths.entries()) {
    const payload = new Uint8Array(length).fill(index);
    const number = index + 1;
    if (index % 3 === 0) {
      log.appendHeaded(Command.Message, 0, 7, number, HEAD, payload, 2);
    } else log.appendMessage(Command.Message, 0, 7, number, payload, 0, length);
  }
  const copies = new FrameCopies();
  log.show(lengths.length, (memory, at) => copies.push(memory, at));
  const events = [...log.unacknowledged()];
  log.acknowledge(lengths.length);
  return [copies, events];
}

Deno.test("FrameCopies gives back what was copied, without the first ones once they are dropped", () => {
  const lengths = fc.array(fc.nat(300), { maxLength: 60, size: "max" });
  fc.assert(fc.property(lengths, fc.nat(70), (each, number) => {
    const [copies, events] = copied(each);
    assertEquals([...copies], events);
    assertEquals(copies.length, events.length);

    const dropped = Math.min(number, events.length);
    assertEquals(copies.dropUpTo(number), dropped);
    assertEquals(copies.dropUpTo(number), 0);

    assertEquals([...copies], events.slice(dropped));
    assertEquals(copies.length, events.length - dropped);
  }));
});

Deno.test("FrameCopies holds a single event in no more memory than that takes", () => {
  const [copies] = copied([0, 0, 0]);
  const one = new FrameCopies();

  one.push(copies, 0);

  assertEquals(one.bytes.buffer.byteLength, 16 + 4 + HEAD.length);
});
