import { assert, assertEquals } from "@std/assert";
import type { Call } from "../../../../lib/gateway/commands/call.ts";
import {
  Client,
  type EventTaker,
} from "../../../../lib/gateway/clients/client.ts";
import { Arrivals } from "../../../../lib/gateway/clients/arrivals.ts";
import { Moves } from "../../../../lib/gateway/moves/moves.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { FanOut } from "../../../../lib/gateway/commands/fan_out.ts";
import { Ledger } from "../../../../lib/gateway/clients/ledger.ts";
import { PartWaits } from "../../../../lib/gateway/commands/part_waits.ts";
import { MessageCommands } from "../../../../lib/gateway/commands/message_commands.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import { Interest } from "../../../../lib/link/interest.ts";
import { Queries } from "../../../../lib/gateway/commands/queries.ts";
import {
  type AnsweredRequest,
  type AnswerParts,
  QueryRunner,
} from "../../../../lib/gateway/commands/query_runner.ts";
import { SlowClients } from "../../../../lib/gateway/clients/slow_clients.ts";
import { decodeBody } from "../../../../lib/wire/body.ts";
import { FrameHeader } from "../../../../lib/wire/frame.ts";
import {
  type ClientQuery,
  type ClientRows,
  encodeQuery,
  type NameQuery,
  type NameRows,
  readClientRows,
  readNameRows,
} from "../../../../lib/wire/bodies/query.ts";
import { encodeSession } from "../../../../lib/wire/bodies/session.ts";
import { encodeTarget } from "../../../../lib/wire/bodies/target.ts";
import { FakeConnection } from "../_fake_connection.ts";

const NOBODY: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};
const NOTHING = new Uint8Array(0);

/** Takes an answer whole, and keeps the size of its parts. */
class TakingRunner extends QueryRunner {
  readonly parts: unknown[] = [];
  readonly sizes: number[] = [];

  override run(_request: AnsweredRequest, parts: AnswerParts): void {
    for (let done = false; !done;) {
      const result = parts.next();
      done = result.done ?? false;
      this.parts.push(decodeBody(result.value));
      this.sizes.push(result.value.length);
    }
  }
}

function call(head: Uint8Array): Call {
  return {
    // Only its link is handed on, and the runner above does not look at it.
    link: {} as Call["link"],
    header: new FrameHeader(),
    head,
    buffer: NOTHING,
    start: 0,
    end: 0,
  };
}

function tableOf(
  count: number,
  arrange: (client: Client) => void,
): ClientTable {
  const table = new ClientTable({ firstId: 1 });
  for (let each = 0; each < count; each++) {
    const client = new Client(table.nextId(), 0, NOBODY);
    table.add(client);
    arrange(client);
  }
  return table;
}

function partsOf(table: ClientTable) {
  return { interest: new Interest(), presence: new Presence(table) };
}

function askClients(
  table: ClientTable,
  query: Partial<ClientQuery>,
): { parts: ClientRows[]; sizes: number[] } {
  using runner = new TakingRunner();
  const head = encodeQuery({ fields: [], timeout: 1, ...query });
  new Queries(table, runner, partsOf(table)).selectClients(call(head));
  return { parts: runner.parts.map(readClientRows), sizes: runner.sizes };
}

function askNames(
  table: ClientTable,
  query: Partial<NameQuery>,
): { parts: NameRows[]; sizes: number[] } {
  using runner = new TakingRunner();
  const head = encodeQuery({
    index: "groups",
    field: "none",
    timeout: 1,
    ...query,
  });
  new Queries(table, runner, partsOf(table)).selectNames(call(head));
  return { parts: runner.parts.map(readNameRows), sizes: runner.sizes };
}

Deno.test("a part has at most 256 clients, and all parts together have each once", () => {
  const table = tableOf(1_000, () => {});

  const { parts } = askClients(table, {});

  assertEquals(parts.map(({ ids }) => ids.length), [256, 256, 256, 232]);
  const ids = parts.flatMap(({ ids }) => ids);
  assertEquals(ids, Array.from({ length: 1_000 }, (_, index) => index + 1));
});

Deno.test("a part ends at about 64 KiB, though its clients are few", () => {
  const session = encodeSession({ text: "x".repeat(20_000) });
  const table = tableOf(10, (client) => client.changeState({ session }));

  const { parts, sizes } = askClients(table, { fields: ["session"] });

  assertEquals(parts.map(({ ids }) => ids.length), [4, 4, 2]);
  assert(sizes.every((size) => size < 128 * 1024));
});

Deno.test("clients that are not there make no endless part either", () => {
  const table = tableOf(1, () => {});
  const connections = Array.from({ length: 1_000 }, (_, index) => 999 - index);

  const { parts } = askClients(table, { connections });

  assertEquals(parts.flatMap(({ ids }) => ids), [1]);
  assertEquals(parts.length, 4);
});

Deno.test("a group with more members than a part comes in several, each with its name", () => {
  const table = new ClientTable({ firstId: 1 });
  for (let each = 0; each < 600; each++) {
    const client = new Client(table.nextId(), 0, NOBODY);
    table.add(client);
    table.joinGroup(client, "large");
  }

  const { parts } = askNames(table, { field: "clients" });

  assertEquals(parts.map(({ names }) => names), [
    ["large"],
    ["large"],
    ["large"],
  ]);
  const members = new Set(parts.flatMap(({ clients }) => clients.flat()));
  assertEquals(members.size, 600);
});

Deno.test("100,000 clients are answered in parts of a bounded size", () => {
  const session = encodeSession({ name: "somebody", rank: 7 });
  const table = new ClientTable({ firstId: 1 });
  for (let each = 0; each < 100_000; each++) {
    const client = new Client(table.nextId(), 0, NOBODY);
    client.changeState({ session });
    table.add(client);
    table.bindUid(client, `uid ${each}`);
  }

  const { parts, sizes } = askClients(table, { fields: ["session", "uid"] });
  const names = askNames(table, { index: "uids" });

  assertEquals(parts.flatMap(({ ids }) => ids).length, 100_000);
  assertEquals(names.parts.flatMap(({ names }) => names).length, 100_000);
  assert(Math.max(...sizes, ...names.sizes) < 128 * 1024);
});

Deno.test("a message to one of 1,000 groups touches its members, and none of 10,000 clients besides", () => {
  const table = new ClientTable({ firstId: 1 });
  const touched: number[] = [];
  for (let each = 0; each < 10_000; each++) {
    const client = new Client(table.nextId(), 0, NOBODY);
    const connection = new FakeConnection();
    Object.defineProperty(client, "connection", {
      get: () => {
        touched.push(client.connectionId);
        return connection;
      },
    });
    table.add(client);
    table.joinGroup(client, `group ${each % 1_000}`);
  }
  const ledger = new Ledger();
  const fanOut = new FanOut(ledger, new SlowClients(ledger));
  const interest = new Interest();
  const waits = new PartWaits();
  const commands = new MessageCommands({
    table,
    fanOut,
    interest,
    waits,
    arrivals: new Arrivals(),
    elsewhere: new Moves(),
  });

  const head = encodeTarget({ groups: ["group 7"] });
  assertEquals(commands.sendToGroup(call(head)), 10);

  assertEquals(
    new Set(touched),
    new Set(Array.from({ length: 10 }, (_, index) => index * 1_000 + 8)),
  );
});
