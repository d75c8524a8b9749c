import { LINK_VERSIONS } from "../../lib/link/link_version.ts";
/**
 * Who serves a new client, and who has a uid or is in a group. The baseline of each
 * group is the smallest case: the others show how the cost grows.
 *
 *     deno bench -A tests/bench/routing_bench.ts
 *
 * @module
 */
import { Client, type EventTaker } from "../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../lib/gateway/clients/client_table.ts";
import { Router } from "../../lib/gateway/workers/router.ts";
import { WorkerLink } from "../../lib/gateway/workers/worker_link.ts";

const NOBODY: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

/** What a bench found, so that no result is dead code. */
let seen = 0;

for (const workers of [1, 10, 100]) {
  const router = new Router();
  for (let i = 0; i < workers; i++) router.add(idleLink(i));

  Deno.bench({
    name: `${workers} worker(s)`,
    group: "choose the worker of a new client",
    baseline: workers === 1,
    fn() {
      const link = router.least();
      if (link !== undefined) seen += ++link.clients;
    },
  });
}

for (const count of [100, 20_000]) {
  const table = new ClientTable({ firstId: 1 });
  for (let i = 1; i <= count; i++) {
    const client = new Client(i, 0, NOBODY);
    table.add(client);
    table.bindUid(client, `uid ${i}`);
    table.joinGroup(client, `group ${i % 30}`);
  }
  const newest = table.get(count) as Client;
  let next = 0;

  Deno.bench({
    name: `${count} clients`,
    group: "find a client by its id",
    baseline: count === 100,
    fn() {
      next = next % count + 1;
      seen += table.get(next)?.connectionId ?? 0;
    },
  });

  Deno.bench({
    name: `${count} clients`,
    group: "find the clients of a uid",
    baseline: count === 100,
    fn() {
      next = next % count + 1;
      seen += table.withUid(`uid ${next}`).size;
    },
  });

  Deno.bench({
    name: `${count} clients`,
    group: "join a group and leave it",
    baseline: count === 100,
    fn() {
      table.joinGroup(newest, "one more");
      table.leaveGroup(newest, "one more");
    },
  });
}

/** A link to a worker that never says anything. */
function idleLink(i: number): WorkerLink {
  const conn = {
    read: () => Promise.resolve(null),
    write: (bytes: Uint8Array) => Promise.resolve(bytes.length),
    close: () => {},
  };
  const names = {
    name: "",
    instance: `${i}`,
    address: "",
    version: LINK_VERSIONS.highest,
  };
  const welcome = { gatewayId: "7f00000107d0", window: 1_048_576 };
  return new WorkerLink({
    conn,
    peer: { role: "worker", ...names },
    welcome,
    owner: {
      onCommand: () => {},
      onProgress: () => {},
      onKept: () => {},
      onDraining: () => {},
      onDeferred: () => undefined,
      onReleased: () => {},
      onClosed: () => {},
    },
  });
}
