/**
 * The client library where no WebSocket gets through.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { connect } from "../../../lib/client/mod.ts";
import { connect as connectCore } from "../../../lib/client/core.ts";
import { EventSocket } from "../../../lib/client/sse/mod.ts";
import { defineHandler } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LinkProxy } from "../../_support/link_proxy.ts";
import { HttpProxy } from "../../_support/http_proxy.ts";

function start(): Promise<TestCluster> {
  return startCluster({
    handler: defineHandler({
      message: (event) => event.binary ? event.bytes() : event.text(),
      request: (event) => event.answer(event.data()),
    }),
    // What a proxy goes on reading that nobody wants any more ends with that.
    gateway: { resume: {}, handshakeTimeout: 1_000 },
  });
}

Deno.test("a client whose WebSocket is refused twice goes on without, and comes back to its session", async () => {
  await using cluster = await start();
  await using proxy = new HttpProxy(`127.0.0.1:${cluster.gateway.addr.port}`);
  using cable = new LinkProxy(proxy.address);
  const socket = connect(`ws://${cable.address}/`);
  const heard: unknown[] = [];
  socket.on("message", (message) => heard.push(message));
  const backs: unknown[] = [];
  socket.on("back", (back) => backs.push(back));

  await socket.send("a\r\nb");
  assertEquals(proxy.refused, 2);
  await socket.send(new Uint8Array([0, 1, 255]));
  assertEquals(await socket.request("echo", { a: 1 }), { a: 1 });
  const { id } = socket;
  cable.cut();
  await eventually("it came back", () => backs.length > 0);
  await socket.send("after");
  await eventually("it heard all", () => heard.length === 3);

  assertEquals(heard, ["a\r\nb", new Uint8Array([0, 1, 255]), "after"]);
  assertEquals([socket.id, backs], [id, [{ missed: 0, resent: 0 }]]);
  // What got through once is not tried anew.
  assertEquals(proxy.refused, 2);
  socket.close();
  await eventually("it is gone", () => cluster.gateway.clients === 0);
});

Deno.test({
  name: "a client behind a proxy that holds answers back asks for short ones",
  // The proxy still reads the answer that nobody waits for any more.
  sanitizeResources: false,
  fn: async () => {
    await using cluster = await start();
    const target = `127.0.0.1:${cluster.gateway.addr.port}`;
    await using proxy = new HttpProxy(target, { buffers: true });
    EventSocket.patience = 200;
    const socket = connectCore(`ws://${proxy.address}/`, {
      WebSocket: EventSocket,
    });
    const heard: unknown[] = [];
    socket.on("message", (message) => heard.push(message));

    for (let i = 0; i < 5; i++) await socket.send(`${i}`);
    await eventually("it heard all", () => heard.length === 5);

    assertEquals(heard, ["0", "1", "2", "3", "4"]);
    assertEquals(cluster.gateway.report().resume?.resumed, 0);
    socket.close();
    await eventually("it is gone", () => cluster.gateway.clients === 0);
  },
});
