/**
 * Clients that are not ours: Deno's own, the `ws` package on Deno and on Node, and
 * Node's own where there is a Node that has one.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { CompressionOptions, HandlerEvent } from "@gatewayworker/core";
import { WebSocket as WsClient } from "ws";
import { ClientListener } from "../../../lib/transport/listener/listener.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { Inbox } from "../../_support/inbox.ts";
import { TestClient } from "../../_support/test_client.ts";

const LONG = "the quick brown fox jumps over the lazy dog, ".repeat(100);

function echo(event: HandlerEvent): string | Uint8Array | undefined {
  if (event.type !== "message") return undefined;
  return event.binary ? event.bytes() : event.text();
}

function start(compression?: CompressionOptions): Promise<TestCluster> {
  const gateway = compression === undefined ? {} : { compression };
  return startCluster({ handler: echo, gateway });
}

/** A client of the `ws` package, whose messages can be waited for. */
async function dialWs(port: number, options: object) {
  const socket = new WsClient(`ws://127.0.0.1:${port}/`, options);
  const messages = new Inbox<{ data: Uint8Array; binary: boolean }>();
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  socket.on(
    "message",
    (data: Uint8Array, binary: boolean) =>
      messages.push({ data: new Uint8Array(data), binary }),
  );
  await new Promise((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return { socket, messages, closed };
}

Deno.test("Deno's WebSocket talks to a gateway, text and binary, and closes properly", async () => {
  await using cluster = await start();
  const client = await cluster.connect();
  const binary = new Uint8Array(100_000).map((_, i) => i * 31);

  client.send("hello");
  client.send(binary);

  assertEquals(await client.hear(), "hello");
  assertEquals(await client.hear(), binary);
  await client.close(3000);
  assertEquals((await client.closed).code, 3000);
});

for (
  const [what, compression, offered, isCompressed] of [
    ["without compression", undefined, false, false],
    ["that offers compression in vain", undefined, true, false],
    ["with compression", {}, true, true],
    ["with compression and context", { contextTakeover: true }, true, true],
    ["with compression and a small window", { windowBits: 9 }, true, true],
  ] as const
) {
  Deno.test(`ws ${what} talks to a gateway`, async () => {
    await using cluster = await start(compression);
    const { port } = cluster.gateway.addr;
    const { socket, messages, closed } = await dialWs(port, {
      perMessageDeflate: offered && { threshold: 0 },
    });

    assertEquals(socket.extensions.includes("deflate"), isCompressed);
    for (let i = 0; i < 5; i++) {
      socket.send(`${i} ${LONG}`);
      const { data, binary } = await messages.next();
      assertEquals(new TextDecoder().decode(data), `${i} ${LONG}`);
      assertEquals(binary, false);
    }
    socket.send(new Uint8Array(200_000).fill(7));
    assertEquals((await messages.next()).data, new Uint8Array(200_000).fill(7));

    socket.close(1000);
    assertEquals(await closed, 1000);
  });
}

Deno.test("ws is answered its pings", async () => {
  await using cluster = await start();
  const { port } = cluster.gateway.addr;
  const { socket, closed } = await dialWs(port, {});
  const pong = new Promise<string>((resolve) =>
    socket.on("pong", (data: Uint8Array) => resolve(String(data)))
  );

  socket.ping("are you there?");

  assertEquals(await pong, "are you there?");
  socket.close();
  await closed;
});

Deno.test("ws and Deno's client get one broadcast, each as it agreed", async () => {
  await using cluster = await start({ threshold: 10 });
  const { port } = cluster.gateway.addr;
  const compressed = await dialWs(port, {});
  const plain = await dialWs(port, { perMessageDeflate: false });
  await using own = await TestClient.connect(`ws://127.0.0.1:${port}/`);
  const outside = await cluster.outside();

  await outside.sendToAll(LONG);

  assertEquals(await own.hear(), LONG);
  for (const { socket, messages, closed } of [compressed, plain]) {
    const { data } = await messages.next();
    assertEquals(new TextDecoder().decode(data), LONG);
    socket.close();
    await closed;
  }
});

Deno.test("a broadcast to 1,000 clients with compression costs one deflate", async () => {
  const connections = new Set<
    Parameters<ConstructorParameters<typeof ClientListener>[2]>[0]
  >();
  let open = 0;
  await using listener = new ClientListener(
    "ws://127.0.0.1:0",
    { compression: {} },
    (connection) => {
      connections.add(connection);
      return {
        onOpen: () => void open++,
        onMessage: () => {},
        onClose: () => void open--,
      };
    },
  );
  const { port } = listener.addr;
  const clients: Awaited<ReturnType<typeof dialWs>>[] = [];
  for (let batch = 0; batch < 10; batch++) {
    const dials = Array.from({ length: 100 }, () => dialWs(port, {}));
    clients.push(...await Promise.all(dials));
  }
  assertEquals(open, 1_000);

  const encoded = new Map<unknown, Uint8Array>();
  for (const connection of connections) {
    const { codec } = connection;
    const frame = encoded.get(codec) ??
      codec.encode(new TextEncoder().encode(LONG), false);
    encoded.set(codec, frame);
    connection.sendEncoded(frame);
  }

  for (const { messages } of clients) {
    const { data } = await messages.next();
    assertEquals(data.length, LONG.length);
  }
  assertEquals(listener.compressions, 1);
  for (const { socket, closed } of clients) {
    socket.terminate();
    await closed;
  }
});

const NODE_CLIENT = new URL("./_node_client.mjs", import.meta.url).pathname;

/** The messages that it has echoed. */
const NODE_ECHOES = 8;

/** Runs Node; what it prints, or nothing if there is none. */
async function runNode(args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await new Deno.Command("node", { args }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch (error) {
    assert(error instanceof Deno.errors.NotFound, String(error));
    return undefined;
  }
}

/** The flags with which Node has a WebSocket; nothing if it has none. */
async function findNodeWebSocket(): Promise<string[] | undefined> {
  for (const flags of [[], ["--experimental-websocket"]]) {
    const type = await runNode([...flags, "-p", "typeof WebSocket"]);
    if (type === "function") return flags;
  }
  return undefined;
}

const hasNode = await runNode(["-p", "1"]) !== undefined;
const ownFlags = await findNodeWebSocket();

/** Runs the client on Node; what it tells of itself. */
async function echoOnNode(
  compression: CompressionOptions | undefined,
  args: (url: string) => string[],
): Promise<Record<string, unknown>> {
  await using cluster = await start(compression);
  const { port } = cluster.gateway.addr;
  return JSON.parse(await runNode(args(`ws://127.0.0.1:${port}/`)) ?? "");
}

for (
  const [what, compression] of [
    ["without compression", undefined],
    ["with compression", {}],
  ] as const
) {
  Deno.test({
    name: `Node's own WebSocket talks to a gateway ${what}${
      ownFlags === undefined ? ": skipped, there is no Node that has one" : ""
    }`,
    ignore: ownFlags === undefined,
    fn: async () => {
      const told = await echoOnNode(
        compression,
        (url) => [...ownFlags ?? [], NODE_CLIENT, url],
      );

      assertEquals([told.echoes, told.code], [NODE_ECHOES, 1000]);
    },
  });
}

for (
  const [what, compression, offered, isCompressed] of [
    ["without compression", undefined, false, false],
    ["with compression", {}, true, true],
    ["with compression and context", { contextTakeover: true }, true, true],
  ] as const
) {
  Deno.test({
    name: `ws on Node ${what} talks to a gateway${
      hasNode ? "" : ": skipped, there is no Node"
    }`,
    ignore: !hasNode,
    fn: async () => {
      const options = { perMessageDeflate: offered && { threshold: 0 } };
      const told = await echoOnNode(compression, (url) => [
        NODE_CLIENT,
        url,
        import.meta.resolve("ws"),
        JSON.stringify(options),
      ]);

      assertEquals([told.echoes, told.code], [NODE_ECHOES, 1000]);
      assertEquals(String(told.extensions).includes("deflate"), isCompressed);
    },
  });
}
