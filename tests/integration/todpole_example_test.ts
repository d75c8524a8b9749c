import { assert, assertEquals, assertNotEquals } from "@std/assert";
import type { Handler, Message } from "../../mod.ts";
import type { HandlerEvent } from "../../mod.ts";
import handle from "../../examples/todpole/handler.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import type { TestClient } from "../_support/test_client.ts";

/** The example without its page, which wants a port of its own. */
const handler: Handler = (event: HandlerEvent, cluster) =>
  event.type === "start" || event.type === "stop"
    ? undefined
    : handle(event, cluster);

/** A page: it is welcomed first. */
async function enter(
  cluster: TestCluster,
  gateway = cluster.gateway,
): Promise<{ client: TestClient; id: number }> {
  const client = await cluster.connect(gateway);
  const { type, id, ...rest } = read(await client.hear());
  assertEquals([type, rest], ["welcome", {}]);
  assert(Number.isSafeInteger(id));
  return { client, id: Number(id) };
}

function read(message: Message): Record<string, unknown> {
  return JSON.parse(String(message));
}

async function hear(client: TestClient): Promise<Record<string, unknown>> {
  return read(await client.hear());
}

Deno.test("tadpoles are welcomed with numbers of their own, on whichever gateway", async () => {
  await using cluster = await startCluster({ handler, gateways: 2 });
  const [first, second] = cluster.gateways;
  const ids = new Set<number>();
  for (const gateway of [first, second, first, second]) {
    ids.add((await enter(cluster, gateway)).id);
  }

  assertEquals(ids.size, 4);
});

Deno.test("an update goes to everybody, its sender too, with numbers where texts came", async () => {
  await using cluster = await startCluster({ handler });
  const ann = await enter(cluster);
  const ben = await enter(cluster);
  ann.client.send(
    '{"type":"update","x":"12.5","y":"-3.0","angle":"1.571","momentum":"0.250","name":"Ann"}',
  );

  const update = {
    type: "update",
    id: ann.id,
    angle: 1.571,
    momentum: 0.25,
    x: 12.5,
    y: -3,
    life: 1,
    name: "Ann",
    authorized: false,
  };
  assertEquals(await hear(ann.client), update);
  assertEquals(await hear(ben.client), update);
});

Deno.test("what is missing or no number counts as 0, and a guest has a name", async () => {
  await using cluster = await startCluster({ handler });
  const { client, id } = await enter(cluster);
  client.send('{"type":"update","x":"deep","angle":null,"momentum":[1]}');

  const { x, y, angle, momentum, name } = await hear(client);

  assertEquals([x, y, angle, momentum, name], [0, 0, 0, 0, `Guest.${id}`]);
});

Deno.test("what a tadpole says is heard by all, and so is that it left", async () => {
  await using cluster = await startCluster({ handler });
  const ann = await enter(cluster);
  const ben = await enter(cluster);
  assertNotEquals(ann.id, ben.id);

  ann.client.send('{"type":"message","message":"Hello <b>pond</b>"}');
  const said = { type: "message", id: ann.id, message: "Hello <b>pond</b>" };
  assertEquals(await hear(ann.client), said);
  assertEquals(await hear(ben.client), said);

  await ann.client.close();
  assertEquals(await hear(ben.client), { type: "closed", id: ann.id });
});

Deno.test("logins, junk and bytes that are no text are ignored", async () => {
  await using cluster = await startCluster({ handler });
  const { client, id } = await enter(cluster);
  for (
    const junk of [
      '{"type":"login"}',
      '{"type":"authorize","token":"t","verifier":"v"}',
      "0",
      "not JSON",
      "[]",
      new Uint8Array([0xff, 0xfe]),
    ]
  ) client.send(junk);
  client.send('{"type":"message","message":"still here"}');

  assertEquals(await hear(client), {
    type: "message",
    id,
    message: "still here",
  });
});
