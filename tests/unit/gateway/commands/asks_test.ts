import { assertEquals, assertThrows } from "@std/assert";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Interest } from "../../../../lib/link/interest.ts";
import { Ledger } from "../../../../lib/gateway/clients/ledger.ts";
import { SlowClients } from "../../../../lib/gateway/clients/slow_clients.ts";
import {
  Asks,
  MAX_ANSWER,
  MAX_ASKED,
  MAX_ASKS,
} from "../../../../lib/gateway/commands/asks.ts";
import type { Call } from "../../../../lib/gateway/commands/call.ts";
import { FanOut } from "../../../../lib/gateway/commands/fan_out.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { decodeBody } from "../../../../lib/wire/body.ts";
import { encodeAskHead, readAskPart } from "../../../../lib/wire/bodies/ask.ts";
import { Flag, FrameHeader } from "../../../../lib/wire/frame.ts";
import { FakeConnection, TYPED_CODEC } from "../_fake_connection.ts";

const encoder = new TextEncoder();

const NOBODY = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

/** A gateway's clients, and a link on which they are asked. */
class TestAsks implements Disposable {
  readonly table = new ClientTable({ firstId: 1 });
  readonly asks: Asks;
  /** What whoever asked was told. */
  readonly replies: unknown[] = [];
  readonly link: WorkerLink;
  pendingBytes = 0;

  constructor() {
    const ledger = new Ledger();
    const fanOut = new FanOut(ledger, new SlowClients(ledger));
    const { table } = this;
    this.asks = new Asks({ table, fanOut, interest: new Interest() });
    const pendingBytes = () => this.pendingBytes;
    const link = {
      isOpen: true,
      log: {
        get pendingBytes() {
          return pendingBytes();
        },
      },
      send: (
        _command: number,
        _client: number,
        _number: number,
        body: Uint8Array,
        flags: number,
      ) => {
        const part = readAskPart(decodeBody(body));
        this.replies.push({ ...part, more: (flags & Flag.More) !== 0 });
      },
    };
    // All of a link that questions touch.
    this.link = { link } as unknown as WorkerLink;
  }

  add(codec = TYPED_CODEC): [Client, FakeConnection] {
    const client = new Client(this.table.nextId(), 0, NOBODY);
    const connection = new FakeConnection(codec);
    client.connection = connection;
    this.table.add(client);
    return [client, connection];
  }

  ask(target: { connections?: number[] } = {}, timeout = 60_000): void {
    const buffer = encoder.encode("sure\n1");
    const header = new FrameHeader();
    header.number = 7;
    const call: Call = {
      link: this.link,
      header,
      head: encodeAskHead({ ...target, timeout }),
      buffer,
      start: 0,
      end: buffer.length,
    };
    this.asks.ask(call);
  }

  answer(client: Client, frame: string): void {
    const bytes = encoder.encode(frame);
    this.asks.onAnswer(client, bytes, 0, bytes.length);
  }

  [Symbol.dispose](): void {
    this.asks[Symbol.dispose]();
  }
}

/** The id of what a client was asked last. */
function idOf({ sent }: FakeConnection): string {
  return sent.at(-1)?.slice(1).split(" ")[0] ?? "";
}

Deno.test("Asks takes one answer of each client that it asked, and of no other", () => {
  using test = new TestAsks();
  const [one, connection] = test.add();
  const [other] = test.add();
  test.ask({ connections: [one.connectionId, one.connectionId, 99] });
  const id = idOf(connection);

  assertEquals(connection.sent.length, 1);
  assertEquals(connection.sent[0]?.startsWith("q."), true);
  test.answer(other, `r${id}\n"forged"`);
  test.answer(one, `r${id}x\n1`);
  test.answer(one, `r${id}\n1`);
  test.answer(one, `r${id}\n2`);

  assertEquals(test.replies, [
    {
      client: one.connectionId,
      code: undefined,
      data: encoder.encode("1"),
      binary: false,
      more: true,
    },
    { missing: [99], reasons: ["gone"], more: false },
  ]);
  assertEquals(test.asks.size, 0);
});

Deno.test("Asks takes no answer that is too long, and none where too much waits to leave", () => {
  using test = new TestAsks();
  const [one, connection] = test.add();
  const [other] = test.add();
  test.ask();
  const id = idOf(connection);
  test.answer(one, `r${id}\n"${"x".repeat(MAX_ANSWER)}"`);
  test.pendingBytes = 2 ** 30;
  test.answer(other, `r${id}\n1`);

  assertEquals(test.replies, [
    {
      client: one.connectionId,
      code: "too-large",
      data: new Uint8Array(),
      binary: false,
      more: true,
    },
    { missing: [other.connectionId], reasons: ["full"], more: false },
  ]);
});

Deno.test("Asks goes to so many clients, and has so many questions open for a link", () => {
  using test = new TestAsks();
  const [client, connection] = test.add();
  for (let each = 0; each < MAX_ASKS; each++) test.ask();
  assertThrows(() => test.ask(), RangeError, "at most 1000 questions open");
  test.answer(client, `r${idOf(connection)}\n1`);
  test.ask();
  assertEquals(test.asks.size, MAX_ASKS);
  test.asks.forget(test.link);
  assertEquals(test.asks.size, 0);
  assertEquals(connection.sent.at(-1)?.startsWith("k."), true);

  for (let each = 0; each < MAX_ASKED; each++) test.add();
  assertThrows(() => test.ask(), RangeError, "at most 10000");
  assertEquals(test.asks.size, 0);
});

Deno.test("Asks says who is gone, and who was sent the question in vain", () => {
  using test = new TestAsks();
  const [one, connection] = test.add();
  const [other] = test.add();
  test.ask();
  test.asks.onClientClosed(one);
  test.answer(one, `r${idOf(connection)}\n1`);
  assertEquals(test.replies, []);
  test.asks.onClientClosed(other);

  assertEquals(test.replies, [
    {
      missing: [one.connectionId, other.connectionId],
      reasons: ["gone", "gone"],
      more: false,
    },
  ]);
});
