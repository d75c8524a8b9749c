/** What two bridges do about a network that loses and repeats. @module */

import { assertEquals } from "@std/assert";
import { Incoming } from "../../../lib/bridge/streams/incoming.ts";
import {
  type Batch,
  Outgoing,
  PATIENCE,
  WINDOW,
} from "../../../lib/bridge/streams/outgoing.ts";
import { Command } from "../../../lib/wire/command.ts";
import { HEADER_LENGTH } from "../../../lib/wire/frame.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Numbers between 0 and 1 that are the same for each seed. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.imul(state ^ state >>> 15, state | 1) + 0x6d2b79f5 | 0;
    return (state >>> 8) / 0x100_0000;
  };
}

function push(outgoing: Outgoing, time: number, text: string): string {
  const body = encoder.encode(text);
  const { length } = body;
  return outgoing.push(time, Command.SendToUid, 0, 0, 0, 0, body, 0, length);
}

interface Sent {
  readonly at: number;
  readonly first: number;
  readonly floor: number;
  readonly base: number;
  readonly frames: Uint8Array;
}

/** Two ends, and a network between them that does what it likes. */
class Line {
  readonly outgoing = new Outgoing(() => 100_000);
  readonly incoming = new Incoming();
  readonly heard: string[] = [];
  readonly #random: () => number;
  #data: Sent[] = [];
  #acks: { at: number; last: number; passed: number; gap: boolean }[] = [];
  time = 1_000;
  /** Which part of all messages is lost. */
  loss = 0;

  constructor(seed: number) {
    this.#random = random(seed);
    this.incoming.begin(1);
  }

  /** Lets 10 ms pass. */
  step(): void {
    this.time += 10;
    const { outgoing, time } = this;
    for (
      let batch: Batch | undefined = outgoing.nextBatch(time);
      batch;
      batch = outgoing.nextBatch(time)
    ) {
      const frames = batch.bytes.slice(0, batch.used);
      const { first } = batch;
      const message: Omit<Sent, "at"> = {
        first,
        floor: outgoing.floor,
        base: outgoing.base,
        frames,
      };
      this.#send(this.#data, message);
    }
    for (const message of this.#due(this.#data)) this.#take(message);
    for (const ack of this.#due(this.#acks)) {
      outgoing.acknowledge(time, ack.last, ack.passed, ack.gap);
    }
    outgoing.tick(time, true);
  }

  #send<Message>(
    line: (Message & { at: number })[],
    message: Message,
  ): void {
    const copies = this.#random() < 0.05 ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      if (this.#random() < this.loss) continue;
      // NATS keeps the order of what it does not lose.
      line.push({ ...message, at: this.time + 30 });
    }
  }

  #due<Message extends { at: number }>(line: Message[]): Message[] {
    const due = line.filter(({ at }) => at <= this.time);
    line.splice(0, due.length);
    return due;
  }

  #take({ first, floor, base, frames }: Sent): void {
    const arrival = this.incoming.take(
      first,
      floor,
      base,
      frames,
      (_, start, end) =>
        this.heard.push(
          decoder.decode(frames.subarray(start + HEADER_LENGTH, end)),
        ),
    );
    const { last, passed } = this.incoming;
    this.#send(this.#acks, { last, passed, gap: arrival === "gap" });
  }
}

for (const seed of [1, 2, 3, 4, 5]) {
  Deno.test(`what is sent comes once and in order, whatever a network loses and repeats (${seed})`, () => {
    const line = new Line(seed);
    const sent: string[] = [];
    for (let round = 0; round < 600; round++) {
      // Now and then all of it is gone for a while, as when a server is killed.
      line.loss = round % 250 < 100 ? 1 : 0.05;
      const text = `${round}`.padEnd(round % 7 * 100, ".");
      sent.push(text);
      push(line.outgoing, line.time, text);
      line.step();
    }
    line.loss = 0.05;
    for (let round = 0; round < 800; round++) line.step();

    assertEquals(line.outgoing.frames, 0);
    assertEquals(line.heard.length, sent.length);
    assertEquals(line.heard, sent);
    assertEquals(line.outgoing.lost, 0);
  });
}

Deno.test("what does not come within the patience is lost, and counted exactly", () => {
  const line = new Line(6);
  line.loss = 1;
  const rounds = (PATIENCE + 2_000) / 10;
  for (let round = 0; round < rounds; round++) {
    push(line.outgoing, line.time, `${round}`);
    line.step();
  }
  line.loss = 0;
  push(line.outgoing, line.time, "last");
  for (let round = 0; round < 500; round++) line.step();

  assertEquals(line.outgoing.frames, 0);
  assertEquals(line.outgoing.lost, rounds + 1 - line.heard.length);
  assertEquals(line.incoming.passed, line.outgoing.lost);
  assertEquals(line.heard.at(-1), "last");
});

Deno.test("what waits for a cell that is silent grows too old by itself, and takes nothing newer along", () => {
  const outgoing = new Outgoing(() => 100_000);
  push(outgoing, 0, "old");
  for (let time = 0; time <= PATIENCE; time += 100) {
    push(outgoing, time, `${time}`);
  }

  outgoing.tick(PATIENCE + 1, false);

  // Those of the first 250 ms go together.
  assertEquals([outgoing.lost, outgoing.frames], [4, 98]);
});

Deno.test("what was given up and comes all the same is not counted as lost", () => {
  const outgoing = new Outgoing(() => 100_000);
  const incoming = new Incoming();
  incoming.begin(1);
  push(outgoing, 0, "late");
  const batch = outgoing.nextBatch(0);
  outgoing.tick(PATIENCE + 1, true);
  assertEquals(outgoing.lost, 1);

  const frames = batch?.bytes.slice(0, batch.used) ?? new Uint8Array();
  incoming.take(1, 1, 1, frames, () => {});
  outgoing.acknowledge(PATIENCE + 2, incoming.last, incoming.passed, false);

  assertEquals(outgoing.lost, 0);
});

Deno.test("a window that is full takes nothing more, nor a frame that is too long", () => {
  const outgoing = new Outgoing(() => 100_000);
  const text = "x".repeat(60_000);
  let taken = 0;
  while (push(outgoing, 0, text) === "taken") taken++;

  assertEquals(push(outgoing, 0, text), "window");
  assertEquals(taken, Math.floor(WINDOW / (60_000 + HEADER_LENGTH + 16)));
  assertEquals(push(outgoing, 0, "y".repeat(100_000)), "tooLarge");
});

Deno.test("Incoming knows how far the bridge had come that another one replaced", () => {
  const line = new Line(8);
  push(line.outgoing, line.time, "one");
  for (let round = 0; round < 10; round++) line.step();

  line.incoming.begin(2);

  assertEquals(line.incoming.progressOf(1)?.last, 1);
  assertEquals(line.incoming.progressOf(3), undefined);
});

Deno.test("another bridge that takes over gets again what was not acknowledged", () => {
  const line = new Line(7);
  push(line.outgoing, line.time, "one");
  line.step();
  for (let round = 0; round < 20; round++) line.step();
  assertEquals(line.outgoing.frames, 0);
  line.loss = 1;
  push(line.outgoing, line.time, "two");
  line.step();
  line.loss = 0;

  line.incoming.begin(2);
  line.outgoing.beginAnew(line.time);
  for (let round = 0; round < 20; round++) line.step();

  assertEquals(line.heard, ["one", "two"]);
  assertEquals([line.outgoing.frames, line.outgoing.lost], [0, 0]);
});
