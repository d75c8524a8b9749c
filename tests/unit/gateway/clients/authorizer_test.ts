import { assertEquals, assertRejects } from "@std/assert";
import {
  accept,
  type Authorize,
  refuse,
} from "../../../../lib/gateway/clients/authorize.ts";
import {
  Client,
  type EventTaker,
} from "../../../../lib/gateway/clients/client.ts";
import { ClientTable } from "../../../../lib/gateway/clients/client_table.ts";
import { Authorizer } from "../../../../lib/gateway/clients/authorizer.ts";
import { Interest } from "../../../../lib/link/interest.ts";
import { TestPeer } from "../_test_peer.ts";

const REQUEST = { target: "/", headers: [] };

const NOBODY: EventTaker = {
  takeMessage: () => {},
  takeEvent: () => {},
  onClientOpen: () => {},
  onClientClosed: () => {},
};

/** A authorizer, and a client that asks to come in. */
function begin(authorize: Authorize) {
  const interest = new Interest();
  const authorizer = new Authorizer(authorize, 1_000, interest, {
    whyNot: () => undefined,
    onGrant: () => {},
  });
  const client = new Client(1, 0, NOBODY);
  const decide = () => authorizer.decide(client, REQUEST, "127.0.0.1:1");
  return { interest, authorizer, client, decide };
}

/** Lets promise jobs and due timers run. */
async function turn(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

Deno.test("Authorizer.decide() lets a client in when all who were told of nobody have heard", async () => {
  using peer = new TestPeer();
  const { interest, decide } = begin(() => accept({ uid: "a", groups: ["b"] }));
  interest.absent("ua", peer);
  interest.absent("gb", peer);

  let isDecided = false;
  const decided = decide().then(() => isDecided = true);
  await turn();

  assertEquals(peer.told.slice(2).sort(), ["present gb", "present ua"]);
  assertEquals(isDecided, false);
  peer.confirm();
  await decided;
  await turn();
});

Deno.test("Authorizer.decide() tells nobody that a name is absent whose client is about to come", async () => {
  using peer = new TestPeer();
  const table = new ClientTable();
  const { interest, authorizer, client, decide } = begin(() =>
    accept({ uid: "a" })
  );
  interest.absent("ua", peer);

  const settled = decide().then(() => {
    interest.absent("ua", peer);
    table.add(client);
    authorizer.settle(client, table);
  });
  await turn();
  interest.absent("ua", peer);
  peer.confirm();
  await settled;

  assertEquals(peer.told, ["absent ua", "present ua"]);
  assertEquals(client.uid, "a");
  await turn();
  table.depart(client);
  interest.absent("ua", peer);
  assertEquals(peer.told.at(-1), "absent ua");
});

Deno.test("Authorizer.decide() announces nobody who is refused, or granted what is none", async () => {
  using peer = new TestPeer();
  const refused = begin(() => refuse(403));
  refused.interest.absent("ua", peer);
  assertEquals((await refused.decide())?.status, 403);

  const wrong = begin(() => accept({ uid: "a", groups: [""] }));
  wrong.interest.absent("ua", peer);
  await assertRejects(wrong.decide, TypeError, "found an empty text");

  assertEquals(peer.told, ["absent ua", "absent ua"]);
});
