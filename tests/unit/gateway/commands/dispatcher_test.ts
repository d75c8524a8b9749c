/**
 * What a peer asks for and must not have costs its call, and not its link.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  Client,
  type EventTaker,
} from "../../../../lib/gateway/clients/client.ts";
import { Arrivals } from "../../../../lib/gateway/clients/arrivals.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import { Moves } from "../../../../lib/gateway/moves/moves.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Asks } from "../../../../lib/gateway/commands/asks.ts";
import { Notices } from "../../../../lib/gateway/commands/notices.ts";
import { Dispatcher } from "../../../../lib/gateway/commands/dispatcher.ts";
import { FanOut } from "../../../../lib/gateway/commands/fan_out.ts";
import { Interest } from "../../../../lib/link/interest.ts";
import { Ledger } from "../../../../lib/gateway/clients/ledger.ts";
import { SessionStore } from "../../../../lib/gateway/clients/session_store.ts";
import { SlowClients } from "../../../../lib/gateway/clients/slow_clients.ts";
import { Refused } from "../../../../lib/gateway/clients/refused.ts";
import { RefusalCommands } from "../../../../lib/gateway/commands/refusal_commands.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { decodeBody, encodeBody } from "../../../../lib/wire/body.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { Flag, FrameHeader } from "../../../../lib/wire/frame.ts";
import { FakeConnection } from "../_fake_connection.ts";

const NOBODY: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

/** A gateway with one client, and a peer that sends it commands. */
function begin() {
  const ledger = new Ledger();
  const table = new ClientTable();
  const client = new Client(1, 0, NOBODY);
  const connection = new FakeConnection();
  client.connection = connection;
  table.add(client);
  const fanOut = new FanOut(ledger, new SlowClients(ledger));
  const interest = new Interest();
  const dispatcher = new Dispatcher({
    notices: new Notices(() => []),
    table,
    fanOut,
    sessions: new SessionStore(1_000),
    asks: new Asks({ table, fanOut, interest }),
    interest,
    replaced: { code: 4001, reason: "logged in elsewhere" },
    arrivals: new Arrivals(),
    elsewhere: new Moves(),
    refusals: new RefusalCommands(new Refused(table), () => {}),
    presence: new Presence(table),
  });
  const replies: unknown[] = [];
  const send = (...frame: unknown[]) =>
    replies.push(decodeBody(frame[3] as Uint8Array));
  // All of a link that commands touch.
  const link = { link: { send, peer: { address: "a:1" } } } as unknown;
  const say = (command: number, body: Uint8Array, flags = 0) => {
    const header = new FrameHeader();
    header.command = command;
    header.connectionId = 1;
    header.number = 9;
    header.flags = flags;
    dispatcher.onCommand(link as WorkerLink, header, body, 0, body.length);
    return JSON.stringify(replies.pop());
  };
  const sayHeaded = (command: number, value: unknown) => {
    const head = encodeBody(value);
    const body = new Uint8Array(4 + head.length);
    new DataView(body.buffer).setUint32(0, head.length);
    body.set(head, 4);
    return say(command, body, Flag.Head);
  };
  return { client, connection, say, sayHeaded };
}

Deno.test("Dispatcher fails a bind or a join whose name is none", () => {
  const { client, say } = begin();
  for (const command of [Command.BindUid, Command.JoinGroup]) {
    for (const name of ["", "x".repeat(1_025)]) {
      const reply = say(command, new TextEncoder().encode(name));
      assertStringIncludes(reply, "a text of 1 to 1024 characters");
    }
  }
  assertEquals([client.uid, client.groups], [undefined, undefined]);
});

Deno.test("Dispatcher fails a close whose code or reason no close frame can have", () => {
  const { connection, sayHeaded } = begin();
  for (
    const close of [
      { code: 999 },
      { code: 5_000 },
      { code: 65_536 + 1_000 },
      { code: 1000.5 },
      { reason: "é".repeat(62) },
    ]
  ) {
    const reply = sayHeaded(Command.CloseClient, close);
    assertStringIncludes(reply, "code must be 1000 to 4999 and reason at most");
  }
  assertEquals(connection.closed, undefined);

  assertEquals(sayHeaded(Command.CloseClient, { code: 1011 }), "true");
  assertEquals(connection.closed, { code: 1011, reason: "" });
});
