import { assert, assertEquals, assertLess } from "@std/assert";
import {
  Client,
  type EventTaker,
} from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";

const TAKER: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

function addTo(table: ClientTable): Client {
  const client = new Client(table.nextId(), 0, TAKER);
  table.add(client);
  return client;
}

function ids(clients: Iterable<Client>): number[] {
  return [...clients].map(({ connectionId }) => connectionId);
}

Deno.test("ClientTable.nextId() counts up, never gives 0, and begins anew after the last", () => {
  const table = new ClientTable({ firstId: 0xffff_fffe });

  assertEquals(
    [table.nextId(), table.nextId(), table.nextId(), table.nextId()],
    [0xffff_fffe, 0xffff_ffff, 1, 2],
  );
});

Deno.test("ClientTable.nextId() passes over clients that are there or whose end is not handled", () => {
  const table = new ClientTable({ firstId: 0xffff_ffff });
  const [last, first, second] = [addTo(table), addTo(table), addTo(table)];
  assertEquals(ids([last, first, second]), [0xffff_ffff, 1, 2]);
  table.depart(first);

  const again = new ClientTable({ firstId: 0xffff_ffff });
  for (const client of [first, second]) again.add(client);
  again.depart(first);

  assertEquals([again.nextId(), again.nextId()], [0xffff_ffff, 3]);
});

Deno.test("ClientTable begins at random, so that a restarted gateway gives new ids", () => {
  const firsts = new Set(
    Array.from({ length: 10 }, () => new ClientTable().nextId()),
  );

  assertLess(1, firsts.size);
  for (const first of firsts) assert(first > 0 && first < 2 ** 30 + 1);
});

Deno.test("ClientTable finds a client that left until it is forgotten, but does not count it", () => {
  const table = new ClientTable({ firstId: 1 });
  const client = addTo(table);

  table.depart(client);

  assertEquals(table.get(1), undefined);
  assertEquals(table.find(1), client);
  assertEquals([table.size, table.departed], [0, 1]);
  assertEquals(ids(table.all()), []);
  assertEquals(ids(table.everybody()), [1]);
  table.forget(client.connectionId);
  assertEquals(table.find(1), undefined);
  assertEquals(table.departed, 0);
});

Deno.test("ClientTable.bindUid() puts a uid in place of an earlier one", () => {
  const table = new ClientTable({ firstId: 1 });
  const client = addTo(table);
  table.bindUid(client, "tom");

  table.bindUid(client, "ann");

  assertEquals(ids(table.withUid("tom")), []);
  assertEquals(ids(table.withUid("ann")), [1]);
  assertEquals([...table.uids()], ["ann"]);
});

Deno.test("ClientTable lets many clients have one uid", () => {
  const table = new ClientTable({ firstId: 1 });
  const clients = [addTo(table), addTo(table)];

  for (const client of clients) table.bindUid(client, "tom");

  assertEquals(ids(table.withUid("tom")), [1, 2]);
});

Deno.test("ClientTable counts a change of uid as a change of the client's state, once", () => {
  const table = new ClientTable({ firstId: 1 });
  const client = addTo(table);

  table.bindUid(client, "tom");
  table.bindUid(client, "tom");
  assertEquals(client.route.stateVersion, 1);
  table.unbindUid(client);
  table.unbindUid(client);

  assertEquals(client.route.stateVersion, 2);
  assertEquals(client.uid, undefined);
});

Deno.test("ClientTable has a group for as long as it has members", () => {
  const table = new ClientTable({ firstId: 1 });
  const [one, other] = [addTo(table), addTo(table)];
  table.joinGroup(one, "lobby");
  table.joinGroup(one, "lobby");
  table.joinGroup(other, "lobby");

  table.leaveGroup(one, "lobby");
  assertEquals(ids(table.inGroup("lobby")), [2]);
  table.leaveGroup(other, "lobby");
  table.leaveGroup(other, "never joined");

  assertEquals([...table.groups()], []);
  assertEquals(ids(table.inGroup("lobby")), []);
});

Deno.test("ClientTable takes a client that leaves out of its groups and its uid", () => {
  const table = new ClientTable({ firstId: 1 });
  const [leaving, staying] = [addTo(table), addTo(table)];
  for (const client of [leaving, staying]) {
    table.bindUid(client, "tom");
    table.joinGroup(client, "lobby");
  }
  table.joinGroup(leaving, "alone");

  table.depart(leaving);

  assertEquals(ids(table.withUid("tom")), [2]);
  assertEquals(ids(table.inGroup("lobby")), [2]);
  assertEquals([...table.groups()], ["lobby"]);
  // For the worker that is told of its end.
  assertEquals(leaving.uid, "tom");
});
