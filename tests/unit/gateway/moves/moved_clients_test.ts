import { assertEquals } from "@std/assert";
import type { WorkerLink } from "../../../../lib/gateway/workers/worker_link.ts";
import { LogLines } from "../../../_support/log_lines.ts";
import type { GatewayPeers } from "../../../../lib/gateway/moves/gateway_peers.ts";
import {
  type MovedClient,
  MovedClients,
} from "../../../../lib/gateway/moves/moved_clients.ts";
import {
  ClientRequests,
  RequestCounts,
} from "../../../../lib/gateway/workers/client_requests.ts";
import { requestText } from "../../../../lib/wire/bodies/typed_text.ts";

/** One client that moved long ago, with a request that is not answered. */
function begin(peers: Partial<GatewayPeers> = {}) {
  const requests = new ClientRequests({
    connectionId: 1,
    counts: new RequestCounts(),
    say: () => {},
  });
  requests.add("7", 1);
  const moved = new MovedClients(peers as GatewayPeers);
  moved.add({
    client: { connectionId: 1, route: { requests } },
    link: { link: { isOpen: false } },
    address: "127.0.0.1:2900",
    hashes: ["hash"],
    until: 0,
    isDone: true,
    isConfirmed: true,
  } as unknown as MovedClient);
  return { moved, requests };
}

Deno.test("MovedClients forgets a client whose requests went along with it", () => {
  const { moved } = begin();

  moved.sweep();

  assertEquals([moved.size, moved.byHash("hash")], [0, undefined]);
});

Deno.test("MovedClients remembers a client as long as a worker here has its request", () => {
  const { moved, requests } = begin();
  const worker = { link: { isOpen: true, send: () => {} } };
  const payload = new TextEncoder().encode(requestText("7", "name", null));
  requests.leave({
    connectionId: 1,
    command: 0,
    flags: 0,
    deliveries: 0,
    number: 1,
    payload,
  }, worker);

  moved.sweep();
  assertEquals(moved.size, 1);

  worker.link.isOpen = false;
  moved.sweep();
  assertEquals(moved.size, 0);
});

Deno.test("MovedClients passes on what waits until a gateway is dialled, and drops what is too much", async () => {
  await using log = await LogLines.collect();
  const dialled = Promise.withResolvers<WorkerLink>();
  const { moved } = begin({
    current: () => undefined,
    link: () => dialled.promise,
  });
  const megabyte = new Uint8Array(1_048_576);
  for (let each = 0; each < 100; each++) moved.send(1, megabyte, 0);
  let passed = 0;
  const link = { link: { send: () => passed++ } };

  dialled.resolve(link as unknown as WorkerLink);
  await dialled.promise;
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(passed, 63);
  moved.send(1, megabyte, 0);
  await new Promise((resolve) => setTimeout(resolve, 0));

  assertEquals(passed, 64);
  assertEquals(log.lines.length, 1);
});
