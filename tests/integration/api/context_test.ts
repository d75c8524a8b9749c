/**
 * The calls for "the current client", and that a handler sees what it did.
 *
 * @module
 */
import { assertEquals, assertNotEquals } from "@std/assert";
import {
  defineHandler,
  type HandlerClient,
  type HandlerReturn,
} from "../../../mod.ts";
import { startApiCluster } from "./_api_cluster.ts";

/** Does what a client says to that client itself. */
function act(
  client: HandlerClient,
  words: string,
): HandlerReturn {
  const [verb, word = ""] = words.split(" ");
  switch (verb) {
    case "send":
      return client.send(word);
    case "bytes":
      return client.send(Uint8Array.of(1, 2));
    case "raw":
      return client.send(Uint8Array.of(0x81, 1, 0x78), { raw: true });
    case "close":
      return client.close("bye", { code: 4100, reason: word });
    case "destroy":
      return client.destroy();
    case "bind":
      return client.bindUid(word).then(() => `uid ${client.uid}`);
    case "unbind":
      return client.unbindUid().then(() => `uid ${client.uid}`);
    case "join":
      return client.joinGroup(word);
    case "leave":
      return client.leaveGroup(word);
    default:
      return `uid ${client.uid}`;
  }
}

const handler = defineHandler({
  connect: ({ client }) => client.id,
  message: (event) => act(event.client, event.text()),
});

Deno.test("send() sends to the client whose event it is", async () => {
  await using api = await startApiCluster({ handler });
  const [{ client }] = api.clients;

  for (const words of ["send x", "bytes", "raw"]) client.send(words);

  assertEquals(await client.hearAll(3), ["x", Uint8Array.of(1, 2), "x"]);
});

Deno.test("close() sends what is queued and the message, then closes", async () => {
  await using api = await startApiCluster({ handler });
  const [, , { client }] = api.clients;

  client.send("send x");
  client.send("close over");

  assertEquals(await client.hearAll(2), ["x", "bye"]);
  assertEquals(await client.closed, { code: 4100, reason: "over" });
});

Deno.test("destroy() ends the connection at once", async () => {
  await using api = await startApiCluster({ handler });
  const [, { client, id }] = api.clients;

  client.send("destroy");

  assertNotEquals((await client.closed).code, 1000);
  while (await api.api.isOnline(id));
});

Deno.test("bindUid() and unbindUid() show at once, and at the next event", async () => {
  await using api = await startApiCluster({ handler });
  const [{ client, id }] = api.clients;

  for (const words of ["bind tom", "read", "unbind", "read", "bind ann"]) {
    client.send(words);
  }

  assertEquals(await client.hearAll(5), [
    "uid tom",
    "uid tom",
    "uid undefined",
    "uid undefined",
    "uid ann",
  ]);
  assertEquals(await api.api.getUidByClientId(id), "ann");
});

Deno.test("what others bind shows at the client's next event", async () => {
  await using api = await startApiCluster({ handler });
  const [, , { client, id }] = api.clients;
  for (const [index, caller] of api.callers.entries()) {
    await caller.bindUid(id, `by ${index}`);
    client.send("read");
    assertEquals(await client.hear(), `uid by ${index}`);
  }
});

Deno.test("joinGroup() and leaveGroup() are for the client whose event it is", async () => {
  await using api = await startApiCluster({ handler });
  const [{ client, id }] = api.clients;

  for (const words of ["join lobby", "join room", "leave lobby", "send ok"]) {
    client.send(words);
  }

  assertEquals(await client.hear(), "ok");
  assertEquals(await api.api.getGroupsByClientId(id), ["room"]);
});
