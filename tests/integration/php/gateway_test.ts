import { assert, assertEquals } from "@std/assert";
import { PhpCommand, PhpFlag } from "../../../lib/php/packet.ts";
import { startCluster, type TestCluster } from "../../_support/cluster.ts";
import { eventually } from "../../_support/eventually.ts";
import {
  packetOf,
  PhpWire,
  programHello,
  workerHello,
} from "../../_support/php_wire.ts";
import type { TestClient } from "../../_support/test_client.ts";

const handler = () => {};

/** A cluster with no worker of ours, whose gateway takes nodes of the original. */
function phpCluster(more = {}): Promise<TestCluster> {
  const gateway = { phpPeers: true, ...more };
  return startCluster({ handler, workers: 0, gateway });
}

/** Connects a client, and returns its connection id as a worker is told it. */
async function arrive(
  cluster: TestCluster,
  worker: PhpWire,
  path = "/",
): Promise<{ client: TestClient; id: number }> {
  const client = await cluster.connect(cluster.gateway, path);
  const { connectionId: id } = await worker.packets.until(({ command }) =>
    command === PhpCommand.OnConnect
  );
  await worker.packets.until(({ command }) =>
    command === PhpCommand.OnWebSocketConnect
  );
  return { client, id };
}

Deno.test("a worker of the original is told of a client in its own protocol, and answers", async () => {
  await using cluster = await phpCluster();
  const { lanAddress, addr } = cluster.gateway;
  using worker = await PhpWire.worker(lanAddress);
  const client = await cluster.connect(
    cluster.gateway,
    "/room?a=1&b[]=2&c.d=e%20f",
  );

  const connect = await worker.packets.next();
  assertEquals(connect.command, PhpCommand.OnConnect);
  assertEquals(connect.localIp, 0x7f000001);
  assertEquals(connect.localPort, Number(lanAddress.split(":")[1]));
  assertEquals(connect.clientIp, 0x7f000001);
  assertEquals(connect.gatewayPort, addr.port);
  assertEquals([connect.extra, connect.body, connect.flags], ["", "", 1]);
  const { connectionId } = connect;
  const upgrade = await worker.packets.next();
  assertEquals(upgrade.command, PhpCommand.OnWebSocketConnect);
  assertEquals(upgrade.flags, 0);
  assert(
    upgrade.body.startsWith(
      'a:3:{s:3:"get";a:3:{s:1:"a";s:1:"1";s:1:"b";a:1:{i:0;s:1:"2";}s:3:"c_d";s:3:"e f";}' +
        's:6:"server";a:',
    ),
    upgrade.body,
  );

  client.send("hello");
  const message = await worker.packets.next();
  assertEquals(
    [message.command, message.body, message.flags],
    [PhpCommand.OnMessage, "hello", PhpFlag.Scalar],
  );
  assertEquals(message.connectionId, connectionId);
  await worker.command({
    command: PhpCommand.SendToOne,
    connectionId,
    body: "world",
  });
  assertEquals(await client.hear(), "world");

  await client.close();
  const close = await worker.packets.next();
  assertEquals(
    [close.command, close.connectionId, close.body],
    [PhpCommand.OnClose, connectionId, ""],
  );
  await cluster.settled();
});

Deno.test("what a worker of the original stores as a session comes back byte by byte", async () => {
  await using cluster = await phpCluster();
  using worker = await PhpWire.worker(cluster.gateway.lanAddress);
  using program = await PhpWire.dial(cluster.gateway.lanAddress, "program");
  const { client, id: connectionId } = await arrive(cluster, worker);
  for (
    const session of [
      'a:2:{s:1:"f";d:0.10000000000000001;s:1:"o";O:3:"Foo":1:{s:1:"x";R:1;}}',
      'a:1:{s:1:"b";s:2:"\udcff\udcfe";}',
      "no serialized value",
    ]
  ) {
    await worker.command({
      command: PhpCommand.SetSession,
      connectionId,
      extra: session,
    });
    client.send("x");
    assertEquals((await worker.packets.next()).extra, session);
    const command = PhpCommand.GetSessionByClientId;
    assertEquals(await program.ask({ command, connectionId }), session);
  }
});

Deno.test("a session is merged as PHP does, and not where that would change what it says", async () => {
  await using cluster = await phpCluster();
  using worker = await PhpWire.worker(cluster.gateway.lanAddress);
  const { client, id: connectionId } = await arrive(cluster, worker);
  const merge = async (extra: string) => {
    const command = PhpCommand.UpdateSession;
    await worker.command({ command, connectionId, extra });
    client.send("x");
    return (await worker.packets.next()).extra;
  };

  const first = 'a:2:{s:1:"a";a:2:{i:0;i:1;i:1;d:2;}s:1:"o";O:1:"A":0:{}}';
  assertEquals(await merge(first), first);
  assertEquals(
    await merge('a:2:{s:1:"n";N;s:1:"a";a:1:{i:1;s:1:"b";}}'),
    'a:3:{s:1:"a";a:2:{i:0;i:1;i:1;s:1:"b";}s:1:"o";O:1:"A":0:{}s:1:"n";N;}',
  );
  const before = await merge("a:0:{}");
  assertEquals(await merge('a:2:{s:1:"x";i:1;s:1:"y";R:2;}'), before);
  assertEquals(await merge("i:1;"), before);
  assertEquals(await merge("broken"), before);
});

Deno.test("a GatewayClient that connects for one call and closes at once is heard", async () => {
  await using cluster = await phpCluster();
  const { lanAddress } = cluster.gateway;
  using worker = await PhpWire.worker(lanAddress);
  const { client, id: connectionId } = await arrive(cluster, worker);
  for (let i = 0; i < 20; i++) {
    using once = await PhpWire.dial(lanAddress, "program");
    await once.command({
      command: PhpCommand.SendToOne,
      connectionId,
      body: `${i}`,
    });
  }
  const heard = new Set(await client.hearAll(20));
  assertEquals(heard.size, 20);
});

Deno.test("several requests in one write are answered in their order, and then the end is", async () => {
  await using cluster = await phpCluster();
  using worker = await PhpWire.worker(cluster.gateway.lanAddress);
  const { client, id: connectionId } = await arrive(cluster, worker);
  using program = await PhpWire.dial(cluster.gateway.lanAddress, "program");

  await program.send(
    packetOf({ command: PhpCommand.BindUid, connectionId, extra: "7" }),
    packetOf({ command: PhpCommand.JoinGroup, connectionId, extra: "g" }),
    packetOf({ command: PhpCommand.GetClientIdByUid, extra: "7" }),
    packetOf({ command: PhpCommand.GetClientCountByGroup, extra: "g" }),
    packetOf({ command: PhpCommand.SendToUid, extra: "[7]", body: "to seven" }),
    packetOf({ command: PhpCommand.IsOnline, connectionId: 1 }),
  );
  await program.end();

  assertEquals(await program.replies.next(), `a:1:{i:0;i:${connectionId};}`);
  assertEquals(await program.replies.next(), "i:1;");
  assertEquals(await program.replies.next(), "i:0;");
  assertEquals(await client.hear(), "to seven");
  await program.closed;
});

Deno.test("with a key, whoever does not show it first is refused, and nobody else notices", async () => {
  await using cluster = await phpCluster({ phpSecretKey: "p" });
  const { lanAddress } = cluster.gateway;
  using worker = await PhpWire.worker(lanAddress, "BW:0", "p");
  const { client, id: connectionId } = await arrive(cluster, worker);
  const kick = packetOf({ command: PhpCommand.Destroy, connectionId });
  for (
    const bytes of [
      kick,
      programHello("wrong"),
      programHello(""),
      workerHello("BW:0", "wrong"),
      packetOf({ command: PhpCommand.GatewayClientConnect, body: "no JSON" }),
      new Uint8Array(28),
    ]
  ) {
    using stranger = await PhpWire.dial(lanAddress, "program");
    await stranger.send(bytes, kick);
    await stranger.closed;
  }
  assertEquals(cluster.gateway.refusedLinks, 6);

  using program = await PhpWire.dial(lanAddress, "program");
  const ask = packetOf({ command: PhpCommand.IsOnline, connectionId });
  await program.send(programHello("p"), ask, programHello("p"), ask);
  assertEquals(await program.replies.next(), "i:1;");
  assertEquals(await program.replies.next(), "i:1;");
  client.send("still here");
  assertEquals((await worker.packets.next()).body, "still here");
});

Deno.test("without the option, nodes of the original are refused as they were", async () => {
  await using cluster = await startCluster({ handler, workers: 0 });
  using worker = await PhpWire.worker(cluster.gateway.lanAddress);
  await worker.closed;
  assertEquals(cluster.gateway.refusedLinks, 1);
});

Deno.test("when a worker of the original dies, its clients go to one of ours, with their session", async () => {
  const sessions: unknown[] = [];
  await using cluster = await startCluster({
    workers: 0,
    gateway: { phpPeers: true },
    handler: (event) => {
      if (event.type !== "message") return;
      sessions.push({ ...event.client.session });
      event.client.send(`ours: ${event.text()}`);
    },
  });
  const worker = await PhpWire.worker(cluster.gateway.lanAddress);
  const { client, id: connectionId } = await arrive(cluster, worker);
  await worker.command({
    command: PhpCommand.SetSession,
    connectionId,
    extra: 'a:2:{s:4:"name";s:3:"tom";s:4:"list";a:1:{i:0;d:0.5;}}',
  });
  await cluster.addWorker();
  client.send("to php");
  await worker.packets.next();
  worker[Symbol.dispose]();
  await eventually(
    "the gateway misses the worker",
    () => cluster.gateway.workers === 1,
  );
  client.send("after");
  assertEquals(await client.hear(), "ours: after");
  assertEquals(sessions, [{ name: "tom", list: [0.5] }]);
  await cluster.settled();
  assertEquals(cluster.gateway.report().php?.lost, 2);
});

Deno.test("a program that asks for much and reads nothing is waited for, and others are answered", async () => {
  await using cluster = await phpCluster();
  const { lanAddress } = cluster.gateway;
  using worker = await PhpWire.worker(lanAddress);
  const { id: connectionId } = await arrive(cluster, worker);
  const extra = `a:1:{s:1:"x";s:50000:"${"x".repeat(50_000)}";}`;
  const set = { command: PhpCommand.SetSession, connectionId, extra };
  using program = await PhpWire.dial(lanAddress, "program");
  const get = { command: PhpCommand.GetSessionByClientId, connectionId };
  await program.send(packetOf(set));
  assertEquals(await program.ask(get), extra);

  const [hostname = "", port] = lanAddress.split(":");
  using mute = await Deno.connect({ hostname, port: Number(port) });
  const asked = new Uint8Array(28 * 2_000);
  for (let i = 0; i < 2_000; i++) asked.set(packetOf(get), 28 * i);
  await mute.write(asked);
  for (let i = 0; i < 20; i++) assertEquals(await program.ask(get), extra);

  const buffer = new Uint8Array(1_000_000);
  let bytes = 0;
  while (bytes < 2_000 * (4 + extra.length)) {
    bytes += await mute.read(buffer) ?? 0;
  }
  assertEquals(bytes, 2_000 * (4 + extra.length));
});
