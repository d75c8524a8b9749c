import { assert, assertEquals, assertRejects } from "@std/assert";
import { PhpCommand } from "../../../lib/php/packet.ts";
import { PacketDecoder } from "../../../lib/php/packet_decoder.ts";
import { BusinessWorker, Gateway, Register } from "../../../mod.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import { LogLines } from "../../_support/log_lines.ts";
import { packetOf, PhpWire, workerHello } from "../../_support/php_wire.ts";

/** Has a worker of the original say back what its clients say, until it is gone. */
async function echo(worker: PhpWire): Promise<void> {
  while (true) {
    const { command, connectionId, body } = await worker.packets.next();
    if (command !== PhpCommand.OnMessage) continue;
    await worker.command({
      command: PhpCommand.SendToOne,
      connectionId,
      body: `php:${body}`,
    }).catch(() => {});
  }
}

/** A cluster with one worker of ours, that says who handled what. */
function mixedCluster(
  prefer: "php" | "ours" | "any",
): Promise<TestCluster> {
  return startCluster({
    gateway: { phpPeers: true, prefer },
    handler: (event) =>
      event.type === "message" ? `ours:${event.text()}` : undefined,
  });
}

for (const prefer of ["php", "ours", "any"] as const) {
  Deno.test(`with --prefer ${prefer}, clients go to the workers that are meant`, async () => {
    await using cluster = await mixedCluster(prefer);
    using worker = await PhpWire.worker(cluster.gateway.lanAddress);
    void echo(worker);
    await eventually("both are linked", () => cluster.gateway.workers === 2);
    const heard: unknown[] = [];
    for (let i = 0; i < 4; i++) {
      const client = await cluster.connect();
      client.send("x");
      heard.push(await client.hear());
    }
    const php = heard.filter((text) => text === "php:x").length;
    assertEquals(php, { php: 4, ours: 0, any: 2 }[prefer]);
    await cluster.settled();
  });
}

Deno.test("where workers of both kinds come and go under load, order is kept and every event has its fate", async () => {
  await using cluster = await mixedCluster("any");
  const { lanAddress } = cluster.gateway;
  let worker = await PhpWire.worker(lanAddress);
  void echo(worker);
  await eventually("both are linked", () => cluster.gateway.workers === 2);
  const clients = await Promise.all(
    Array.from({ length: 8 }, () => cluster.connect()),
  );
  const heard = clients.map(() => [] as number[]);
  const listen = async (index: number) => {
    while (true) {
      const text = String(await clients[index]?.hear());
      heard[index]?.push(Number(text.split(":")[1]));
    }
  };
  clients.forEach((_, index) => void listen(index));
  for (let round = 0; round < 60; round++) {
    for (const client of clients) client.send(String(round));
    if (round % 20 === 10) {
      worker[Symbol.dispose]();
      worker = await PhpWire.worker(lanAddress, `BW:${round}`);
      void echo(worker);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await cluster.settled();
  await eventually(
    "everybody hears the last",
    () => heard.every((list) => list.at(-1) === 59),
  );
  worker[Symbol.dispose]();

  const { php } = cluster.gateway.report();
  let missing = 0;
  for (const list of heard) {
    missing += 60 - new Set(list).size;
    // What was being written when a worker went may come twice, but not later.
    assertEquals(list, list.toSorted((a, b) => a - b));
  }
  assert(missing <= (php?.lost ?? 0), `${missing} are missing: ${php?.lost}`);
  cluster.checkLedgers();
});

Deno.test("a worker of the original that does not read holds its clients up, and loses nothing", async () => {
  await using cluster = await startCluster({
    workers: 0,
    gateway: { phpPeers: true, window: 100_000 },
    handler: () => {},
  });
  const [hostname = "", port] = cluster.gateway.lanAddress.split(":");
  const conn = await Deno.connect({ hostname, port: Number(port) });
  await conn.write(workerHello("slow:0"));
  await eventually("it is linked", () => cluster.gateway.workers === 1);
  const client = await cluster.connect();
  const message = "m".repeat(50_000);
  const count = 400;
  for (let i = 0; i < count; i++) client.send(message);
  const held = () =>
    cluster.gateway.ledger.inFlight + cluster.gateway.ledger.parked;
  await eventually("its window is full", () => held() > 0);
  assert(held() * 50_000 < 2_000_000, `${held()} events are held`);

  const decoder = new PacketDecoder();
  const buffer = new Uint8Array(1_000_000);
  let messages = 0;
  while (messages < count) {
    const length = await conn.read(buffer) ?? 0;
    for (const { command } of decoder.push(buffer.slice(0, length))) {
      if (command === PhpCommand.OnMessage) messages++;
    }
  }
  assertEquals(messages, count);
  await cluster.settled();
  conn.close();
});

Deno.test("two workers of one name take each other's place, and the log says so", async () => {
  await using logs = await LogLines.collect();
  await using cluster = await startCluster({
    workers: 0,
    gateway: { phpPeers: true },
    handler: () => {},
  });
  using first = await PhpWire.worker(cluster.gateway.lanAddress, "BW:0");
  const client = await cluster.connect();
  await first.packets.next();
  using second = await PhpWire.worker(cluster.gateway.lanAddress, "BW:0");
  await first.closed;
  client.send("to the second");
  assertEquals((await second.packets.next()).body, "to the second");
  assertEquals(cluster.gateway.workers, 1);
  assert(logs.lines.some((line) => line.includes("came twice")));
});

Deno.test("a gateway that stops tells its workers of the original of every close", async () => {
  await using cluster = await startCluster({
    workers: 0,
    gateway: { phpPeers: true },
    handler: () => {},
  });
  using worker = await PhpWire.worker(cluster.gateway.lanAddress);
  const client = await cluster.connect();
  await worker.packets.next();
  await worker.packets.next();
  await cluster.gateway.shutdown();
  const { command } = await worker.packets.next();
  assertEquals(command, PhpCommand.OnClose);
  await worker.closed;
  assertEquals((await client.closed).code, 1001);
});

Deno.test("a handler that looks at a session with an object of PHP is told why it cannot", async () => {
  const thrown: string[] = [];
  await using cluster = await startCluster({
    gateway: { phpPeers: true },
    handler: (event) => {
      if (event.type !== "message") return;
      try {
        return JSON.stringify(event.client.session);
      } catch (error) {
        thrown.push(String(error));
        return "refused";
      }
    },
  });
  using program = await PhpWire.dial(cluster.gateway.lanAddress, "program");
  const client = await cluster.connect();
  const ids = await program.ask({
    command: PhpCommand.Select,
    extra: '{"fields":["uid"],"where":[]}',
  });
  const connectionId = Number(/i:(\d+);a:1/.exec(ids)?.[1]);
  const session = 'a:2:{s:1:"a";i:1;s:4:"cart";O:4:"Cart":0:{}}';
  const get = { command: PhpCommand.GetSessionByClientId, connectionId };
  await program.send(
    packetOf({
      command: PhpCommand.SetSession,
      connectionId,
      extra: session,
    }),
    packetOf(get),
  );
  assertEquals(await program.replies.next(), session);
  client.send("look");
  assertEquals(await client.hear(), "refused");
  assert(
    thrown[0]?.includes("session.cart of a PHP session") &&
      thrown[0].includes("it is PHP's object"),
    thrown[0],
  );
  const outside = await cluster.outside();
  const [id = ""] = await outside.getAllClientIdList();
  await assertRejects(() => outside.getSession(id), TypeError, "session.cart");
  assertEquals(await program.ask(get), session);

  await outside.setSession(id, { fresh: [1, { b: 0.5 }], when: new Date(0) });
  assertEquals(
    await program.ask(get),
    'a:2:{s:5:"fresh";a:2:{i:0;i:1;i:1;a:1:{s:1:"b";d:0.5;}}' +
      's:4:"when";s:24:"1970-01-01T00:00:00.000Z";}',
  );
});

Deno.test("nobody takes the key of our own nodes for that of the original's", async () => {
  const options = {
    register: [],
    secretKey: ["a", "k"],
    phpPeers: true,
    phpSecretKey: "k",
  };
  const why = "another one";
  const start = { ...options, listen: ["ws://127.0.0.1:0"], startPort: 0 };
  await assertRejects(() => Gateway.start(start), TypeError, why);
  const { register: _, ...trust } = options;
  const listen = "127.0.0.1:0";
  await assertRejects(
    () => Register.start({ ...trust, listen }),
    TypeError,
    why,
  );
  await assertRejects(
    () => BusinessWorker.start({ ...options, handler: () => {} }),
    TypeError,
    why,
  );
});

Deno.test("nodes of the original may not come from anywhere, nor without a key from afar", async () => {
  const start = (more: object) => () =>
    Gateway.start({
      listen: ["ws://127.0.0.1:0"],
      startPort: 0,
      lanIp: "10.1.2.3",
      secretKey: "k",
      phpPeers: true,
      ...more,
    });
  await assertRejects(start({ phpSecretKey: "p" }), TypeError, "--lan-allow");
  await assertRejects(
    start({ lanAllow: ["10.0.0.0/8"] }),
    TypeError,
    "no key",
  );
  await assertRejects(start({ lanCert: "x", lanKey: "x" }), TypeError, "TLS");
});

Deno.test("a connection is one worker, and is ended when it says that it is another", async () => {
  await using cluster = await startCluster({
    workers: 0,
    gateway: { phpPeers: true },
    handler: () => {},
  });
  using worker = await PhpWire.worker(cluster.gateway.lanAddress, "A:0");
  await worker.send(workerHello("A:0"));
  await eventually("it is linked", () => cluster.gateway.workers === 1);
  await worker.send(workerHello("B:0"));
  await worker.closed;
  await eventually("it is gone", () => cluster.gateway.workers === 0);
  assertEquals(cluster.gateway.refusedLinks, 1);
});
