/**
 * Typed events and questions by HTTP and from a shell.
 *
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { defineHandler } from "../../../mod.ts";
import { AdminServer } from "../../../lib/admin/mod.ts";
import { TestCluster } from "../../../lib/testing/mod.ts";

const TOKEN = "s3cret";

/** A cluster with one client that may be asked, and what is asked of it by HTTP. */
async function start() {
  const stack = new AsyncDisposableStack();
  const cluster = stack.use(await TestCluster.start(defineHandler({})));
  const client = await cluster.connect({ protocol: "gatewayworker.v1" });
  const plain = await cluster.connect();
  const { calls } = cluster;
  const options = { cluster: calls, listen: "127.0.0.1:0", token: TOKEN };
  const server = stack.use(await AdminServer.start(options));
  const post = async (path: string, body: unknown) => {
    const url = `http://127.0.0.1:${server.addr.port}/api/${path}`;
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization: `Bearer ${TOKEN}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: await response.json() };
  };
  return {
    cluster,
    client,
    plain,
    post,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

Deno.test("POST /api/notify tells clients that know it, and says how many", async () => {
  await using admin = await start();
  const { client, plain, post } = admin;
  const id = [client.id, plain.id];

  const answers = [
    await post("notify", { to: "all", name: "opened", data: { at: 9 } }),
    await post("notify", { to: "client", id, name: "closed" }),
    await post("notify", { to: "uid", id: "nobody", name: "closed" }),
  ];

  assertEquals(
    answers.map(({ status, body }) => [status, body]),
    [[200, { reached: 1 }], [200, { reached: 1 }], [200, { reached: 0 }]],
  );
  assertEquals(client.told, [
    { name: "opened", data: { at: 9 } },
    { name: "closed", data: null },
  ]);
});

Deno.test("POST /api/ask says who answered what, and who did not", async () => {
  await using admin = await start();
  const { client, plain, post } = admin;
  client.onAsk = (name, data) => [name, data];

  const { status, body } = await post("ask", {
    to: "client",
    id: [client.id, plain.id],
    name: "sure",
    data: 1,
    timeout: 1_000,
  });

  assertEquals([status, body], [200, {
    results: [{ clientId: client.id, value: ["sure", 1] }],
    missing: [plain.id],
  }]);
});

Deno.test("a typed order that is wrong gets a clear error, and nobody is told", async () => {
  await using admin = await start();
  const { client, post } = admin;

  for (
    const [path, body, error] of [
      ["notify", [], "must be a JSON object"],
      ["notify", { to: "all", name: "x", oops: 1 }, 'found "oops"'],
      ["notify", { to: "all", name: "x", timeout: 1 }, 'found "timeout"'],
      ["notify", { to: "everybody", name: "x" }, '"to" must be one of'],
      ["notify", { to: "all", id: "x", name: "x" }, '"id" must be left out'],
      ["notify", { to: "uid", name: "x" }, '"id" must be a text or a list'],
      ["notify", { to: "client", id: "7", name: "x" }, "20 hex digits"],
      ["notify", { to: "all" }, "without white space"],
      ["ask", { to: "all", name: "x", timeout: 0 }, "1 to 600000"],
      ["ask", { to: "all", name: "a b" }, "without white space"],
    ] as const
  ) {
    const response = await post(path, body);
    assertEquals(response.status, 400);
    assertStringIncludes(response.body.error, error);
  }
  assertEquals(client.told, []);
});
