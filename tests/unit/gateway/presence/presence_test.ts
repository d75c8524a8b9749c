import { assert, assertEquals } from "@std/assert";
import { Client } from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Presence } from "../../../../lib/gateway/presence/presence.ts";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import type { Connection } from "../../../../lib/transport/connection.ts";
import { decodeBlocks } from "../../../../lib/wire/bodies/presence_rows.ts";
import {
  encodeView,
  encodeWatch,
} from "../../../../lib/wire/bodies/presence_view.ts";
import { Command } from "../../../../lib/wire/command.ts";
import { eventually } from "../../../_support/eventually.ts";

const [CLIENTS, GROUPS] = [200, 30];

Deno.test("Presence tells of a crowd that goes at once in frames of bounded length", async () => {
  const table = new ClientTable();
  using presence = new Presence(table);
  const frames: number[] = [];
  const worker = {
    takesClients: true,
    link: {
      isOpen: true,
      peer: { instance: "w" },
      send: (command: number, _: number, __: number, body: Uint8Array) => {
        if (command !== Command.PresenceRows) return;
        const blocks = decodeBlocks(body);
        frames.push(blocks.reduce((sum, { rows }) => sum + rows.length, 0));
      },
    },
  } as unknown as WorkerLink;
  presence.watch(
    worker,
    encodeWatch({ groups: ["*"], uids: [], clients: "none" }),
  );
  presence.release(worker, encodeView({ view: 1, workers: undefined }));
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const client = new Client(table.nextId(), 0, {
      takeMessage: () => {},
      takeEvent: () => {},
      onClientOpen: () => {},
      onClientClosed: () => {},
    });
    client.connection = { codec: {} } as Connection;
    table.add(client);
    table.bindUid(client, `user ${index}`);
    for (let group = 0; group < GROUPS; group++) {
      table.joinGroup(client, `group ${group}`);
    }
    return client;
  });
  await eventually("all have come", () => presence.isIdle);
  frames.length = 0;

  for (const client of clients) table.depart(client);
  await eventually("all have gone", () => presence.isIdle);

  assertEquals(frames.reduce((sum, rows) => sum + rows), CLIENTS * GROUPS);
  assert(frames.every((rows) => rows <= 2_000), `frames of ${frames} rows`);
});
