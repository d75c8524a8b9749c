import {
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
} from "@std/assert";
import { defineHandler, Gateway, type Session } from "../../mod.ts";
import { parseAddress } from "../../lib/base/address.ts";
import { greet } from "../../lib/link/handshake.ts";
import { startCluster } from "../_support/cluster.ts";
import { eventually } from "../_support/eventually.ts";
import { LogLines } from "../_support/log_lines.ts";

/** An upgrade request in two parts. */
const HANDSHAKE = [
  "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n",
  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
] as const;

/** Reads until the other side sends nothing for good, or a close frame came. */
async function readAll(conn: Deno.Conn): Promise<Uint8Array> {
  const buffer = new Uint8Array(4_096);
  let filled = 0;
  while (!buffer.subarray(0, filled).toHex().includes("03e9")) {
    const count = await conn.read(buffer.subarray(filled));
    if (count === null) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}

interface Close {
  readonly id: string;
  readonly code: number;
  readonly session: Session;
}

/** Notes the close events, with what the session held. */
function closeHandler(closes: Close[], pause = () => Promise.resolve()) {
  return defineHandler({
    connect: ({ client }) => client.id,
    message: async (event) => {
      event.client.session["last"] = event.text();
      await pause();
      return event.text();
    },
    close: async ({ client, code }) => {
      await pause();
      closes.push({ id: client.id, code, session: { ...client.session } });
    },
  });
}

Deno.test("a gateway that is stopped flushes, closes with 1001, and lets workers handle the ends", async () => {
  const closes: Close[] = [];
  const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 5));
  await using cluster = await startCluster({
    gateways: 2,
    handler: closeHandler(closes, slow),
  });
  const client = await cluster.connect();
  const id = String(await client.hear());
  client.send("hello");
  await client.hear();
  const long = "x".repeat(500_000);
  await cluster.worker.cluster.sendToClient(id, long, { confirm: true });

  await cluster.gateway.shutdown();

  assertEquals(closes, [{ id, code: 1001, session: { last: "hello" } }]);
  assertEquals(await client.hear(), long);
  assertEquals(await client.closed, { code: 1001, reason: "going away" });
  const { accepted, acknowledged } = cluster.gateway.ledger;
  assertEquals(acknowledged, accepted);
  await eventually("the worker forgot it", () => cluster.worker.gateways === 1);
  assertEquals(cluster.worker.clients, 0);
});

Deno.test("a gateway that is stopped does not wait for a client in the middle of its handshake", async () => {
  await using cluster = await startCluster({ handler: () => {} });
  const { hostname, port } = cluster.gateway.addr;
  using conn = await Deno.connect({ hostname, port });
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: x\r\n"));
  const before = Date.now();

  await cluster.gateway.shutdown();

  assertLess(Date.now() - before, 8_000);
});

Deno.test("a gateway that is stopped closes a client too that completes its handshake meanwhile", async () => {
  const gate = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    handler: defineHandler({ connect: () => "hi", close: () => gate.promise }),
  });
  const client = await cluster.connect();
  await client.hear();
  const { hostname, port } = cluster.gateway.addr;
  const late = await Deno.connect({ hostname, port });
  const [first, rest] = HANDSHAKE;
  await late.write(new TextEncoder().encode(first));
  await cluster.settled();

  const stopped = cluster.gateway.shutdown();
  await client.closed;
  await late.write(new TextEncoder().encode(rest));

  const heard = await readAll(late);
  late.close();
  // A close frame whose code is 1001.
  assertEquals(heard.toHex().includes("03e9"), true);
  gate.resolve();
  await stopped;
});

Deno.test("a gateway that takes leave of its workers takes no new ones", async () => {
  await using cluster = await startCluster({ workers: 0, handler: () => {} });
  const { gateway } = cluster;
  const address = parseAddress(gateway.lanAddress);
  // A worker that never answers the gateway's good-bye: that takes time.
  using deaf = await Deno.connect(address);
  const introduction = { role: "worker", name: "", instance: "1" } as const;
  const side = { introduction, secretKeys: [], address: gateway.lanAddress };
  await greet(deaf, side);
  await eventually("it is linked", () => gateway.workers === 1);

  const stopped = gateway.shutdown();
  const frame = new Uint8Array(64);
  assertGreater(await deaf.read(frame) ?? 0, 0, "no word of leave came");
  const late = await Deno.connect(address).catch((error) => error);

  deaf.close();
  await stopped;
  assertInstanceOf(late, Deno.errors.ConnectionRefused);
});

Deno.test("a gateway that is stopped does not wait for ever for a handler", async () => {
  const gate = Promise.withResolvers<void>();
  await using cluster = await startCluster({
    gateway: { stopTimeout: 50 },
    handler: (event) => event.type === "connect" ? gate.promise : undefined,
  });
  await cluster.connect();

  await cluster.gateway.shutdown();

  cluster.checkLedgers();
  gate.resolve();
});

Deno.test("Gateway ends when its signal aborts, and can be shut down twice", async () => {
  const stop = new AbortController();
  const gateway = await Gateway.start({
    listen: ["ws://127.0.0.1:0"],
    startPort: 0,
    register: [],
    signal: stop.signal,
  });

  stop.abort();

  await gateway.finished;
  await gateway.shutdown();
});

Deno.test("Gateway.start() rejects when a port is taken, and leaves nothing behind", async () => {
  await using cluster = await startCluster({ workers: 0, handler: () => {} });
  const { port } = cluster.gateway.addr;

  for (
    const options of [
      { listen: [`ws://127.0.0.1:${port}`], startPort: 0 },
      { listen: ["ws://127.0.0.1:0"], startPort: port },
      {
        listen: ["ws://127.0.0.1:0", `ws://127.0.0.1:${port}`],
        startPort: 0,
      },
    ]
  ) {
    const [result] = await Promise.allSettled([
      Gateway.start({ ...options, register: [] }),
    ]);
    assertEquals(result.status, "rejected");
    const reason: unknown = "reason" in result ? result.reason : undefined;
    assertEquals(reason instanceof Deno.errors.AddrInUse, true);
  }
});

Deno.test("when a gateway is lost, each of its clients has one close event, with the last session", async () => {
  const closes: Close[] = [];
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: closeHandler(closes),
  });
  const { worker, loseGateways } = await cluster.addFragileWorker();
  const ids: string[] = [];
  for (const text of ["a", "b", "c"]) {
    const client = await cluster.connect();
    ids.push(String(await client.hear()));
    client.send(text);
    await client.hear();
  }
  await cluster.settled();

  loseGateways();

  await eventually("all ends are told", () => closes.length === 3);
  assertEquals(
    closes.sort((a, b) => a.id < b.id ? -1 : 1),
    ids.map((id, index) => ({
      id,
      code: 1006,
      session: { last: "abc"[index] },
    })).sort((a, b) => a.id < b.id ? -1 : 1),
  );
  await eventually("the worker forgot them", () => worker.clients === 0);
  await worker.shutdown();
  assertEquals(closes.length, 3);
});

Deno.test("when a gateway is lost, a change that it had not confirmed is in the last session too", async () => {
  const closes: Close[] = [];
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: closeHandler(closes, () => (runs++, gate.promise)),
  });
  const { worker, loseGateways } = await cluster.addFragileWorker();
  const client = await cluster.connect();
  const id = await client.hear();
  client.send("one");
  client.send("two");
  const { gateway } = cluster;
  await eventually("both were sent on", () => gateway.ledger.accepted === 3);
  await worker.cluster.isOnline(String(id));
  assertEquals(runs, 1);

  loseGateways();
  await eventually("the worker noticed", () => worker.gateways === 0);
  gate.resolve();

  await eventually("the end is told", () => closes.length === 1);
  assertEquals(closes[0]?.session, { last: "two" });
});

Deno.test("a client that left just before its gateway was lost has one close event", async () => {
  const closes: Close[] = [];
  const gate = Promise.withResolvers<void>();
  let runs = 0;
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    handler: closeHandler(closes, () => (runs++, gate.promise)),
  });
  const { worker, loseGateways } = await cluster.addFragileWorker();
  const client = await cluster.connect();
  const id = String(await client.hear());
  client.send("one");
  await eventually("it came", () => cluster.gateway.ledger.accepted === 2);
  await worker.cluster.closeClient(id, undefined, { code: 4_000 });
  await eventually("both came", () => cluster.gateway.ledger.inFlight === 2);
  // The answer comes behind the close event, which is on its way.
  await worker.cluster.sendToAll("x", { confirm: true });
  assertEquals(runs, 1);

  loseGateways();
  await eventually("the worker noticed", () => worker.gateways === 0);
  gate.resolve();
  await eventually("the end is told", () => closes.length >= 1);
  await worker.shutdown();

  assertEquals(closes.map(({ code }) => code), [4_000]);
});

Deno.test("a Register that is restarted changes nothing for clients, and takes in who comes then", async () => {
  await using _log = await LogLines.collect();
  await using cluster = await startCluster({
    gateways: 2,
    handler: closeHandler([]),
  });
  const clients = await Promise.all(
    cluster.gateways.map((gateway) => cluster.connect(gateway)),
  );
  for (const client of clients) await client.hear();

  await cluster.restartRegister();

  for (const client of clients) {
    client.send("still here");
    assertEquals(await client.hear(), "still here");
  }
  assertEquals(cluster.worker.gateways, 2);
  const gateway = await cluster.addGateway();
  await eventually("they are linked", () => gateway.workers === 1);
  const late = await cluster.connect(gateway);
  await late.hear();
  assertEquals(cluster.worker.gateways, 3);
});
