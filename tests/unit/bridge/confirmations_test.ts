import { assertEquals } from "@std/assert";
import type { Caller } from "../../../lib/bridge/home/crossing_command.ts";
import {
  Confirmations,
  type ConfirmedStream,
} from "../../../lib/bridge/streams/confirmations.ts";

/** A stream to another cell. */
class Stream implements ConfirmedStream {
  next = 1;
  floor = 1;

  isPast(number: number): boolean {
    return this.floor >= number;
  }
}

/** A caller, and what it was told. */
function newCaller(): { caller: Caller; told: number[] } {
  const told: number[] = [];
  const link = {
    isOpen: true,
    send: (_command: number, _shard: number, number: number) =>
      void told.push(number),
  };
  return { caller: { link, origin: 1 } as unknown as Caller, told };
}

Deno.test("Confirmations tell a caller how far it has come once every cell has it", () => {
  const [us, ap] = [new Stream(), new Stream()];
  const streams = [us, ap];
  const confirmations = new Confirmations(0);
  const { caller, told } = newCaller();

  for (let number = 1; number <= 3; number++) {
    us.next++;
    ap.next++;
    confirmations.note(caller, number);
  }
  confirmations.advance(streams);
  // More is sent while the first is on its way, to one of them only.
  us.next++;
  confirmations.note(caller, 4);
  us.floor = 5;
  confirmations.advance(streams);
  assertEquals(told, []);
  ap.floor = 4;
  confirmations.advance(streams);
  assertEquals(told, [3]);
  confirmations.advance(streams);
  assertEquals(told, [3, 4]);
  confirmations.advance(streams);
  assertEquals(told, [3, 4]);
});

Deno.test("Confirmations tell at once of what no other cell wants, and nobody who is gone", () => {
  const confirmations = new Confirmations(0);
  const [one, other] = [newCaller(), newCaller()];

  confirmations.note(one.caller, 7);
  confirmations.note(other.caller, 9);
  confirmations.forget(other.caller);
  confirmations.advance([]);
  confirmations.advance([]);

  assertEquals([one.told, other.told], [[7], []]);
});
