import { assertEquals } from "@std/assert";
import { Deque } from "../../../lib/base/deque.ts";
import type { CommandLine } from "../../../lib/original/command_line.ts";
import { type EventStream, StandIn } from "../../../lib/original/stand_in.ts";
import { encodePacket, PhpCommand } from "../../../lib/php/packet.ts";
import type { PhpValue } from "../../../lib/php/php_value.ts";

/** A gateway that has events to tell, and answers when it is told to. */
class Played {
  readonly #chunks = new Deque<Uint8Array>();
  readonly #asked = new Deque<(value: PhpValue) => void>();
  /** How often its events were read. */
  reads = 0;
  readonly events: EventStream = {
    read: (buffer) => {
      this.reads++;
      const chunk = this.#chunks.shift();
      if (chunk === undefined) return new Promise(() => {});
      buffer.set(chunk);
      return Promise.resolve(chunk.length);
    },
    write: (bytes) => Promise.resolve(bytes.length),
    closeWrite: () => Promise.resolve(),
    close() {},
  };
  readonly line = {
    closed: new Promise(() => {}),
    ask: () => new Promise((resolve) => this.#asked.push(resolve)),
    close() {},
  } as unknown as CommandLine;

  tell(...packets: readonly { command: number; connectionId: number }[]) {
    const bytes = packets.flatMap((packet) => [...encodePacket(packet)]);
    this.#chunks.push(new Uint8Array(bytes));
  }

  answer(value: PhpValue): void {
    this.#asked.shift()?.(value);
  }

  standIn(window: number): StandIn {
    const { line, events } = this;
    return new StandIn({
      line,
      events,
      window,
      clients: new Map(),
      gone: new Map(),
      gatewayId: "7f0000010b54",
      address: "127.0.0.1:2900",
    });
  }
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

Deno.test("StandIn reads no more while messages without a byte fill the window", async () => {
  const played = new Played();
  const message = { command: PhpCommand.OnMessage, connectionId: 1 };
  played.tell(
    { command: PhpCommand.OnConnect, connectionId: 1 },
    ...Array.from({ length: 100 }, () => message),
  );
  const standIn = played.standIn(1_000);
  await turns();
  assertEquals(played.reads, 1);
  standIn.close();
});

Deno.test("StandIn reads no more before it knows the uid of a client that was another worker's", async () => {
  const played = new Played();
  played.tell({ command: PhpCommand.OnMessage, connectionId: 1 });
  const standIn = played.standIn(1_000);
  await turns();
  assertEquals(played.reads, 1);
  played.answer(new Map());
  await turns();
  assertEquals(played.reads, 2);
  standIn.close();
});
