/**
 * The client library at a real gateway, over a cable that can be cut.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { accept, Gateway, type Handler, refuse } from "../../../mod.ts";
import { WebSocket } from "ws";
import { CallError, type SocketConstructor } from "../../../lib/client/mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { TestLine } from "./_test_line.ts";

const echo: Handler = (event) => {
  if (event.type !== "message") return;
  return event.binary ? event.bytes() : event.text();
};

function start(handler: Handler = echo): Promise<TestCluster> {
  return startCluster({ handler, gateway: { resume: {} } });
}

const BARE = { sanitizeOps: false, sanitizeResources: false };

Deno.test(
  "a client's messages come once and in order though its cable is cut again and again",
  BARE,
  async () => {
    const heard: string[] = [];
    await using cluster = await start((event) => {
      if (event.type === "message") heard.push(event.text());
      return echo(event, undefined as never);
    });
    using line = new TestLine(cluster.gateway);
    const sent = Array.from({ length: 60 }, (_, i) => `${i}`);

    const handled: Promise<void>[] = [];
    for (const [i, text] of sent.entries()) {
      handled.push(line.socket.send(text));
      if (i % 20 === 10) {
        await line.opened();
        line.cable.cut();
        await eventually("it is away", () => line.socket.state === "away");
      }
    }
    await Promise.all(handled);

    await eventually(
      "all is back",
      () => line.told.filter((each) => typeof each === "string").length === 60,
    );
    assertEquals(
      line.told.filter((each) => typeof each === "string"),
      sent,
    );
    assertEquals(heard, sent);
    const backs = line.told.filter((each) => typeof each === "object");
    assertEquals(backs.length, 3);
    for (const each of backs as { back: { missed: number } }[]) {
      assertEquals(each.back.missed, 0);
    }
  },
);

Deno.test(
  "bytes come as bytes, also those that are sent again",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    await line.opened();
    line.cable.cut();
    await eventually("it is away", () => line.socket.state === "away");

    line.socket.send(new Uint8Array([1, 2, 3]));

    const [back, bytes] = await line.hear(2);
    assertEquals(back, { back: { missed: 0, resent: 1 } });
    assertEquals(bytes, new Uint8Array([1, 2, 3]));
  },
);

Deno.test(
  "a client whose cable fell silent is back within seconds of waking, by another socket",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    await line.opened();
    const { id } = line.socket;
    line.cable.freeze();
    line.socket.send("into the void");
    // As a browser does when its network has changed.
    globalThis.dispatchEvent(new Event("online"));
    await eventually("it noticed", () => line.socket.state === "away");
    line.cable.thaw();

    await eventually(
      "the answer came",
      () => line.told.includes("into the void"),
    );
    assertEquals(line.socket.id, id);
    assertEquals(
      line.told.filter((each) => each === "into the void").length,
      1,
    );
  },
);

Deno.test(
  "what was sent to a client that was away comes when it is back, and once",
  BARE,
  async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    await using cluster = await start((event) => {
      if (event.type === "connect") resolve(event.client.id);
    });
    using line = new TestLine(cluster.gateway);
    const id = await promise;
    await line.opened();
    line.cable.cut();
    await eventually("it is away", () => line.socket.state === "away");
    await using outside = await cluster.outside();
    for (let i = 0; i < 5; i++) outside.sendToClient(id, `${i}`);

    const told = await line.hear(6);

    assertEquals(told, [
      { back: { missed: 0, resent: 0 } },
      ...["0", "1", "2", "3", "4"],
    ]);
  },
);

Deno.test(
  "a client of a gateway that was started anew gets back what may be lost",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway);
    await line.opened();
    await line.socket.send("known to be handled");
    line.cable.freeze();
    const lost = line.socket.send("may be lost");
    line.cable.cut();
    line.cable.thaw();
    const { port } = cluster.gateway.addr;
    await cluster.gateways.pop()?.shutdown();
    const second = await Gateway.start({
      listen: [`ws://127.0.0.1:${port}`],
      startPort: 0,
      register: cluster.registers,
      resume: {},
    });
    cluster.gateways.push(second);

    await assertRejects(() => lost, CallError, "lost");
    const fresh = line.told.find((each) => typeof each === "object");
    assertEquals(fresh, {
      // Its address within the cluster is another one, too.
      fresh: { reason: "elsewhere", returned: [{ data: "may be lost" }] },
    });
  },
);

Deno.test(
  "a client that is refused is told why, and does not come back",
  BARE,
  async () => {
    await using cluster = await startCluster({
      handler: echo,
      gateway: {
        resume: {},
        authorize: ({ credential }) =>
          credential === "good" ? accept() : refuse(401, "Who are you?"),
      },
    });
    using line = new TestLine(cluster.gateway, { token: () => "bad" });

    const [told] = await line.hear(1);

    assertEquals((told as { closed: { code: number } }).closed.code, 4010);
    assertEquals(line.socket.state, "closed");
    assert(line.cable.passed === 1);
  },
);

Deno.test("the token function is asked at every connect", BARE, async () => {
  const shown: unknown[] = [];
  await using cluster = await startCluster({
    handler: echo,
    gateway: {
      resume: {},
      authorize: ({ credential }) => {
        shown.push(credential);
        return accept({ uid: "ann" });
      },
    },
  });
  let asked = 0;
  using line = new TestLine(cluster.gateway, { token: () => ({ n: ++asked }) });
  await line.opened();
  line.cable.cut();

  await line.hear(1);

  assertEquals(shown, [{ n: 1 }, { n: 2 }]);
  assertEquals(line.told, [{ back: { missed: 0, resent: 0 } }]);
});

Deno.test(
  "the library runs on the sockets of the package ws, for a Node that has none",
  BARE,
  async () => {
    await using cluster = await start();
    using line = new TestLine(cluster.gateway, {
      WebSocket: WebSocket as unknown as SocketConstructor,
    });
    await line.socket.send("hello");
    line.cable.cut();
    line.socket.send(new Uint8Array([1]));

    const told = await line.hear(3);

    assertEquals(told, [
      "hello",
      { back: { missed: 0, resent: 1 } },
      new Uint8Array([1]),
    ]);
  },
);
