import { assertEquals } from "@std/assert";
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
function begin() {
  const requests = new ClientRequests({
    connectionId: 1,
    counts: new RequestCounts(),
    say: () => {},
  });
  requests.add("7", 1);
  const moved = new MovedClients({} as GatewayPeers);
  moved.add({
    client: { connectionId: 1, route: { requests } },
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
