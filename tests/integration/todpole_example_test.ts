import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotEquals,
} from "@std/assert";
import type { Handler, Message } from "../../mod.ts";
import type { HandlerEvent } from "../../mod.ts";
import handle from "../../examples/todpole/handler.ts";
import { startCluster, type TestCluster } from "../_support/cluster.ts";
import type { TestClient } from "../_support/test_client.ts";
import { hasChromium, TestBrowser } from "../dashboard/browser.ts";
import { problems } from "../dashboard/problems.ts";

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

  assertEquals([x, y, angle, momentum, name], [
    0,
    0,
    0,
    0,
    `Guest.${id % 10_000}`,
  ]);
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

/** Serves the page, for a cluster of a test. */
async function servePage(cluster: TestCluster) {
  const file = new URL("../../examples/todpole/index.html", import.meta.url);
  const html = (await Deno.readTextFile(file)).replace(
    "{{gateway}}",
    `127.0.0.1:${cluster.gateway.addr.port}`,
  );
  const headers = { "content-type": "text/html; charset=utf-8" };
  return Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    () => new Response(html, { headers }),
  );
}

Deno.test({
  name:
    "the page of todpole says how to swim until one does, and texts fit on a phone",
  ignore: !hasChromium(),
  fn: async () => {
    await using cluster = await startCluster({ handler });
    await using server = await servePage(cluster);
    await using browser = await TestBrowser.start();
    const url = `http://127.0.0.1:${server.addr.port}`;
    await using opened = await browser.open(url, { width: 390, height: 844 });
    const { page, complaints } = opened;
    await page.getByText("You have the pond to yourself").waitFor();

    const isHinted = await page.isVisible("#hint");
    await page.keyboard.down("ArrowRight");
    await page.waitForSelector("#hint", { state: "hidden" });
    await page.keyboard.up("ArrowRight");
    const widest = await page.evaluate(`
      water.font = "11px system-ui, sans-serif";
      Math.max(...["x".repeat(200), "to and fro ".repeat(18)]
        .flatMap((text) => linesOf(text, 190))
        .map((line) => water.measureText(line).width))`);

    assert(isHinted);
    assertLessOrEqual(Number(widest), 190);
    assertEquals(await problems(page), []);
    assertEquals(complaints, []);
  },
});
