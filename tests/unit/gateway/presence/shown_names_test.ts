import { assertEquals } from "@std/assert";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import { ShownNames } from "../../../../lib/gateway/presence/shown_names.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import type { Connection } from "../../../../lib/transport/connection.ts";
import { encodeWatch } from "../../../../lib/wire/bodies/presence_view.ts";

Deno.test("ShownNames keeps nothing of a client that is gone before anybody was told of it", () => {
  const table = new ClientTable();
  using presence = new Presence(table);
  const shown = new ShownNames(presence, () => {});
  const worker = {
    takesClients: true,
    link: { isOpen: true, peer: { instance: "w" }, send: () => {} },
  } as unknown as WorkerLink;
  const watch = { groups: ["room"], uids: [], clients: "see" } as const;
  presence.watch(worker, encodeWatch(watch));
  const client = new Client(table.nextId(), 0, {
    takeMessage: () => {},
    takeEvent: () => {},
    onClientOpen: () => {},
    onClientClosed: () => {},
  });
  client.connection = { codec: {} } as Connection;
  table.add(client);
  table.joinGroup(client, "room");
  const frame = new TextEncoder().encode('q1 gw.presence\n{"group":"room"}');

  assertEquals(shown.take(client, frame, 0, frame.length), true);
  assertEquals(shown.watchers, 1);
  client.connection = undefined;
  table.depart(client);

  assertEquals(shown.watchers, 0);
});
